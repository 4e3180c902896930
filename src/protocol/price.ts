import { PRICE_PARTS } from "./limits.ts";
import type { OrderSide } from "./order.ts";

/** Whether an order is about `yes`. */
export function isOfYes(side: OrderSide): boolean {
  return side === "buyYes" || side === "sellYes";
}

export function isBuy(side: OrderSide): boolean {
  return side === "buyYes" || side === "buyNo";
}

/** The price of an order's own side, in thousandths, where `price` is that of `yes`; and the other way round. */
export function ownPrice(side: OrderSide, price: number): number {
  return isOfYes(side) ? price : PRICE_PARTS - price;
}

/** What a quantity costs at a price of its own side: a whole number of satoshi, as quantities are multiples of `PRICE_PARTS`. */
export function costOf(quantity: bigint, own: number): bigint {
  return (quantity / BigInt(PRICE_PARTS)) * BigInt(own);
}
