import { ownPrice } from "../../../protocol/price.ts";
import type { BookView, OrderView } from "../../../workers/marketViews.ts";
import { suggestPrice } from "../../figures/orderTicket.ts";
import { formatPrice } from "../../words/price.ts";

/** An order as it is being written, in the words that are typed. */
export type Draft = {
  readonly side: OrderView["side"];
  /** Of its own side. */
  readonly price: string;
  /** VEO that it pays if its side is right. */
  readonly quantity: string;
  readonly restMs: number;
};

const MINUTE_MS = 60_000;

/** How long an order may rest. */
export const restTimes = [
  { ms: 2 * MINUTE_MS, title: "2 minutes" },
  { ms: 15 * MINUTE_MS, title: "15 minutes" },
  { ms: 60 * MINUTE_MS, title: "1 hour" },
  { ms: 24 * 60 * MINUTE_MS, title: "1 day" },
  { ms: 7 * 24 * 60 * MINUTE_MS, title: "7 days" },
] as const;

export function draftOrder(book: BookView, side: OrderView["side"]): Draft {
  return {
    side,
    price: formatPrice(suggestPrice(book, side)),
    quantity: "",
    restMs: restTimes[2].ms,
  };
}

/** The same order on another side, at a price that fits it. */
export function changeSide(draft: Draft, book: BookView, side: OrderView["side"]): Draft {
  return { ...draft, side, price: formatPrice(suggestPrice(book, side)) };
}

/** The limit is set to a price of `yes`, in thousandths. */
export function takePrice(draft: Draft, price: number): Draft {
  return { ...draft, price: formatPrice(ownPrice(draft.side, price)) };
}
