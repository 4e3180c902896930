import { assert } from "../lib/assert.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, demand, insist, judge, refuse, type Verdict } from "../lib/verdict.ts";
import type { BlockHeader } from "../protocol/blockHeader.ts";
import type { ContractClose } from "../protocol/contractClose.ts";
import { RUN_MAX } from "../protocol/limits.ts";
import type { ExistenceRecord } from "../protocol/post.ts";
import { judgeLinks } from "./anchoredProof.ts";
import {
  type BlockEffects,
  type ChainFacts,
  type ClosedLeaf,
  isMatch,
} from "./applyTransactions.ts";
import { findBetOracles, findMarketOracles, isBelowResults, showConditions } from "./betOracles.ts";
import type { SortitionBlock } from "./block.ts";
import { placesOutside } from "./successors.ts";

/** Until when one close of a block counts; a close that is recorded later does nothing. */
export type CloseDeadline = {
  readonly contractId: Uint8Array;
  /** The record must stand at or below this main-chain height. */
  readonly heightMax: number;
  /** Keys of the oracles that the close bets on: the record must stand below their results. */
  readonly oracles: readonly Uint8Array[];
  /** Ids of contracts whose space the close takes: it counts only if their own closes, in the same block, do. */
  readonly takes: readonly Uint8Array[];
};

/** A checked block between two posts: its header and the deadlines of its exact closes. */
export type RunBlock = {
  readonly header: BlockHeader;
  readonly deadlines: readonly CloseDeadline[];
};

/** Whether a leaf was closed by its owner's word, which counts only in time: everything but a void close. */
export function isTimed({ by }: ClosedLeaf): boolean {
  return isMatch(by) || by.authorisation.kind === "exact";
}

/** Read the deadlines of a block that holds: of its exact closes, and of what its matches use up. */
export function computeDeadlines(
  block: SortitionBlock,
  effects: BlockEffects,
): Verdict<CloseDeadline[]> {
  return judge(() => {
    const shown = showConditions(block.conditions);
    return effects.closed.filter(isTimed).map(({ by, place, leaf }) => {
      if (isMatch(by)) {
        // Orders of a match count together: the first that comes too late ends it for all.
        const heightMax = Math.min(...by.fills.map(({ terms }) => terms.heightMax));
        const oracles = insist(findMarketOracles(by.market, shown));
        return { contractId: leaf.id, heightMax, oracles, takes: [] };
      }
      assert(by.authorisation.kind === "exact", "a void close has no deadline");
      const { successors, heightMax } = by.authorisation.close;
      const oracles = insist(findBetOracles(place, successors, shown));
      const takes = findTaken(by, effects.closed);
      return { contractId: leaf.id, heightMax, oracles, takes };
    });
  });
}

/** The contracts on whose ranges a close puts successors outside its own, and that were closed by their owners' word. */
function findTaken(close: ContractClose, closed: readonly ClosedLeaf[]): Uint8Array[] {
  const outside = placesOutside(close);
  if (outside.length === 0) return [];
  return closed
    .filter((each) => isTimed(each))
    .filter(({ leaf }) => outside.some(({ lo, hi }) => lo < leaf.hi && leaf.lo < hi))
    .map(({ leaf }) => leaf.id);
}

/**
 * Whether a record continues a chain's history: the blocks after the entry before, at most 64,
 * link to the recorded block.
 *
 * @returns ids of the contracts whose closes came too late and do not count: they stand as they were.
 *   Nobody is to blame for them: an operator cannot know when his post will be recorded.
 * @param entryBefore - hash of the block of the record before; the chain's id before the first.
 * @param resultHeight - height of an oracle's result, 0 while it is open.
 * @param tail - headers of further blocks up to the recorded one, which nobody has checked: the record stands over
 *   the blocks of the run all the same, because the main chain sees nothing but the links.
 * @see docs/PROTOCOL.md section 4, posts and history
 */
export function judgeRecord(
  run: readonly RunBlock[],
  chain: ChainFacts,
  record: ExistenceRecord,
  entryBefore: Uint8Array,
  resultHeight: (key: Uint8Array) => number,
  tail: readonly BlockHeader[] = [],
): Verdict<readonly Uint8Array[]> {
  return judge(() => {
    demand(
      record.height < chain.expiry,
      "POSTED_TOO_LATE",
      `expected a record below height ${chain.expiry}, got ${record.height}`,
    );
    const headers = [...run.map(({ header }) => header), ...tail];
    insist(judgeStep(0, headers.length));
    insist(judgeLinks(headers, chain, record.hash));
    demand(
      equalBytes((headers[0] as BlockHeader).previousHash, entryBefore),
      "NOT_HISTORY",
      "the blocks under the record do not link back to the post before",
    );
    return run.flatMap(({ deadlines }) => findLate(deadlines, record.height, resultHeight));
  });
}

/** The contracts of a block whose closes come too late at `height`: by themselves, or with those whose space they take. */
export function findLate(
  deadlines: readonly CloseDeadline[],
  height: number,
  resultHeight: (key: Uint8Array) => number,
): Uint8Array[] {
  const late = new Set<string>();
  for (;;) {
    const before = late.size;
    for (const { contractId, heightMax, oracles, takes } of deadlines) {
      const isLate =
        height > heightMax ||
        !isBelowResults(height, oracles, resultHeight) ||
        takes.some((id) => late.has(formatHex(id)));
      if (isLate) late.add(formatHex(contractId));
    }
    if (late.size === before) break;
  }
  return deadlines.flatMap(({ contractId }) =>
    late.has(formatHex(contractId)) ? [contractId] : [],
  );
}

/** Whether a post's block may stand at `height`, where the post before was of a block at `heightBefore` (0: none). */
export function judgeStep(heightBefore: number, height: number): Verdict<null> {
  const blocks = height - heightBefore;
  if (blocks < 1) {
    return refuse(
      "NOT_HISTORY",
      `expected a block above ${heightBefore}, which was posted before, got ${height}`,
    );
  }
  if (blocks > RUN_MAX) {
    return refuse(
      "RUN_TOO_LONG",
      `expected at most ${RUN_MAX} blocks under a record, got ${blocks}`,
    );
  }
  return accept(null);
}
