import { PRICE_PARTS } from "../../protocol/limits.ts";
import type { PositionView } from "../../workers/marketViews.ts";
import type { ChainView } from "../../workers/walletApi.ts";
import { keepBack } from "./orderTicket.ts";

/**
 * What a position is worth, in satoshi.
 *
 * - `value`: what it would bring at the newest price, or what its outcome has made of it. - `expected`: the same after the operator's share. - `canWin`: the prize less
 *   that share, if its side is right and the point falls on it.
 */
export type Holding = {
  readonly value: bigint | undefined;
  readonly expected: bigint | undefined;
  readonly canWin: bigint;
};

export function computeHolding(
  { quantity, chance, outcome, backIfBad }: PositionView,
  { prize, depositBps }: Pick<ChainView, "prize" | "depositBps">,
): Holding {
  const priced =
    chance === undefined ? undefined : (quantity * BigInt(chance)) / BigInt(PRICE_PARTS);
  const value = outcome === "bad" ? backIfBad : priced;
  return {
    value,
    expected: value === undefined ? undefined : keepBack(value, depositBps),
    canWin: keepBack(prize.amount, depositBps),
  };
}
