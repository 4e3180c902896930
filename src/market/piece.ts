import { equalBytes } from "../lib/bytes.ts";
import { MARKET_LEVEL } from "../protocol/limits.ts";
import type { MarketRef, Piece } from "../protocol/order.ts";
import type { Place } from "../protocol/place.ts";

export { costOf, isBuy, isOfYes, ownPrice } from "../protocol/price.ts";

/** Satoshi that pieces are wide together, all or those of one kind. */
export function widthOf(pieces: readonly Piece[], kind?: Piece["kind"]): bigint {
  let width = 0n;
  for (const piece of pieces) {
    if (kind === undefined || piece.kind === kind) width += piece.hi - piece.lo;
  }
  return width;
}

/**
 * Where a piece stands. `yes` holds its refund on the yes side of the refund condition and its win on that
 * of the win condition; `no` holds them on the no sides of the other two, since what is not won by `yes` is
 * refunded to `no` where `yes` is not right, and won where it is neither right nor bad.
 */
export function placeOf(market: MarketRef, isYes: boolean, { lo, hi, kind }: Piece): Place {
  if (kind === "cash") return { lo, hi, conditions: [] };
  const hash = (kind === "refund") === isYes ? market.refund : market.win;
  return { lo, hi, conditions: [{ level: MARKET_LEVEL, hash, side: isYes }] };
}

/** What stands at a place, as orders of a market name it: the piece and whose side it is on; undefined for anything else. */
export function pieceAt(
  market: MarketRef,
  { lo, hi, conditions }: Place,
): { readonly isYes: boolean; readonly piece: Piece } | undefined {
  const [only, ...others] = conditions;
  if (only === undefined || others.length > 0 || only.level !== MARKET_LEVEL) return undefined;
  const isRefund = equalBytes(only.hash, market.refund);
  if (!isRefund && !equalBytes(only.hash, market.win)) return undefined;
  const isYes = only.side;
  return { isYes, piece: { lo, hi, kind: isRefund === isYes ? "refund" : "win" } };
}
