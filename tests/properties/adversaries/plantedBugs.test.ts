import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type * as Work from "../../../src/chain/header/proofOfWork.ts";
import type { Proof } from "../../../src/client/breach.ts";
import type * as ChainSync from "../../../src/client/chainSync.ts";
import type * as Obstacles from "../../../src/client/obstacle.ts";
import type * as MapProofs from "../../../src/lib/map/mapProof.ts";
import { accept } from "../../../src/lib/verdict.ts";
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
    planted = plant();
    const { ATTACKS, runHonestly } = await import("../../adversaries/campaign.ts");
    if (foundBy === "honest runs") {
      expect((await runHonestly(stories, HONEST_SEEDS)).wrong.length).toBeGreaterThan(0);
      return;
    }
    const report = await ATTACKS.get(foundBy)?.(stories, SEEDS);
    const found = [...(report?.accepted ?? []), ...(report?.wrongCulprit ?? [])];
    expect(found.length).toBeGreaterThan(0);
  });
});
