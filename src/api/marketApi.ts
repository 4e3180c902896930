import { concatBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { demand, judge, type Verdict } from "../lib/verdict.ts";
import type { SignedOrder } from "../market/batch.ts";
import { countOutcomes, listOracles, type Question } from "../market/outcomes.ts";
import { DEPOSIT_BPS_MAX, FACTS_MAX, PRICE_PARTS } from "../protocol/limits.ts";
import { isPlainText } from "./plainText.ts";

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

/** Most questions that one operator offers, and outcomes of them all: there is a book for each. */
export const MARKETS_MAX = 256;
export const OFFERED_OUTCOMES_MAX = 512;
/** Most letters of a question as the operator puts it, and of the word for an outcome. */
const QUESTION_LETTERS_MAX = 200;
const OUTCOME_LETTERS_MAX = 40;

/** Whether a market can be offered at all: words for its outcomes, and steps of price and quantity that an order can have. */
export function judgeMarket(market: Market): Verdict<null> {
  return judge(() => {
    const { question, ask, outcomes, depositBps, tick, lot, yesBps } = market;
    demand(
      question !== "" && isPlainText(question, QUESTION_LETTERS_MAX),
      "BAD_QUESTION",
      `expected a question of 1 to ${QUESTION_LETTERS_MAX} letters without control characters`,
    );
    const oracles = listOracles(ask);
    const most = ask.kind === "binary" ? 1 : FACTS_MAX;
    const least = ask.kind === "binary" ? 1 : 2;
    demand(
      least <= oracles.length && oracles.length <= most,
      "BAD_QUESTION",
      `expected ${least} to ${most} oracles, got ${oracles.length}`,
    );
    demand(
      new Set(oracles.map(formatHex)).size === oracles.length,
      "BAD_QUESTION",
      "a question reads one oracle twice",
    );
    const isNamed = outcomes.every((word) => word !== "" && isPlainText(word, OUTCOME_LETTERS_MAX));
    demand(
      outcomes.length === countOutcomes(ask) && isNamed,
      "WRONG_OUTCOMES",
      `expected ${countOutcomes(ask)} words of 1 to ${OUTCOME_LETTERS_MAX} letters for the outcomes`,
    );
    demand(
      depositBps <= DEPOSIT_BPS_MAX,
      "DEPOSIT_TOO_HIGH",
      `expected at most ${DEPOSIT_BPS_MAX} basis points, got ${depositBps}`,
    );
    demand(
      0 < tick && tick < PRICE_PARTS && PRICE_PARTS % tick === 0,
      "BAD_TICK",
      `expected a tick that divides ${PRICE_PARTS} thousandths, got ${tick}`,
    );
    demand(
      lot > 0n && lot % BigInt(PRICE_PARTS) === 0n,
      "BAD_LOT",
      `expected a lot that is a multiple of ${PRICE_PARTS} satoshi, got ${lot}`,
    );
    demand(
      yesBps === undefined || (ask.kind === "binary" && 0 < yesBps && yesBps < 10_000),
      "BAD_PRICE",
      "expected a price at once above 0 and below 10,000 basis points, of a binary question only",
    );
    return null;
  });
}

/** The oracles that markets read, each once. */
export function listOfferedOracles(markets: readonly Market[]): Uint8Array[] {
  const all = markets.flatMap(({ ask }) => listOracles(ask));
  return [...new Map(all.map((oracle) => [formatHex(oracle), oracle])).values()];
}

/** Whether markets can be offered side by side by one operator; each of them is judged already. */
export function judgeMarketCount(markets: readonly Market[]): Verdict<null> {
  return judge(() => {
    const outcomes = markets.reduce((sum, { ask }) => sum + countOutcomes(ask), 0);
    demand(
      markets.length <= MARKETS_MAX && outcomes <= OFFERED_OUTCOMES_MAX,
      "TOO_MANY_MARKETS",
      `expected at most ${MARKETS_MAX} markets with ${OFFERED_OUTCOMES_MAX} outcomes together`,
    );
    return null;
  });
}

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

/** `orderName`: of all its versions. `signature`: by the order's owner, with the tag `signRequest`, over `encodeCancel`. */
export type CancelRequest = { readonly orderName: Uint8Array; readonly signature: Uint8Array };

/**
 * The body that an order's owner signs to take it back: u8 1, which sets it apart from a sign-in (`encodeSignIn`), then
 * chain id 32, order name 32.
 */
export function encodeCancel(chainId: Uint8Array, orderName: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(1), chainId, orderName);
}

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
