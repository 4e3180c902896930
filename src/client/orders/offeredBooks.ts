import type { Market } from "../../api/marketApi.ts";
import { formatHex } from "../../lib/hex.ts";
import type { BatchRules } from "../../market/batchOrder.ts";
import {
  countOutcomes,
  createMarketRef,
  createOutcomeConditions,
  type OutcomeConditions,
} from "../../market/outcomes.ts";
import type { MarketRef } from "../../protocol/order.ts";

/**
 * The orders on one outcome of a question that an operator offers. `id`: hex of the hash of its win condition.
 * `outcome`: its index.
 */
export type OfferedBook = {
  readonly id: string;
  readonly market: Market;
  readonly outcome: number;
  readonly conditions: OutcomeConditions;
  readonly ref: MarketRef;
  readonly rules: BatchRules;
};

/** Laying out the conditions of many outcomes is work; a market's are laid out once. */
const laidOut = new WeakMap<Market, readonly OfferedBook[]>();

/** The books of the markets that a chain's operator offers, in his order. */
export function listBooks(markets: readonly Market[]): readonly OfferedBook[] {
  return markets.flatMap((market) => {
    const books = laidOut.get(market) ?? layOut(market);
    laidOut.set(market, books);
    return books;
  });
}

const byCondition = new WeakMap<readonly Market[], ReadonlyMap<string, OfferedBook>>();

/** The book whose positions stand under a condition, by its hash. */
export function findBookByCondition(
  markets: readonly Market[],
  hash: Uint8Array,
): OfferedBook | undefined {
  const known = byCondition.get(markets) ?? new Map(listBooks(markets).flatMap(nameConditions));
  byCondition.set(markets, known);
  return known.get(formatHex(hash));
}

function nameConditions(book: OfferedBook): [string, OfferedBook][] {
  return [
    [formatHex(book.ref.refund), book],
    [formatHex(book.ref.win), book],
  ];
}

function layOut(market: Market): OfferedBook[] {
  const { ask, tick, lot, depositBps } = market;
  return Array.from({ length: countOutcomes(ask) }, (_, outcome) => {
    const conditions = createOutcomeConditions(ask, outcome);
    const ref = createMarketRef(conditions, depositBps);
    return { id: formatHex(ref.win), market, outcome, conditions, ref, rules: { tick, lot } };
  });
}
