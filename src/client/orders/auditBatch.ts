import type { PublishedBatch, PublishedBook } from "../../api/marketApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { hashOrder, judgeTerms, nameOrder, type SignedOrder } from "../../market/batch.ts";
import type { BatchRules } from "../../market/batchOrder.ts";
import { clearMatches, type OwnedOrder } from "../../market/clearMatches.ts";
import { type BlockTrade, compareTrade } from "../../market/compareTrade.ts";
import type { MarketRef } from "../../protocol/order.ts";
import { isSameMarket } from "../tradeRecords.ts";
import type { OfferedBook } from "./offeredBooks.ts";
import { describeDifference, describeFault } from "./orderWords.ts";

/**
 * What became of looking into one market's part of a batch. `unproven`: orders that no match shows to be signed; whether
 * they are, is still to be seen.
 */
export type BookAudit =
  | { readonly kind: "checked"; readonly orders: number; readonly unproven: readonly OwnedOrder[] }
  | { readonly kind: "different"; readonly words: string };

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
  const missing = findMissing(orders, own);
  if (missing !== undefined) return different(describeFault({ kind: "missing", order: missing }));
  if (hasTwice(orders)) return different(describeFault({ kind: "twice" }));
  if (orders.some(({ signed }) => !isFor(signed, ref, rules))) {
    return different(describeFault({ kind: "unfit" }));
  }
  const [first] = orders;
  const matches = first ? clearMatches(orders, ref, rules, first.signed.order.seenBlock) : [];
  const compared = compareTrade(matches, trade);
  if (compared.kind !== "same") return different(describeDifference(compared));
  if (published !== undefined && published.price !== trade?.price) {
    return different(describeFault({ kind: "otherPriceShown", shown: published.price }));
  }
  const fills = matches.slice(0, compared.held).flatMap((match) => match.fills);
  const proven = new Set(fills.map(({ terms }) => terms));
  const unproven = orders.filter(({ signed }) => !proven.has(signed.order.terms));
  return { kind: "checked", orders: orders.length, unproven };
}

function different(words: string): BookAudit {
  return { kind: "different", words };
}

/** Whether an order may be in a batch of the market at all: nothing is cleared of what may not. */
function isFor({ order }: SignedOrder, ref: MarketRef, rules: BatchRules): boolean {
  return isSameMarket(order.market, ref) && judgeTerms(order.terms, rules).ok;
}

function findMissing(
  orders: PublishedBook["orders"],
  own: readonly SignedOrder[],
): SignedOrder | undefined {
  const names = new Set(orders.map(({ signed }) => formatHex(nameOrder(signed.order))));
  return own.find(({ order }) => !names.has(formatHex(nameOrder(order))));
}

/** An order counted twice, be it in two versions, would weigh twice in the price. */
function hasTwice(orders: PublishedBook["orders"]): boolean {
  const names = orders.map(({ signed }) => formatHex(nameOrder(signed.order)));
  return new Set(names).size < names.length;
}
