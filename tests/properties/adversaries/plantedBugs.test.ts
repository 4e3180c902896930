import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { ChainFacts } from "../../../src/blocks/applyTransactions.ts";
import type * as History from "../../../src/blocks/history.ts";
import type * as Work from "../../../src/chain/header/proofOfWork.ts";
import type { Proof } from "../../../src/client/breach.ts";
import type * as ChainSync from "../../../src/client/chainSync.ts";
import type * as Checkpoints from "../../../src/client/checkpoints.ts";
import type * as Entries from "../../../src/client/entrySource.ts";
import type { EntrySource } from "../../../src/client/entrySource.ts";
import type * as Obstacles from "../../../src/client/obstacle.ts";
import type * as OwnProof from "../../../src/client/ownProof.ts";
import type * as TakeRecord from "../../../src/client/takeRecord.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import type * as MapProofs from "../../../src/lib/map/mapProof.ts";
import { accept, refuse } from "../../../src/lib/verdict.ts";
import type * as RulesOfTheNetwork from "../../../src/protocol/rules.ts";
import type * as SpaceTrees from "../../../src/space/tree.ts";
import type * as Campaign from "../../adversaries/campaign.ts";
import { findTruths } from "../../adversaries/judge.ts";
import { recordStory } from "../../adversaries/recording.ts";

const SOURCE = "../../../src";
const SEEDS = [1, 2];
const HONEST_SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

/** What a bug is behind, and the class of attack that must find it; or the honest runs. */
type Bug = { readonly plant: () => string; readonly foundBy: string | "honest runs" };

function replace<Module extends object>(
  path: string,
  change: (real: Module) => Partial<Module>,
): string {
  vi.doMock(`${SOURCE}/${path}`, async (original) => {
    const real = await original<Module>();
    return { ...real, ...change(real) };
  });
  return path;
}

const BUGS: Readonly<Record<string, Bug>> = {
  "signatures are not checked": {
    foundBy: "replay from another network",
    plant: () =>
      replace<typeof RulesOfTheNetwork>("protocol/rules.ts", () => ({ isSignedBy: () => true })),
  },
  "space that is taken can be taken again": {
    foundBy: "overlap across roots: the same range sold again",
    plant: () =>
      replace<typeof SpaceTrees>("space/tree.ts", (real) => ({
        takeSpace: (tree, ...rest) => {
          const taken = real.takeSpace(tree, ...rest);
          return taken.ok ? taken : accept(tree);
        },
      })),
  },
  "work is not checked": {
    foundBy: "fake work",
    plant: () =>
      replace<typeof Work>("chain/header/proofOfWork.ts", () => ({ hasWork: () => true })),
  },
  "what a node cannot prove is taken as absent": {
    foundBy: "no proof",
    plant: () =>
      replace<typeof MapProofs>("lib/map/mapProof.ts", (real) => ({
        verifyMapProof: (...args) => {
          const proven = real.verifyMapProof(...args);
          return proven.ok ? proven : accept(undefined);
        },
      })),
  },
  "a chain's own operator is named for what its anchor does": {
    foundBy: "withheld: the block and all after it",
    plant: () =>
      replace<typeof Obstacles>("client/obstacle.ts", (real) => ({
        findObstacle: (chain, ...rest) => {
          const found = real.findObstacle(chain, ...rest);
          return found && { ...found, chain };
        },
      })),
  },
  "a withheld block is overlooked": {
    foundBy: "withheld: the block and all after it",
    plant: () =>
      replace<typeof ChainSync>("client/chainSync.ts", (real) => ({
        syncChain: async (...args) => {
          return { ...(await real.syncChain(...args)), withheldSince: undefined };
        },
      })),
  },
  "a post may be of any block": {
    foundBy: "posted: the last posted block again",
    plant: () =>
      replace<typeof History>("blocks/history.ts", () => ({ judgeStep: () => accept(null) })),
  },
  "what held under a liar's own post is let go": {
    foundBy: "posted: over the user's own block",
    plant: () =>
      replace<typeof TakeRecord>("client/takeRecord.ts", (real) => ({
        takeRecord: (book, entry, under, resultHeight, tail = []) =>
          tail.length > 0
            ? refuse("NEEDS_BLOCKS", "nothing is taken after a breach")
            : real.takeRecord(book, entry, under, resultHeight),
      })),
  },
  "what a reorg has undone was never signed": {
    foundBy: "posted: another block after a reorg",
    plant: () =>
      replace<typeof Checkpoints>("client/checkpoints.ts", (real) => ({
        rollBack: (...args) => {
          const back = real.rollBack(...args);
          return { ...back, book: { ...back.book, fallen: [] } };
        },
      })),
  },
  "after a breach nothing is read again that a reorg has undone": {
    foundBy: "posted: undone by a reorg, and recorded again",
    plant: () =>
      replace<typeof ChainSync>("client/chainSync.ts", (real) => ({
        syncChain: async (book, at, tools, blocksMax) => {
          const wasBroken = book.breach === undefined && broken.has(formatHex(book.chain.id));
          const progress = await real.syncChain(book, at, tools, wasBroken ? 0 : blocksMax);
          if (progress.book.breach !== undefined) broken.add(formatHex(book.chain.id));
          return wasBroken ? { ...progress, isBehind: false } : progress;
        },
      })),
  },
  "a chain is believed wherever it posts": {
    foundBy: "posted: a child anchored twice, in two places",
    plant: () =>
      replace<typeof Entries>("client/entrySource.ts", (real) => ({
        createRecordSource: (chain, at, mainChain) => {
          records = (of) => real.createRecordSource(of, at, mainChain);
          return real.createRecordSource(chain, at, mainChain);
        },
        createAnchorSource: (chain, above) => ({
          ...real.createAnchorSource(chain, above),
          entry: async (index) =>
            (await real.createAnchorSource(chain, above).entry(index)) ??
            (await records?.(chain).entry(index)),
        }),
      })),
  },
  "a holder goes on in a chain that broke a rule": {
    foundBy: "posted: before a holder with his key",
    plant: () =>
      replace<typeof Obstacles>("client/obstacle.ts", () => ({ whyStopped: () => undefined })),
  },
  "a breach costs the holder what he had": {
    foundBy: "posted: before a holder with his key",
    plant: () =>
      replace<typeof OwnProof>("client/ownProof.ts", (real) => ({
        createLine: (chains, own) =>
          chains.some(({ book }) => book.breach !== undefined)
            ? refuse("NOT_POSTED", "nothing of a broken chain is claimed")
            : real.createLine(chains, own),
      })),
  },
  "who is late is accused": {
    foundBy: "honest runs",
    plant: () =>
      replace<typeof ChainSync>("client/chainSync.ts", (real) => ({
        syncChain: async (...args) => {
          const progress = await real.syncChain(...args);
          if (progress.withheldSince === undefined) return progress;
          const at = { blockHeight: 1, transactionIndex: undefined, rule: "LATE", message: "late" };
          const proof: Proof = {
            kind: "block",
            before: undefined,
            block: new Uint8Array(),
            mainHeaders: [],
          };
          const breach = { ...at, against: undefined, proof };
          return { ...progress, book: { ...progress.book, breach } };
        },
      })),
  },
};

/** Chains that were found to be broken, by hex id. */
const broken = new Set<string>();
let records: ((chain: Pick<ChainFacts, "id" | "operator">) => EntrySource) | undefined;

describe("the table of attacks", () => {
  const stories: Campaign.Story[] = [];
  let planted: string | undefined;

  beforeAll(async () => {
    const recording = await recordStory("planted", "exchange");
    stories.push({ recording, truths: await findTruths(recording) });
  }, 120_000);

  afterEach(() => {
    if (planted !== undefined) vi.doUnmock(`${SOURCE}/${planted}`);
    vi.resetModules();
  });

  it.each(Object.entries(BUGS))("finds that %s", async (_, { plant, foundBy }) => {
    vi.resetModules();
    broken.clear();
    planted = plant();
    const { ATTACKS, runHonestly } = await import("../../adversaries/campaign.ts");
    if (foundBy === "honest runs") {
      expect((await runHonestly(stories, HONEST_SEEDS)).wrong.length).toBeGreaterThan(0);
      return;
    }
    const report = await ATTACKS.get(foundBy)?.(stories, SEEDS);
    const { accepted = [], wrongCulprit = [], lost = [] } = report ?? {};
    const found = [...accepted, ...wrongCulprit, ...lost];
    expect(found.length).toBeGreaterThan(0);
  });
});
