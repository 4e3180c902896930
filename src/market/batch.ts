import { assert } from "../lib/assert.ts";
import { encode, hashEncoded } from "../lib/codec.ts";
import { sha256 } from "../lib/hash.ts";
import { formatHex } from "../lib/hex.ts";
import { demand, judge, type Verdict } from "../lib/verdict.ts";
import { type Match, writeMatch } from "../protocol/match.ts";
import { type MarketRef, type Order, type OrderTerms, writeOrder } from "../protocol/order.ts";
import { TAGS } from "../protocol/tags.ts";
import { type BatchRules, isBidder, limitForYes } from "./batchOrder.ts";
import type { ClearedBatch } from "./clearBatch.ts";
import { costOf, isBuy, widthOf } from "./piece.ts";

/** A signed order, as it is handed in and as a batch is published. */
export type SignedOrder = { readonly order: Order; readonly signature: Uint8Array };

/** The 32-byte hash of an order, in one of its versions. */
export function hashOrder(order: Order): Uint8Array {
  return hashEncoded(TAGS.order, (writer) => writeOrder(writer, order));
}

/**
 * The 32-byte name of an order, which all its versions have in common: those that its owner signs one after another for one
 * block, and that differ in nothing but the height up to which they count.
 */
export function nameOrder(order: Order): Uint8Array {
  return hashOrder({ ...order, terms: { ...order.terms, heightMax: 0 } });
}

/**
 * Whether an order's own terms can come into a batch: a limit on the grid, whole lots, and contracts wide enough for
 * all that it may cost; a position's contracts exactly as wide as the order says.
 */
export function judgeTerms(terms: OrderTerms, { tick, lot }: BatchRules): Verdict<null> {
  return judge(() => {
    const { quantity, limit, contracts, side } = terms;
    demand(
      limitForYes(terms) % tick === 0,
      "OFF_TICK",
      `expected a limit in steps of ${tick} thousandths, got ${limit}`,
    );
    demand(
      quantity % lot === 0n,
      "NOT_A_LOT",
      `expected a quantity in lots of ${lot} satoshi, got ${quantity}`,
    );
    const isCash = contracts.every(({ kind }) => kind === "cash");
    const isPosition = contracts.every(({ kind }) => kind !== "cash");
    demand(
      isBuy(side) ? isCash : isPosition,
      "WRONG_CONTRACTS",
      "expected cash to buy with, or the position to sell",
    );
    const width = widthOf(contracts);
    const cost = isBuy(side) ? costOf(quantity, limit) : quantity;
    demand(
      isBuy(side) ? width >= cost : width === cost,
      "OVERSPENT",
      `the order takes ${cost} satoshi of its contracts, which are ${width} wide`,
    );
    return null;
  });
}

/** What all orders of a batch are bound to: the block before, and how far they take the chain to be recorded. */
export type BatchBounds = Pick<Order, "seenBlock" | "recorded">;

/** The matches of a cleared batch, each order with its signature. */
export function createMatches(
  { price, pairings }: ClearedBatch,
  market: MarketRef,
  { recorded }: BatchBounds,
  orders: ReadonlyMap<string, SignedOrder>,
): Match[] {
  return pairings.map((pairing) => ({
    market,
    recorded,
    price,
    fills: pairing.map(({ order, quantity, pieces }) => {
      const signed = orders.get(formatHex(order.hash));
      assert(signed !== undefined, "a batch fills only the orders that it was given");
      return { terms: order.terms, signature: signed.signature, quantity, pieces };
    }),
  }));
}

/** What a batch did, in 32 bytes: two lists of matches with one digest are the same in every byte. */
export function digestMatches(matches: readonly Match[]): Uint8Array {
  return sha256(
    encode((writer) => {
      for (const match of matches) writeMatch(writer, match);
    }),
  );
}

/** Satoshi that change hands in matches, as positions pay: counted once, on the side of those who bid for `yes`. */
export function volumeOf(matches: readonly Match[]): bigint {
  let volume = 0n;
  for (const fill of matches.flatMap(({ fills }) => fills)) {
    if (isBidder(fill)) volume += fill.quantity;
  }
  return volume;
}
