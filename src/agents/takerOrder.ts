import { PRICE_PARTS } from "../protocol/limits.ts";
import type { OrderSide } from "../protocol/order.ts";
import type { Chance } from "./chance.ts";
import type { BookSteps } from "./quotes.ts";

/** What a taker is ready to do in one book. */
export type TakerPolicy = {
  /** Chance that it does something at a time, from 0 to 1. */
  readonly busy: number;
  /** Most that it asks for at once, in satoshi as positions pay. */
  readonly sizeMax: bigint;
};

/** A position that can be sold whole: ids of its contracts, and satoshi that it pays if its side is right. */
export type TakerPosition = {
  readonly isYes: boolean;
  readonly contractIds: readonly Uint8Array[];
  readonly width: bigint;
};

/**
 * What a taker sees of a book: the best prices of `yes` that others bid and ask, in thousandths; undefined where nobody
 * does. And the positions that it holds.
 */
export type TakerView = BookSteps & {
  readonly bid: number | undefined;
  readonly ask: number | undefined;
  readonly positions: readonly TakerPosition[];
};

/** An order as a taker wants it, to be good for a short time. `limit`: thousandths of its own side. */
export type TakerOrder = {
  readonly side: OrderSide;
  readonly limit: number;
  readonly quantity: bigint;
  readonly contractIds: readonly Uint8Array[];
};

/** Of what it does, how often it sells something if it holds anything. */
const SELLS = 0.3;

/**
 * What a taker does now, by chance alone: nothing, or take one side of a book at a price that somebody offers, or sell a
 * position that it holds. It always draws as often, so what it sees does not change what is drawn for the next book.
 */
export function chooseOrder(
  chance: Chance,
  { tick, lot, bid, ask, positions }: TakerView,
  { busy, sizeMax }: TakerPolicy,
): TakerOrder | undefined {
  const [isBusy, isSale] = [chance() < busy, chance() < SELLS];
  const [isYes, size, which, beyond] = [chance() < 0.5, chance(), chance(), chance()];
  if (!isBusy) return undefined;
  const sold = isSale ? positions[Math.floor(which * positions.length)] : undefined;
  // Who buys yes or sells no takes an ask; the others take a bid.
  const isBid = sold === undefined ? isYes : !sold.isYes;
  const offered = isBid ? ask : bid;
  if (offered === undefined) return undefined;
  // Who would go a step further is filled before those who would not.
  const further = beyond < 0.5 ? 0 : tick;
  const price = isBid
    ? Math.min(offered + further, PRICE_PARTS - tick)
    : Math.max(offered - further, tick);
  const own = (isOfYes: boolean) => (isOfYes ? price : PRICE_PARTS - price);
  if (sold !== undefined) {
    const { contractIds, width } = sold;
    const side = sold.isYes ? "sellYes" : "sellNo";
    return { side, limit: own(sold.isYes), quantity: width, contractIds };
  }
  const most = Number(sizeMax / lot);
  if (most === 0) return undefined;
  const quantity = BigInt(1 + Math.floor(size * most)) * lot;
  return { side: isYes ? "buyYes" : "buyNo", limit: own(isYes), quantity, contractIds: [] };
}
