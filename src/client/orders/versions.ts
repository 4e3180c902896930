import { formatHex } from "../../lib/hex.ts";
import { hashOrder, type SignedOrder } from "../../market/batch.ts";
import type { Order } from "../../protocol/order.ts";
import { CLOSE_GOOD_FOR } from "../journeys/nextBlock.ts";
import type { SentOrder } from "./orderRows.ts";

/** Main-chain blocks for which an order must still be good, or the next version of it is signed: before an operator drops it. */
const GOOD_FOR_LEAST = CLOSE_GOOD_FOR / 2;

/**
 * Whether an order that waits for a block longer than main-chain blocks are taken on trust needs another version, good to a
 * later height.
 *
 * @param height - of the best main-chain header.
 */
export function isRunningOut({ signed }: Pick<SentOrder, "signed">, height: number): boolean {
  return signed.order.terms.heightMax - height < GOOD_FOR_LEAST;
}

/** An order that is the same but for the height up to which it counts. */
export function withHeightMax(order: Order, heightMax: number): Order {
  return { ...order, terms: { ...order.terms, heightMax } };
}

/**
 * A signed order after another version of it is signed. Forgotten are those whose last height is under enough
 * confirmations: no record below it holds a block that this wallet has not checked, or it would not sign.
 */
export function addVersion(
  sent: SentOrder,
  signed: SignedOrder,
  confirmedHeight: number,
): SentOrder {
  const before = [...sent.earlier, sent.signed.order.terms.heightMax];
  const earlier = before.filter((heightMax) => heightMax > confirmedHeight);
  // What he said to the version before says nothing of this one.
  return { ...sent, signed, earlier, answer: undefined };
}

/** The hashes of all versions of a signed order that may still count, hex. */
export function hashVersions({ signed, earlier }: Pick<SentOrder, "signed" | "earlier">): string[] {
  const { order } = signed;
  const versions = [order, ...earlier.map((heightMax) => withHeightMax(order, heightMax))];
  return versions.map((each) => formatHex(hashOrder(each)));
}
