import { demand, judge, type Verdict } from "../../lib/verdict.ts";
import { isBuy } from "../../market/piece.ts";
import type { MarketRef, Order, OrderSide } from "../../protocol/order.ts";
import { isSameMarket } from "../tradeRecords.ts";

/**
 * What a holder lets his wallet sign for an order of his, again for every block.
 *
 * - `limit`: thousandths of its own side: the most that he gives, the least that he takes. - `quantity`: satoshi that are left
 *   of it. - `refundLeast`: thousandths that a unit bought must give back at least where the question is bad, or what was paid.
 */
export type OrderLimits = {
  readonly market: MarketRef;
  readonly side: OrderSide;
  readonly limit: number;
  readonly quantity: bigint;
  readonly refundLeast: number;
};

/** Whether an order asks for nothing that its holder has not allowed. */
export function judgeLimits({ market, terms }: Order, limits: OrderLimits): Verdict<null> {
  return judge(() => {
    const { side, limit, quantity, refundLeast } = terms;
    demand(
      isSameMarket(market, limits.market) && side === limits.side,
      "OTHER_ORDER",
      "the order is of another market or side than its holder's",
    );
    demand(
      isBuy(side) ? limit <= limits.limit : limit >= limits.limit,
      "OUTSIDE_LIMIT",
      `the holder's limit is ${limits.limit} thousandths, got ${limit}`,
    );
    demand(
      quantity <= limits.quantity,
      "BEYOND_QUANTITY",
      `${limits.quantity} satoshi are left of the order, got ${quantity}`,
    );
    demand(
      !isBuy(side) || refundLeast >= Math.min(limit, limits.refundLeast),
      "REFUND_TOO_LOW",
      `the holder wants ${limits.refundLeast} thousandths back from a bad question, got ${refundLeast}`,
    );
    return null;
  });
}
