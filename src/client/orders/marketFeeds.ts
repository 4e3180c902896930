import { type BookLevel, type FeedMessage, OFFERED_OUTCOMES_MAX } from "../../api/marketApi.ts";
import { formatHex } from "../../lib/hex.ts";
import type { Clock, OperatorSource } from "../ports.ts";

/** What stands in a book for the next batch, best first, as its operator says. */
export type BookLevels = {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
};

/**
 * What an operator has said of his books.
 *
 * - `heardAtMs`: when he last said anything; undefined while the feed is cut, and what he said before may be long over.
 * - `books`: by hex id. - `next`: the block of the next batch, and when it is made at the latest.
 */
export type MarketFeed = {
  readonly heardAtMs: number | undefined;
  readonly books: ReadonlyMap<string, BookLevels>;
  readonly next: { readonly height: number; readonly atMs: number | undefined } | undefined;
};

/** The feeds of the operators whose chains are followed. Nothing in them is believed, and nothing signed by them. */
export type MarketFeeds = {
  /** Listen to an operator, once, until ended. */
  follow(source: Pick<OperatorSource, "url" | "followFeed">): () => void;
  of(url: string): MarketFeed;
  onChange(listener: () => void): void;
};

const SILENT: MarketFeed = { heardAtMs: undefined, books: new Map(), next: undefined };

export function createMarketFeeds(clock: Clock): MarketFeeds {
  const listeners = new Set<() => void>();
  const feeds = new Map<string, MarketFeed>();
  return {
    follow({ url, followFeed }) {
      const hear = (change: (feed: MarketFeed) => MarketFeed) => {
        feeds.set(url, change(feeds.get(url) ?? SILENT));
        for (const listener of listeners) listener();
      };
      return followFeed(
        (message) => hear((feed) => takeMessage(feed, message, clock())),
        () => hear((feed) => ({ ...feed, heardAtMs: undefined })),
      );
    },
    of: (url) => feeds.get(url) ?? SILENT,
    onChange: (listener) => void listeners.add(listener),
  };
}

function takeMessage(feed: MarketFeed, message: FeedMessage, heardAtMs: number): MarketFeed {
  switch (message.kind) {
    case "book": {
      const id = formatHex(message.bookId);
      if (!feed.books.has(id) && feed.books.size >= OFFERED_OUTCOMES_MAX) return feed;
      const { bids, asks } = message;
      return { ...feed, heardAtMs, books: new Map(feed.books).set(id, { bids, asks }) };
    }
    case "deadline": {
      const { height, atMs } = message;
      return { ...feed, heardAtMs, next: { height, atMs: atMs ?? undefined } };
    }
    case "trade":
    case "beat":
      // What traded is read from the blocks.
      return { ...feed, heardAtMs };
  }
}
