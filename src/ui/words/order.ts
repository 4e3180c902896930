import { isBuy, isOfYes } from "../../protocol/price.ts";
import type { OrderView } from "../../workers/marketViews.ts";
import { formatVeo, groupThousands } from "./amount.ts";
import { formatPrice } from "./price.ts";
import { formatClock } from "./time.ts";

export const sideNames: Record<OrderView["side"], string> = {
  buyYes: "Buy yes",
  buyNo: "Buy no",
  sellYes: "Sell yes",
  sellNo: "Sell no",
};

/** `yes` or `no`: what an order's price and quantity are about. */
export function nameAnswer(side: OrderView["side"]): "yes" | "no" {
  return isOfYes(side) ? "yes" : "no";
}

/** `Buy 10 VEO of yes at 0.62 at most`. */
export function describeWish({
  side,
  quantity,
  limit,
}: Pick<OrderView, "side" | "quantity" | "limit">): string {
  const verb = isBuy(side) ? "Buy" : "Sell";
  const bound = isBuy(side) ? "at most" : "at least";
  return `${verb} ${formatVeo(quantity)} of ${nameAnswer(side)} at ${formatPrice(limit)} ${bound}`;
}

export type OrderWords = {
  readonly tone: "safe" | "waiting" | "danger" | "plain";
  /** The state in a word or two. */
  readonly word: string;
  /** What happened, and what comes next. */
  readonly sentence: string;
};

/** Where an order is, in words. */
export function describeOrderState(order: OrderView): OrderWords {
  const { state, isOpen } = order;
  switch (state.kind) {
    case "resting":
      return {
        tone: "waiting",
        word: "Resting",
        sentence: `It rests in this wallet and waits for ${state.waitsFor}.`,
      };
    case "sent":
      return {
        tone: "waiting",
        word: isOpen ? "Sent" : "Ending",
        sentence: isOpen
          ? "It is signed and sent. The operator has not acknowledged it yet."
          : "Nothing more is signed of it, but what is sent already may still be filled, inside its limit.",
      };
    case "overtaken":
      return {
        tone: "waiting",
        word: "Signing again",
        sentence:
          "A new block was made before it arrived. It is signed again for the next one by itself.",
      };
    case "inBatch": {
      const batch = `batch ${groupThousands(state.height)}`;
      return {
        tone: "waiting",
        word: isOpen ? `In ${batch}` : "Ending",
        sentence: isOpen
          ? `The operator has acknowledged it for ${batch}.`
          : `Nothing more is signed of it, but it may still be filled in ${batch}, inside its limit.`,
      };
    }
    case "unfilled":
      return {
        tone: isOpen ? "waiting" : "plain",
        word: "Not filled",
        sentence: `Not filled in batch ${groupThousands(state.height)}, because ${closeClause(state.why)}${againWords(order)}`,
      };
    case "partly":
      return {
        tone: isOpen ? "waiting" : "plain",
        word: "Partly filled",
        sentence: `Filled in part in batch ${groupThousands(state.height)}${priceWords(order)}. The rest was not, because ${closeClause(state.why)}${againWords(order)}`,
      };
    case "filled":
      return {
        tone: "safe",
        word: "Filled",
        sentence: `Filled whole${priceWords(order)}, the last of it in batch ${groupThousands(state.height)}.`,
      };
    case "expired":
      return { tone: "plain", word: "Expired", sentence: describeEnd(order, "Its time was over") };
    case "cancelled":
      return { tone: "plain", word: "Cancelled", sentence: describeEnd(order, "You took it back") };
    case "refused":
      return isOpen
        ? {
            tone: "danger",
            word: "Refused",
            sentence: `The operator refused it for this batch: ${closeClause(state.why)} It is signed again for the next one.`,
          }
        : {
            tone: "plain",
            word: "Ended",
            sentence: `${closeClause(state.why)} ${describeEnd(order, "It ended")}`,
          };
  }
}

/** What the newest batch left of an order that is in the next one already; undefined where the state says so itself. */
export function describeMissed({ state, missed }: OrderView): string | undefined {
  if (missed === undefined || state.kind === "unfilled" || state.kind === "partly")
    return undefined;
  const isPart = missed.isPart || state.kind === "filled";
  return `Batch ${groupThousands(missed.height)} left ${isPart ? "a part of it open" : "it open"}, because ${closeClause(missed.why)}`;
}

/** How long an order rests: `until 14:05`. */
export function describeTimeLimit({ goodUntilMs }: OrderView, nowMs: number): string {
  const isToday = goodUntilMs - nowMs < 20 * 3_600_000;
  if (isToday) return `until ${formatClock(goodUntilMs)}`;
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
  return `until ${day.format(goodUntilMs)}, ${formatClock(goodUntilMs)}`;
}

function describeEnd({ filled, quantity, price }: OrderView, how: string): string {
  if (filled === 0n) return `${how} before any of it was filled.`;
  const at = price === undefined ? "" : `, at ${formatPrice(price)}`;
  return `${how}. ${formatVeo(filled)} of ${formatVeo(quantity)} had been filled${at}.`;
}

function priceWords({ price }: OrderView): string {
  return price === undefined ? "" : ` at ${formatPrice(price)}`;
}

function againWords({ isOpen }: OrderView): string {
  return isOpen ? " It is signed again for the next batch." : "";
}

/** A clause of somebody else's making, with a full stop where it has no end. */
export function closeClause(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
