import { equalBytes } from "../lib/bytes.ts";
import { demand, insist, judge, type Verdict } from "../lib/verdict.ts";
import type { BlockHeader } from "../protocol/blockHeader.ts";
import { RUN_MAX } from "../protocol/limits.ts";
import type { ExistenceRecord } from "../protocol/post.ts";
import { judgeLinks } from "./anchoredProof.ts";
import type { BlockEffects, ChainFacts } from "./applyTransactions.ts";
import { findBetOracles, isBelowResults } from "./betOracles.ts";
import type { SortitionBlock } from "./block.ts";

/** Until when the closes of a block count. */
export type BlockDeadlines = {
  /** The record must stand at or below this main-chain height; undefined if no close names one. */
  readonly heightMax: number | undefined;
  /** Keys of the oracles that closes bet on: the record must stand below their results. */
  readonly oracles: readonly Uint8Array[];
};

/** A checked block between two posts: its header and its closes' deadlines. */
export type RunBlock = { readonly header: BlockHeader; readonly deadlines: BlockDeadlines };

/** Read the deadlines of a block that holds. */
export function computeDeadlines(
  block: SortitionBlock,
  effects: BlockEffects,
): Verdict<BlockDeadlines> {
  return judge(() => {
    const heights: number[] = [];
    const oracles: Uint8Array[] = [];
    for (const { close, place } of effects.closed) {
      const by = close.authorisation;
      if (by.kind !== "exact") continue;
      heights.push(by.close.heightMax);
      oracles.push(...insist(findBetOracles(place, by.close.successors, block.conditions)));
    }
    return { heightMax: heights.length > 0 ? Math.min(...heights) : undefined, oracles };
  });
}

/**
 * Whether a record continues a chain's history: the blocks after the entry before, at most 64,
 * link to the recorded block, and every close among them is in time.
 *
 * @param entryBefore - hash of the block of the record before; the chain's id before the first.
 * @param resultHeight - height of an oracle's result, 0 while it is open.
 * @see docs/PROTOCOL.md section 4, posts and history
 */
export function judgeRecord(
  run: readonly RunBlock[],
  chain: ChainFacts,
  record: ExistenceRecord,
  entryBefore: Uint8Array,
  resultHeight: (key: Uint8Array) => number,
): Verdict<null> {
  return judge(() => {
    demand(
      record.height < chain.expiry,
      "POSTED_TOO_LATE",
      `expected a record below height ${chain.expiry}, got ${record.height}`,
    );
    const headers = run.map(({ header }) => header);
    demand(
      headers.length <= RUN_MAX,
      "RUN_TOO_LONG",
      `expected at most ${RUN_MAX} blocks under a record, got ${headers.length}`,
    );
    insist(judgeLinks(headers, chain, record.hash));
    demand(
      equalBytes((headers[0] as BlockHeader).previousHash, entryBefore),
      "NOT_HISTORY",
      "the blocks under the record do not link back to the post before",
    );
    for (const { header, deadlines } of run) {
      demand(
        deadlines.heightMax === undefined || record.height <= deadlines.heightMax,
        "CLOSE_TOO_LATE",
        `block ${header.height} has a close good to ${deadlines.heightMax}, got ${record.height}`,
      );
      demand(
        isBelowResults(record.height, deadlines.oracles, resultHeight),
        "BET_TOO_LATE",
        `block ${header.height} bets on an oracle that had its result at the record's height`,
      );
    }
    return null;
  });
}
