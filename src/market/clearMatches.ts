import { formatHex } from "../lib/hex.ts";
import type { Match } from "../protocol/match.ts";
import type { MarketRef } from "../protocol/order.ts";
import { type BatchBounds, createMatches, type SignedOrder } from "./batch.ts";
import type { BatchRules } from "./batchOrder.ts";
import { type ClearedBatch, clearBatch } from "./clearBatch.ts";

/** An order of a batch under its hash, with the owner of its contracts. */
export type OwnedOrder = {
  readonly hash: Uint8Array;
  readonly signed: SignedOrder;
  readonly owner: Uint8Array;
};

/** A batch as it was cleared, undefined where nothing trades, and the matches that it comes to, in the order in which a block has them. */
export type ClearedMatches = {
  readonly cleared: ClearedBatch | undefined;
  readonly matches: readonly Match[];
};

/**
 * The matches that follow from the orders of one market in one batch. Who makes the block and who checks it ask the same.
 *
 * @param bounds - of every one of the orders.
 */
export function clearMatches(
  orders: readonly OwnedOrder[],
  market: MarketRef,
  rules: BatchRules,
  bounds: BatchBounds,
): ClearedMatches {
  const batch = orders.map(({ hash, signed, owner }) => ({
    hash,
    owner,
    terms: signed.order.terms,
  }));
  const cleared = clearBatch(batch, rules, bounds.seenBlock);
  if (cleared === undefined) return { cleared, matches: [] };
  const byHash = new Map(orders.map(({ hash, signed }) => [formatHex(hash), signed] as const));
  return { cleared, matches: createMatches(cleared, market, bounds, byHash) };
}
