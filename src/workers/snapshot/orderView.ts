import type { OpenOrder } from "../../client/orders/orderDesk.ts";
import { formatHex } from "../../lib/hex.ts";
import { costOf, isBuy, widthOf } from "../../market/piece.ts";
import { PRICE_PARTS } from "../../protocol/limits.ts";
import type { OrderStateView, OrderView } from "../marketViews.ts";

/** What the page shows of an order of the holder's. */
export function describeOrder(open: OpenOrder): OrderView {
  const { id, order, sent } = open;
  const { limits, last } = order;
  const { quantity: filled, paid } = open.filled;
  const atLimit = costOf(filled, limits.limit);
  const risked = sent.filter(({ answer }) => answer?.kind !== "back");
  return {
    id,
    chainId: formatHex(order.chainId),
    bookId: formatHex(limits.market.win),
    side: limits.side,
    limit: limits.limit,
    quantity: limits.quantity,
    filled,
    price: filled === 0n ? undefined : Number((paid * BigInt(PRICE_PARTS)) / filled),
    paid,
    improvement: isBuy(limits.side) ? atLimit - paid : paid - atLimit,
    madeAtMs: order.madeAtMs,
    goodUntilMs: order.goodUntilMs,
    isOpen: order.end === undefined && filled < limits.quantity,
    state: stateOf(open, filled),
    missed:
      last === undefined || last.why === ""
        ? undefined
        : { height: last.height, why: last.why, isPart: last.given > 0n },
    atRisk: risked.reduce((sum, { signed }) => sum + widthOf(signed.order.terms.contracts), 0n),
  };
}

/** Where an order is, the newest of what is known of it first. */
function stateOf({ order, sent, waitsFor }: OpenOrder, filled: bigint): OrderStateView {
  const { end, last, limits } = order;
  if (filled === limits.quantity) return { kind: "filled", height: last?.height ?? 0 };
  // Whatever becomes of the order, what is on its way may still be filled.
  const [onItsWay] = sent.filter(({ answer }) => answer?.kind !== "back");
  const answer = onItsWay?.answer;
  if (onItsWay !== undefined && answer === undefined) return { kind: "sent" };
  if (answer?.kind === "overtaken" && end === undefined) return { kind: "overtaken" };
  if (onItsWay !== undefined && answer?.kind === "taken") {
    return { kind: "inBatch", height: onItsWay.height };
  }
  if (end !== undefined) return end;
  if (answer?.kind === "refused") return answer;
  if (last === undefined) return { kind: "resting", waitsFor };
  const { height, given, why } = last;
  return given > 0n ? { kind: "partly", height, why } : { kind: "unfilled", height, why };
}
