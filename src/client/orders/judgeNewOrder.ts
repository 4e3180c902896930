import { formatHex } from "../../lib/hex.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { judgeTerms } from "../../market/batch.ts";
import { costOf, isBuy, isOfYes, pieceAt } from "../../market/piece.ts";
import { formatVeo } from "../../protocol/amountWords.ts";
import { PRICE_PARTS } from "../../protocol/limits.ts";
import type { OrderSide, Piece } from "../../protocol/order.ts";
import type { ChainBook } from "../chainBook.ts";
import { isCash, listTradable } from "../journeys/cash.ts";
import { cutPosition, type OwnPiece } from "./chooseContracts.ts";
import type { OfferedBook } from "./offeredBooks.ts";

/**
 * What a holder asks for. `contractIds`: the position, to sell; none to buy. `refundLeast`: thousandths that a unit bought must
 * give back at least where the question is bad; what it costs, unless told otherwise.
 */
export type WantedOrder = {
  readonly side: OrderSide;
  readonly limit: number;
  readonly quantity: bigint;
  readonly goodUntilMs: number;
  readonly contractIds: readonly Uint8Array[];
  readonly refundLeast?: number;
};

/** Whether an order that a holder asks for can be signed at all, now or once what it uses is recorded. */
export function judgeNewOrder(
  { side, limit, quantity, goodUntilMs, contractIds, refundLeast = 0 }: WantedOrder,
  book: Pick<ChainBook, "own" | "live" | "frozen">,
  { ref, rules }: OfferedBook,
  nowMs: number,
): Verdict<null> {
  if (goodUntilMs <= nowMs) return refuse("EXPIRED", "expected a time in the future");
  const isPrice = Number.isInteger(limit) && 0 < limit && limit < PRICE_PARTS;
  if (!isPrice || quantity <= 0n) {
    return refuse("BAD_LIMIT", `expected a limit of 1 to ${PRICE_PARTS - 1} thousandths, and lots`);
  }
  if (!Number.isInteger(refundLeast) || refundLeast < 0 || refundLeast > limit) {
    return refuse("BAD_REFUND", `expected 0 to ${limit} thousandths back from a bad question`);
  }
  const held = listTradable(book);
  const terms = { heightMax: 0, side, limit, quantity, refundLeast: 0 };
  if (isBuy(side)) {
    const cash = held.filter(isCash).map(({ place: { lo, hi } }): Piece => {
      return { lo, hi, kind: "cash" };
    });
    const there = cash.reduce((sum, { lo, hi }) => sum + hi - lo, 0n);
    const cost = costOf(quantity, limit);
    if (there < cost) {
      return refuse(
        "NOT_ENOUGH_CASH",
        `the order may take ${formatVeo(cost)} of cash in this chain, of which there are ${formatVeo(there)}`,
      );
    }
    return judgeTerms({ ...terms, contracts: cash }, rules);
  }
  const named = new Set(contractIds.map(formatHex));
  const position = held.flatMap((each): OwnPiece[] => {
    const found = named.has(formatHex(each.leaf.id)) ? pieceAt(ref, each.place) : undefined;
    return found?.isYes === isOfYes(side) ? [{ own: each, piece: found.piece }] : [];
  });
  if (position.length !== named.size) {
    return refuse("NOT_HELD", "the position names a contract that is not held on this side");
  }
  const whole = cutPosition(position, rules.lot).flat();
  if (whole.length !== position.length) {
    return refuse("NOT_A_LOT", "a part of the position is not as wide as whole lots");
  }
  const judged = judgeTerms({ ...terms, contracts: position.map(({ piece }) => piece) }, rules);
  return judged.ok ? accept(null) : judged;
}
