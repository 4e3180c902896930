import { formatHex } from "../../lib/hex.ts";
import { hashOrder, type SignedOrder } from "../../market/batch.ts";
import type { Order } from "../../protocol/order.ts";
import { CLOSE_GOOD_FOR } from "../journeys/nextBlock.ts";
import type { SentAnswer, SentOrder } from "./orderRows.ts";

/** Main-chain blocks for which an order must still be good, or the next version of it is signed: before an operator drops it. */
const GOOD_FOR_LEAST = CLOSE_GOOD_FOR / 2;

/**
 * Whether an order that waits for a block longer than main-chain blocks are taken on trust needs another version, good to a
 * later height.
 *
 * @param heightMax - that it is good to. @param height - of the best main-chain header.
 */
export function isRunningOut(heightMax: number, height: number): boolean {
  return heightMax - height < GOOD_FOR_LEAST;
}

/**
 * The last main-chain height of a record in which a signed order may still count, in any of its versions.
 *
 * @param expiry - of the chain: records from there on count for nothing.
 */
export function lastHeightOf(
  { signed, earlier }: Pick<SentOrder, "signed" | "earlier">,
  expiry: number,
): number {
  return Math.min(Math.max(signed.order.terms.heightMax, ...earlier), expiry - 1);
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
  // He holds what he has taken until he takes this one; a refusal says nothing of it.
  const answer = sent.answer?.kind === "taken" ? sent.answer : undefined;
  return { ...sent, signed, earlier, answer };
}

/** Whether nothing is to be heard any more of the newest version of a signed order. */
export function isAnswered({ signed, answer }: Pick<SentOrder, "signed" | "answer">): boolean {
  if (answer === undefined) return false;
  return answer.kind !== "taken" || answer.heightMax === signed.order.terms.heightMax;
}

/**
 * Whether an operator's answer to a version of an order says more than is known of it.
 *
 * @param heightMax - that the version is good to which he was asked about.
 */
export function isNews(answer: SentAnswer, heightMax: number, sent: SentOrder): boolean {
  // He gives an order back in all its versions; else he speaks of the one that he was asked about.
  if (answer.kind === "back" || sent.signed.order.terms.heightMax === heightMax) return true;
  const before = sent.answer;
  if (answer.kind !== "taken") return false;
  return before === undefined || (before.kind === "taken" && before.heightMax < heightMax);
}

/** The hashes of all versions of a signed order that may still count, hex. */
export function hashVersions({ signed, earlier }: Pick<SentOrder, "signed" | "earlier">): string[] {
  const { order } = signed;
  const versions = [order, ...earlier.map((heightMax) => withHeightMax(order, heightMax))];
  return versions.map((each) => formatHex(hashOrder(each)));
}
