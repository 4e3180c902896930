import type { SignedOrder } from "../market/batch.ts";
import type { Question } from "../market/outcomes.ts";

/**
 * The public interface of a market's orders: what a trader sends, and what everybody is shown. Nothing of it is
 * believed: fills are read from checked blocks, and a batch is cleared again by whoever looks at it.
 */

/** Paths of the HTTP interface, beside those of `OPERATOR_PATHS`. */
export const MARKET_PATHS = {
  /** POST `SignedOrder`: `OrderReceipt`, once the order is in the next batch. */
  orders: "/orders",
  /** POST `CancelRequest`: `{isCancelled}`; false if the batch has begun to be cleared. */
  cancel: "/orders/cancel",
  /** GET `/batches/HEIGHT`: the encoded `PublishedBatch` of a block. */
  batches: "/batches",
  /** WebSocket: JSON, one `FeedMessage` in a message; the state of every book first. */
  feed: "/feed",
} as const;

/** A question that can be bet on, and how its batches are cleared. */
export type Market = {
  /** In words: the operator's. The oracles' records have the true ones. */
  readonly question: string;
  readonly ask: Question;
  /** A word for each outcome, in the order of the oracles; for a binary question the one for true. */
  readonly outcomes: readonly string[];
  /** Deposit share in the leaves of its positions. */
  readonly depositBps: number;
  /** Thousandths of a price step. */
  readonly tick: number;
  /** Satoshi of a lot. */
  readonly lot: bigint;
  /** Price of `yes` at which a counterparty takes bets at once, in basis points of the pot; binary questions only. */
  readonly yesBps: number | undefined;
};

/**
 * One outcome's orders of one batch.
 *
 * - `bookId`: 32 bytes, hash of the outcome's win condition. - `price`: thousandths for `yes`; undefined if none traded.
 * - `orders`: all that were in the batch, filled or not, with the owners of their contracts.
 */
export type PublishedBook = {
  readonly bookId: Uint8Array;
  readonly price: number | undefined;
  readonly orders: readonly { readonly signed: SignedOrder; readonly owner: Uint8Array }[];
};

/** All orders that the block of this height was cleared from. */
export type PublishedBatch = {
  readonly height: number;
  readonly books: readonly PublishedBook[];
};

/** An order is in the batch of the block of `height`, which follows the one that it names. */
export type OrderReceipt = { readonly orderHash: Uint8Array; readonly height: number };

/** `signature`: by the order's owner, with the tag `signRequest`, over `encodeCancel`. */
export type CancelRequest = { readonly orderHash: Uint8Array; readonly signature: Uint8Array };

/** Lots at one limit, in thousandths for `yes`. */
export type BookLevel = { readonly price: number; readonly lots: bigint };

/** What the feed says, each message one number above the one before on the same connection. */
export type FeedMessage = { readonly sequence: number } & (
  | {
      /** What stands in a book for the next batch, best first. */
      readonly kind: "book";
      readonly bookId: Uint8Array;
      readonly bids: readonly BookLevel[];
      readonly asks: readonly BookLevel[];
    }
  | {
      /** When the next block is made at the latest, in unix milliseconds; null while nothing waits for one. */
      readonly kind: "deadline";
      readonly height: number;
      readonly atMs: number | null;
    }
  | {
      /** A batch was cleared. `volume`: satoshi that changed hands, as positions pay. */
      readonly kind: "trade";
      readonly height: number;
      readonly bookId: Uint8Array;
      readonly price: number;
      readonly volume: bigint;
      readonly timeMs: number;
    }
  /** Nothing has happened; sent when nothing else was for some seconds, so that a silent feed is known to be dead. */
  | { readonly kind: "beat"; readonly nowMs: number }
);
