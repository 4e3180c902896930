import type { BookView } from "../../workers/marketViews.ts";
import { groupThousands } from "./amount.ts";
import { formatAge, formatDuration } from "./time.ts";

/** An operator says something every five seconds at least; after twice that his feed is late. */
const LATE_MS = 10_000;

/**
 * How fresh what an operator says of a book is.
 *
 * - `live`: heard just now. - `late`: nothing for longer than an operator is ever silent. - `cut`: there is no feed.
 */
export type FeedState = "live" | "late" | "cut";

export function judgeFeed(heardAtMs: number | undefined, nowMs: number): FeedState {
  if (heardAtMs === undefined) return "cut";
  return nowMs - heardAtMs > LATE_MS ? "late" : "live";
}

/**
 * The state of the feed in one line, always with an age.
 *
 * @param lastMs - when the feed was last heard, also where it is cut by now; undefined where this page never heard it.
 */
export function describeFeed(
  { heardAtMs }: Pick<BookView, "heardAtMs">,
  lastMs: number | undefined,
  nowMs: number,
): string {
  switch (judgeFeed(heardAtMs, nowMs)) {
    case "live":
      return `Live, heard ${formatAge(heardAtMs ?? nowMs, nowMs)}`;
    case "late":
      return `Silent for ${formatDuration(nowMs - (heardAtMs ?? nowMs))}`;
    case "cut":
      return lastMs === undefined
        ? "Cut off, not heard yet"
        : `Cut off, last heard ${formatAge(lastMs, nowMs)}`;
  }
}

/** What a feed that is not live means; undefined for one that is. */
export function explainFeed(state: FeedState): string | undefined {
  switch (state) {
    case "live":
      return undefined;
    case "late":
      return "The operator has gone silent. The book and the countdown are what he said before, and may be over. The wallet asks again by itself.";
    case "cut":
      return "The operator’s feed is cut. The book and the countdown are what he said before, and may be over; what traded is still read from the blocks that this device checks. The wallet connects again by itself.";
  }
}

type NextBatch = Pick<BookView, "nextHeight" | "nextAtMs" | "heardAtMs" | "bids" | "asks">;

/** When the next batch is made, as far as the operator’s feed tells. */
export function describeNextBatch(
  { nextHeight, nextAtMs, heardAtMs, bids, asks }: NextBatch,
  nowMs: number,
): { readonly title: string; readonly words: string; readonly secondsLeft: number | undefined } {
  const title = `Batch ${groupThousands(nextHeight)}`;
  if (judgeFeed(heardAtMs, nowMs) !== "live") {
    return { title, words: "its time is not known now", secondsLeft: undefined };
  }
  if (nextAtMs === undefined) {
    const isEmpty = bids.length === 0 && asks.length === 0;
    const words = isEmpty ? "waits for a first order" : "waits for orders that meet";
    return { title, words, secondsLeft: undefined };
  }
  const secondsLeft = Math.ceil((nextAtMs - nowMs) / 1000);
  if (secondsLeft <= 0) return { title, words: "is being made", secondsLeft: 0 };
  return { title, words: `in ${formatDuration(secondsLeft * 1000)} at the latest`, secondsLeft };
}
