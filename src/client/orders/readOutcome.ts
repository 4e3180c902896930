import { formatHex } from "../../lib/hex.ts";
import { costOf, isBuy, ownPrice } from "../../market/piece.ts";
import { formatPrice } from "../../protocol/amountWords.ts";
import type { ChainBook } from "../chainBook.ts";
import { isSameMarket, type OwnFill } from "../tradeRecords.ts";
import type { PastBatch, RestingOrder, SentOrder } from "./orderRows.ts";
import { describeShortfall } from "./orderWords.ts";
import { hashVersions } from "./versions.ts";

/** The part of a chain's book that says what became of orders. */
export type Outcomes = Pick<ChainBook, "tip" | "fills" | "trades" | "own">;

/** Satoshi of an order that are filled, and what they cost or brought. */
export function sumFills({ limits, fills, settled }: RestingOrder): {
  readonly quantity: bigint;
  readonly paid: bigint;
} {
  let { quantity, paid } = settled;
  for (const fill of fills) {
    quantity += fill.quantity;
    paid += costOf(fill.quantity, ownPrice(limits.side, fill.price));
  }
  return { quantity, paid };
}

/**
 * What the checked blocks of a chain have made of an order since it was last looked at. The operator's word is not asked.
 *
 * @param sent - what was signed of the order for blocks that are checked by now, and not looked at yet.
 * @param buriedHeight - blocks up to this height are recorded under enough confirmations.
 */
export function readOutcome(
  order: RestingOrder,
  sent: readonly SentOrder[],
  book: Outcomes,
  buriedHeight: number,
): RestingOrder {
  const known = new Set(order.fills.map(({ orderHash }) => formatHex(orderHash)));
  const signed = new Set(sent.flatMap(hashVersions));
  const fresh = book.fills.filter(({ orderHash }) => {
    const hash = formatHex(orderHash);
    return signed.has(hash) && !known.has(hash);
  });
  const standing = order.fills.filter((fill) => isStanding(fill, book));
  const all = [...standing, ...fresh];
  const buried = all.filter(({ height }) => height <= buriedHeight);
  const open = all.filter(({ height }) => height > buriedHeight);
  const settled = sumFills({ ...order, fills: buried });
  const isSame = fresh.length === 0 && open.length === order.fills.length;
  const undone = order.fills.findLast((fill) => !standing.includes(fill));
  const last = describeUndone(undone) ?? describeBatch(order, sent, fresh, book) ?? order.last;
  if (isSame && last === order.last) return order;
  return { ...order, fills: open, settled, last };
}

/** Whether a fill counts: where what it used up stands again, its block came to nothing. */
function isStanding({ usedId }: OwnFill, { own }: Outcomes): boolean {
  const used = own.get(formatHex(usedId));
  return used === undefined || used.closedIn !== undefined;
}

function describeUndone(fill: OwnFill | undefined): PastBatch | undefined {
  if (fill === undefined) return undefined;
  const why = "its match came to nothing, and what it had used up is yours again";
  return { height: fill.height, given: 0n, why };
}

/** The newest batch that an order was in, as far as the block itself explains it. */
function describeBatch(
  { limits }: RestingOrder,
  sent: readonly SentOrder[],
  fills: readonly OwnFill[],
  { trades }: Outcomes,
): PastBatch | undefined {
  const height = Math.max(...sent.map((each) => each.height));
  const asked = sent.filter((each) => each.height === height);
  if (asked.length === 0) return undefined;
  const sum = (quantities: readonly bigint[]) => quantities.reduce((all, each) => all + each, 0n);
  const given = sum(fills.filter((fill) => fill.height === height).map((each) => each.quantity));
  const wanted = sum(asked.map(({ signed }) => signed.order.terms.quantity));
  if (given === wanted) return { height, given, why: "" };
  const trade = trades.findLast(
    (each) => each.height === height && isSameMarket(each.market, limits.market),
  );
  const { side, limit } = limits;
  if (trade === undefined) {
    const why = describeShortfall({ kind: "noTrade" }, side, limit);
    return { height, given, why };
  }
  const own = ownPrice(side, trade.price);
  const isOutside = isBuy(side) ? limit < own : limit > own;
  const { price } = trade;
  // The block alone does not say which of both it was; the audit says whether it was as it should be.
  const why = isOutside
    ? describeShortfall({ kind: "outside", price }, side, limit)
    : `at the price of ${formatPrice(own)} too little was offered for it, or others were served first`;
  return { height, given, why };
}
