import type { PublishedBatch, PublishedBook } from "../../api/marketApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { hashOrder, judgeTerms, nameOrder, type SignedOrder } from "../../market/batch.ts";
import type { BatchRules } from "../../market/batchOrder.ts";
import type { ClearedBatch } from "../../market/clearBatch.ts";
import { type ClearedMatches, clearMatches, type OwnedOrder } from "../../market/clearMatches.ts";
import { type BlockTrade, compareTrade } from "../../market/compareTrade.ts";
import { explainFill, type Shortfall } from "../../market/explainFill.ts";
import type { MarketRef } from "../../protocol/order.ts";
import { isSameMarket } from "../tradeRecords.ts";
import type { OfferedBook } from "./offeredBooks.ts";
import { describeDifference, describeFault } from "./orderWords.ts";

/**
 * What became of looking into one market's part of a batch. `unproven`: orders that no match shows to be signed; whether
 * they are, is still to be seen. `shortfalls`: why own orders are not filled whole, as far as the orders say. `missing`: own orders
 * that were taken, and are not shown.
 */
export type BookAudit =
  | {
      readonly kind: "checked";
      readonly orders: number;
      readonly unproven: readonly OwnedOrder[];
      readonly shortfalls: readonly OwnShortfall[];
    }
  | {
      readonly kind: "different";
      readonly words: string;
      readonly missing: readonly SignedOrder[];
    };

export type OwnShortfall = { readonly signed: SignedOrder; readonly shortfall: Shortfall };

/**
 * Clear a market's part of a published batch anew, and compare it with what its block has done.
 *
 * @param own - this wallet's orders in the market that the operator has acknowledged for the batch, in any version.
 * @param trade - what the checked block has of the market; undefined for nothing.
 */
export function auditBook(
  { ref, rules }: Pick<OfferedBook, "ref" | "rules">,
  batch: PublishedBatch,
  own: readonly SignedOrder[],
  trade: BlockTrade | undefined,
): BookAudit {
  const published = batch.books.find(({ bookId }) => equalBytes(bookId, ref.win));
  const orders = (published?.orders ?? []).map((each) => ({
    ...each,
    hash: hashOrder(each.signed.order),
  }));
  const missing = listMissing(orders, own);
  if (missing[0] !== undefined) {
    return different(describeFault({ kind: "missing", order: missing[0] }), missing);
  }
  if (hasTwice(orders)) return different(describeFault({ kind: "twice" }));
  if (orders.some(({ signed }) => !isFor(signed, ref, rules))) {
    return different(describeFault({ kind: "unfit" }));
  }
  const [first] = orders;
  const { cleared, matches } = first
    ? clearMatches(orders, ref, rules, first.signed.order)
    : NOTHING;
  const compared = compareTrade(matches, trade);
  if (compared.kind !== "same") return different(describeDifference(compared));
  if (published !== undefined && published.price !== trade?.price) {
    return different(describeFault({ kind: "otherPriceShown", shown: published.price }));
  }
  const fills = matches.slice(0, compared.held).flatMap((match) => match.fills);
  const proven = new Set(fills.map(({ terms }) => terms));
  const unproven = orders.filter(({ signed }) => !proven.has(signed.order.terms));
  // What a full block had no room for is not told by the orders.
  const isWhole = compared.held === matches.length;
  const shortfalls = isWhole ? listShortfalls(orders, own, cleared, rules) : [];
  return { kind: "checked", orders: orders.length, unproven, shortfalls };
}

/** What comes of no orders. */
const NOTHING: ClearedMatches = { cleared: undefined, matches: [] };

function different(words: string, missing: readonly SignedOrder[] = []): BookAudit {
  return { kind: "different", words, missing };
}

function listShortfalls(
  orders: readonly OwnedOrder[],
  own: readonly SignedOrder[],
  cleared: ClearedBatch | undefined,
  rules: BatchRules,
): OwnShortfall[] {
  if (own.length === 0) return [];
  const names = new Set(own.map(({ order }) => formatHex(nameOrder(order))));
  return orders.flatMap(({ hash, signed }) => {
    if (!names.has(formatHex(nameOrder(signed.order)))) return [];
    const shortfall = explainFill(cleared, { hash, terms: signed.order.terms }, rules);
    return shortfall === undefined ? [] : [{ signed, shortfall }];
  });
}

/** Whether an order may be in a batch of the market at all: nothing is cleared of what may not. */
function isFor({ order }: SignedOrder, ref: MarketRef, rules: BatchRules): boolean {
  return isSameMarket(order.market, ref) && judgeTerms(order.terms, rules).ok;
}

function listMissing(orders: PublishedBook["orders"], own: readonly SignedOrder[]): SignedOrder[] {
  const names = new Set(orders.map(({ signed }) => formatHex(nameOrder(signed.order))));
  return own.filter(({ order }) => !names.has(formatHex(nameOrder(order))));
}

/** An order counted twice, be it in two versions, would weigh twice in the price. */
function hasTwice(orders: PublishedBook["orders"]): boolean {
  const names = orders.map(({ signed }) => formatHex(nameOrder(signed.order)));
  return new Set(names).size < names.length;
}
