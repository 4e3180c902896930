import { PRICE_PARTS } from "../protocol/limits.ts";
import type { OrderTerms } from "../protocol/order.ts";
import { isOfYes } from "./piece.ts";

/**
 * An order as it comes into a batch.
 *
 * - `hash`: 32 bytes, of the signed order: names it. - `owner`: 33-byte key.
 */
export type BatchOrder = {
  readonly hash: Uint8Array;
  readonly owner: Uint8Array;
  readonly terms: OrderTerms;
};

/**
 * What a market fixes about its batches. `tick`: thousandths of a price step, which divide a unit. `lot`: satoshi, a
 * multiple of `PRICE_PARTS`.
 */
export type BatchRules = { readonly tick: number; readonly lot: bigint };

/** How many lots of an order trade. */
export type Allotment = { readonly order: BatchOrder; readonly lots: bigint };

/** The price of `yes`, in thousandths, up to which a bidder buys, and down to which an asker sells. */
export function limitForYes({ side, limit }: OrderTerms): number {
  return isOfYes(side) ? limit : PRICE_PARTS - limit;
}

/** Whether an order adds to the demand for `yes`: it buys `yes`, or gives up `no`. */
export function isBidder({ terms: { side } }: Pick<BatchOrder, "terms">): boolean {
  return side === "buyYes" || side === "sellNo";
}

/** Whole lots of an order. */
export function countLots({ terms }: Pick<BatchOrder, "terms">, { lot }: BatchRules): bigint {
  return terms.quantity / lot;
}
