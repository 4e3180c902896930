import type { CloseProof } from "../../blocks/closeProof.ts";
import { judgeCloseProof, judgeSlashSize } from "../../chain/settlement/judgeSlash.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import { findCloseBasis } from "../closeBasis.ts";
import type { MainChain } from "../mainChain.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import { SourceError, type WalletStore } from "../ports.ts";
import { readSettlementView, type SettlementReads } from "../settlementView.ts";
import { cacheReads } from "./cachedReads.ts";
import type { Trail } from "./dispute.ts";
import type { KeptClose } from "./keptClose.ts";
import { lineageOfChains, listSealed } from "./ownLines.ts";
import { createRunReader, type RunReader } from "./readRun.ts";
import { type KeptWalk, nameClose, openTrailRows } from "./trailRows.ts";
import { type ClosePosition, startWalk, stepWalk, type Walk, type WalkTools } from "./walkTrail.ts";

/** Blocks that are read again for trails in one round. */
const BLOCKS_AT_ONCE = 64;

/**
 * Collects, for every contract that is held and every one that a followed chain is made of, the closes by which those gave
 * theirs up who stood on its place before: with them nobody can claim it by an older leaf. Each is checked by the main
 * chain's own rules before it is kept.
 */
export type Trails = {
  of(chainId: Uint8Array, leafId: Uint8Array): Trail;
  /** The closes of a contract's trail, as far as they are collected. */
  closesOf(chainId: Uint8Array, leafId: Uint8Array): readonly KeptClose[];
  /** Everything that is kept, of all trails. */
  closes(): readonly KeptClose[];
  /** Go on with what is not collected, and begin anew what a reorg has undone. */
  advance(): Promise<void>;
};

export async function createTrails(options: {
  readonly rules: Rules;
  readonly store: WalletStore;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
}): Promise<Trails> {
  const { mainChain, tracker } = options;
  // Every signature was checked when its block was taken, and is under the hash by which the block is known again.
  const rules: Rules = { ...options.rules, verify: () => true };
  const rows = await openTrailRows(options.store);
  /** What hinders a trail, in words, and the main-chain block under which it was found. */
  const hindered = new Map<string, { readonly missing: string; readonly under: Uint8Array }>();

  const nameOf = (chainId: Uint8Array, leafId: Uint8Array) =>
    `${formatHex(chainId)}:${formatHex(leafId)}`;

  /** Whether the record over a close stands where it stood when that was checked. */
  function isStanding({ recordHeight, under }: KeptClose): boolean {
    const state = mainChain.book().states[recordHeight];
    return state !== undefined && equalBytes(state.hash, under);
  }

  function open(walk: KeptWalk): Walk {
    return { ...walk, closes: walk.closes.flatMap((name) => rows.close(name) ?? []) };
  }

  /** The closes of a walk that has come to its end. */
  function closesBefore(name: string): readonly KeptClose[] | undefined {
    const walk = rows.walk(name);
    return walk?.heights.length === 0 ? open(walk).closes : undefined;
  }

  function listWatched(): {
    readonly name: string;
    readonly chain: TrackedChain;
    readonly own: OwnLeaf;
  }[] {
    return tracker.chains().flatMap((chain) =>
      [...chain.book.own.values(), ...chain.book.inside.values()]
        // A close that is not recorded yet may still come to nothing.
        .filter(({ closedUnder }) => closedUnder === undefined)
        .map((own) => ({ name: nameOf(chain.followed.facts.id, own.leaf.id), chain, own })),
    );
  }

  /** A proof that counts by what the main chain holds, with all that is kept of it. */
  async function prove(
    chain: TrackedChain,
    proof: CloseProof,
    { block: { entry, block }, index }: ClosePosition,
    reads: SettlementReads,
  ): Promise<Verdict<KeptClose>> {
    const chains = tracker.withAncestors(chain);
    const lineage = lineageOfChains(chains);
    const topId = chain.settlement?.chainId ?? lineage[0].id;
    const basis = findCloseBasis([proof], lineage);
    if (!basis.ok) return basis;
    const view = await readSettlementView(reads, rules, topId, {
      ...basis.value,
      line: listSealed(chains),
      shownKeys: [],
    });
    const record = view.chain(topId);
    if (record === undefined) return refuse("SETTLED", "the chain has ended");
    const proven = judgeCloseProof(proof, lineage, record, view);
    if (!proven.ok) return proven;
    const slash = {
      kind: "close",
      chainId: topId,
      resultKey: topId,
      level: 0,
      closes: [proof],
    } as const;
    if (!judgeSlashSize(slash, rules.parameters).ok) {
      return refuse("TOO_LONG", "a close before it is too long for the main chain to be shown");
    }
    const { height } = block.header;
    const { closed, successors } = proven.value;
    const recordHeight = entry.record.height;
    const under = mainChain.book().states[recordHeight]?.hash;
    if (under === undefined) return refuse("NOT_POSTED", "the record over the close is gone");
    const chainId = chain.followed.facts.id;
    return accept({ chainId, height, index, closed, successors, recordHeight, under, proof });
  }

  async function collect(
    name: string,
    chain: TrackedChain,
    own: OwnLeaf,
    budget: { blocks: number },
    reader: RunReader,
    reads: SettlementReads,
  ): Promise<Verdict<null>> {
    const kept = rows.walk(name);
    const begun = kept === undefined ? begin(chain, own) : accept(open(kept));
    if (!begun.ok) return begun;
    let walk = begun.value;
    const { id: chainId } = chain.followed.facts;
    const tools: WalkTools = {
      reader,
      prove: (proof, at) => prove(chain, proof, at, reads),
      proven: (at) => rows.close(nameClose({ chainId, ...at })),
      before: ({ id }) => closesBefore(nameOf(chainId, id)),
    };
    while (walk.heights.length > 0 && budget.blocks > 0) {
      budget.blocks -= 1;
      const next = await stepWalk(walk, tools);
      if (!next.ok) return next;
      const found = next.value.closes.slice(walk.closes.length);
      const names = next.value.closes.map(nameClose);
      const done = await rows.keep(name, { ...next.value, closes: names }, found);
      if (!done.ok) return done;
      walk = next.value;
    }
    return accept(null);
  }

  return {
    of(chainId, leafId) {
      const name = nameOf(chainId, leafId);
      const walk = rows.walk(name);
      if (walk !== undefined && walk.heights.length === 0) {
        const bytes = walk.closes.reduce((sum, each) => sum + rows.bytesOf(each), 0);
        return { kind: "complete", closes: walk.closes.length, bytes };
      }
      const trouble = hindered.get(name);
      return trouble === undefined
        ? { kind: "collecting" }
        : { kind: "incomplete", missing: trouble.missing };
    },

    closesOf(chainId, leafId) {
      const walk = rows.walk(nameOf(chainId, leafId));
      return walk === undefined ? [] : open(walk).closes;
    },

    closes: rows.closes,

    async advance() {
      const watched = listWatched();
      const wanted = new Set(watched.map(({ name }) => name));
      const isUndone = (name: string) =>
        rows.walk(name)?.closes.some((each) => !isFound(each)) === true;
      const isFound = (name: string) => {
        const close = rows.close(name);
        return close !== undefined && isStanding(close);
      };
      await rows.drop(rows.names().filter(isUndone));
      const budget = { blocks: BLOCKS_AT_ONCE };
      const { hash: under } = mainChain.tip();
      const reads = cacheReads(mainChain);
      const readers = new Map(
        tracker
          .chains()
          .map((chain) => [chain, createRunReader(chain, tracker.historyOf(chain), rules)]),
      );
      for (const { name, chain, own } of watched) {
        if (rows.walk(name)?.heights.length === 0 || own.post === undefined) continue;
        const last = hindered.get(name);
        if (last !== undefined && equalBytes(last.under, under)) continue;
        hindered.delete(name);
        try {
          const reader = readers.get(chain);
          if (reader === undefined) continue;
          const done = await collect(name, chain, own, budget, reader, reads);
          if (!done.ok) hindered.set(name, { missing: done.message, under });
        } catch (error) {
          if (!(error instanceof SourceError)) throw error;
          hindered.set(name, { missing: "no main-chain node proves what is recorded", under });
        }
      }
      // What came of a contract has taken over its closes by now.
      await rows.drop(rows.names().filter((name) => !wanted.has(name)));
    },
  };
}

function begin({ book }: TrackedChain, { leaf, place }: OwnLeaf): Verdict<Walk> {
  if (book.shareSince !== undefined) {
    return refuse("OWN_SHARE", "only the own share of its chain is checked");
  }
  return startWalk(place, leaf.madeIn, book.releases);
}
