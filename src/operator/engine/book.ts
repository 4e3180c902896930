import type { Market } from "../../api/marketApi.ts";
import { formatHex } from "../../lib/hex.ts";
import {
  countOutcomes,
  createMarketRef,
  createOutcomeConditions,
  listOracles,
} from "../../market/outcomes.ts";
import type { Condition } from "../../protocol/condition.ts";
import type { MarketRef } from "../../protocol/order.ts";

/**
 * What the orders on one outcome have in common.
 *
 * - `id`: hex of its win condition's hash. - `ref`: how they name the market.
 * - `conditions`: the bodies of its refund and its win condition. - `oracles`: hex ids of all that its question reads.
 */
export type Book = {
  readonly id: string;
  readonly market: Market;
  readonly ref: MarketRef;
  readonly conditions: readonly Condition[];
  readonly oracles: readonly string[];
};

/** The books of a market, one for each outcome. */
export function createBooks(market: Market): Book[] {
  const { ask, depositBps } = market;
  const oracles = listOracles(ask).map(formatHex);
  return Array.from({ length: countOutcomes(ask) }, (_, outcome) => {
    const { refund, win } = createOutcomeConditions(ask, outcome);
    const ref = createMarketRef({ refund, win }, depositBps);
    return { id: formatHex(ref.win), market, ref, conditions: [refund, win], oracles };
  });
}
