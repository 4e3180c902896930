import { equalBytes } from "../lib/bytes.ts";
import { type BatchOrder, type BatchRules, isBidder, limitForYes } from "./batchOrder.ts";
import type { ClearedBatch } from "./clearBatch.ts";
import { isBuy } from "./piece.ts";

/**
 * Why an order of a batch is not filled whole. `wanted` and `given`: satoshi of the order.
 *
 * - `noTrade`: nobody's limit met anybody's. - `outside`: its limit is not inside the price.
 * - `margin`: it is at the last limit that is served, and gets its share. - `noBuyer`: a position that no single buyer
 *   had room for, or that gave back too little. - `noRoom`: what the price gave it found no room in a match.
 */
export type Shortfall =
  | { readonly kind: "noTrade" }
  | { readonly kind: "outside"; readonly price: number }
  | {
      readonly kind: "margin";
      readonly price: number;
      readonly given: bigint;
      readonly wanted: bigint;
    }
  | { readonly kind: "noBuyer"; readonly price: number }
  | {
      readonly kind: "noRoom";
      readonly price: number;
      readonly given: bigint;
      readonly wanted: bigint;
    };

/**
 * Why a cleared batch does not fill one of its orders whole; undefined if it does.
 *
 * @param cleared - undefined where nothing trades.
 */
export function explainFill(
  cleared: ClearedBatch | undefined,
  order: Pick<BatchOrder, "hash" | "terms">,
  rules: BatchRules,
): Shortfall | undefined {
  if (cleared === undefined) return { kind: "noTrade" };
  const { price } = cleared;
  const wanted = order.terms.quantity;
  const isIt = (each: { readonly order: BatchOrder }) => equalBytes(each.order.hash, order.hash);
  const fill = cleared.pairings.flat().find(isIt);
  const given = fill?.quantity ?? 0n;
  if (given === wanted) return undefined;
  const limit = limitForYes(order.terms);
  if (isBidder(order) ? limit < price : limit > price) return { kind: "outside", price };
  if (!isBuy(order.terms.side)) return { kind: "noBuyer", price };
  const share = (cleared.crossed.find(isIt)?.lots ?? 0n) * rules.lot;
  return { kind: share < wanted ? "margin" : "noRoom", price, given, wanted };
}
