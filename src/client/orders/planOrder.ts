import { formatHex } from "../../lib/hex.ts";
import { costOf, isBuy, isOfYes, pieceAt } from "../../market/piece.ts";
import type { OrderTerms } from "../../protocol/order.ts";
import type { ChainBook } from "../chainBook.ts";
import { isCash, listTradable } from "../journeys/cash.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import { chooseCash, cutPosition, type OwnPiece } from "./chooseContracts.ts";
import type { OfferedBook } from "./offeredBooks.ts";
import type { RestingOrder } from "./orderRows.ts";

/** What is to be signed of an order for the next block, each with the ids of its contracts; or what it waits for. */
export type OrderPlan =
  | { readonly kind: "sign"; readonly parts: readonly OrderPart[] }
  | { readonly kind: "wait"; readonly waitsFor: string }
  /** The position that it was to sell is not held any more. */
  | { readonly kind: "gone" };

export type OrderPart = {
  readonly terms: OrderTerms;
  readonly contractIds: readonly Uint8Array[];
};

/**
 * Lay out what is left of an order over contracts that stand, were made where the chain says that it is recorded, and are not
 * used for anything else.
 *
 * @param left - satoshi that are neither filled nor signed for this block already. @param whyBusy - what else an own contract is used for; undefined for nothing. @param heightMax - main-chain height that it is good to.
 */
export function planOrder(
  order: RestingOrder,
  left: bigint,
  book: Pick<ChainBook, "own" | "live" | "frozen" | "recorded">,
  { ref, rules }: Pick<OfferedBook, "ref" | "rules">,
  whyBusy: (own: OwnLeaf) => string | undefined,
  heightMax: number,
): OrderPlan {
  const { side, limit, refundLeast } = order.limits;
  const held = listTradable(book);
  const isRecorded = ({ leaf }: OwnLeaf) => leaf.madeIn <= book.recorded;
  const isUsable = (own: OwnLeaf) => isRecorded(own) && whyBusy(own) === undefined;
  const common = { heightMax, side, limit };
  if (isBuy(side)) {
    const cash = held.filter(isCash).map((own): OwnPiece => {
      return { own, piece: { lo: own.place.lo, hi: own.place.hi, kind: "cash" } };
    });
    const free = cash.filter(({ own }) => isUsable(own));
    const chosen = chooseCash(free, costOf(left, limit));
    const width = chosen.reduce((sum, { piece }) => sum + piece.hi - piece.lo, 0n);
    const most = (width / costOf(rules.lot, limit)) * rules.lot;
    if (most === 0n)
      return { kind: "wait", waitsFor: describeWant(cash, free, isRecorded, whyBusy) };
    const terms = { ...common, quantity: most < left ? most : left, refundLeast };
    return { kind: "sign", parts: [toPart(terms, chosen)] };
  }
  const named = new Set(order.contractIds.map(formatHex));
  const position = held.flatMap((own): OwnPiece[] => {
    const found = named.has(formatHex(own.leaf.id)) ? pieceAt(ref, own.place) : undefined;
    return found?.isYes === isOfYes(side) ? [{ own, piece: found.piece }] : [];
  });
  if (position.length === 0) return { kind: "gone" };
  const parts = cutPosition(position, rules.lot).filter((part) =>
    part.every(({ own }) => isUsable(own)),
  );
  if (parts.length === 0) {
    return { kind: "wait", waitsFor: describeWant(position, [], isRecorded, whyBusy) };
  }
  const signed = parts.map((part) => {
    const width = part.reduce((sum, { piece }) => sum + piece.hi - piece.lo, 0n);
    return toPart({ ...common, quantity: width, refundLeast: 0 }, part);
  });
  return { kind: "sign", parts: signed };
}

function toPart(terms: Omit<OrderTerms, "contracts">, pieces: readonly OwnPiece[]): OrderPart {
  return {
    terms: { ...terms, contracts: pieces.map(({ piece }) => piece) },
    contractIds: pieces.map(({ own }) => own.leaf.id),
  };
}

/** What is missing of contracts that are there, and none of which can be used. */
function describeWant(
  all: readonly OwnPiece[],
  free: readonly OwnPiece[],
  isRecorded: (own: OwnLeaf) => boolean,
  whyBusy: (own: OwnLeaf) => string | undefined,
): string {
  const idle = all.filter(({ own }) => whyBusy(own) === undefined);
  if (idle.some(({ own }) => !isRecorded(own)))
    return "the record on the main chain of what it is to use";
  if (free.length > 0) return "cash for at least one lot";
  const [busy] = all;
  return busy === undefined ? "cash in this chain" : `what it is to use: ${whyBusy(busy.own)}`;
}
