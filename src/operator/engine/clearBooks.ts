import type { PublishedBatch } from "../../api/marketApi.ts";
import { encodeBlockTransaction } from "../../blocks/transaction.ts";
import { volumeOf } from "../../market/batch.ts";
import { clearMatches } from "../../market/clearMatches.ts";
import { BLOCK_TRANSACTIONS_MAX } from "../../protocol/limits.ts";
import type { Match } from "../../protocol/match.ts";
import type { Book } from "./book.ts";
import type { Trade } from "./engineEvent.ts";
import type { EngineState, QueueItem } from "./engineState.ts";
import type { RestingOrder } from "./restingOrders.ts";

/** What one book's orders come to: matches in the order in which they follow from the orders. */
type ClearedBook = { readonly book: Book; readonly matches: readonly Match[] };

/** A match of the next block. `bookId`: hex. */
export type MatchItem = QueueItem & { readonly bookId: string; readonly match: Match };

/**
 * Clear every book: the matches that go into the next block, after `queued` transactions of `queuedBytes`. Of what one
 * block cannot hold each book gives up the last of its matches, so that the first ones are told by the orders alone.
 *
 * @see docs/PROTOCOL.md section 7, clearing
 */
export function clearBooks(state: EngineState, queued: number, queuedBytes: number): MatchItem[] {
  const bounds = { seenBlock: state.tip.hash, recorded: state.recorded };
  const cleared = groupByBook(state).map(([book, orders]) => ({
    book,
    matches: clearMatches(orders, book.ref, book.market, bounds).matches,
  }));
  const items: MatchItem[] = [];
  let bytes = queuedBytes;
  for (const { book, match } of takeTurns(cleared)) {
    bytes += encodeBlockTransaction({ kind: "match", match }).length;
    const isFull = queued + items.length >= BLOCK_TRANSACTIONS_MAX;
    if (isFull || bytes > state.policy.blockBytesMax) break;
    items.push({
      closes: [],
      contracts: [],
      conditions: book.conditions,
      matches: [match],
      requests: [],
      bookId: book.id,
      match,
    });
  }
  return items;
}

/** All orders on the tip, as the block after it was cleared from them; undefined if there are none. */
export function createBatch(
  state: EngineState,
  items: readonly MatchItem[],
): PublishedBatch | undefined {
  const books = groupByBook(state).map(([{ id, ref }, orders]) => ({
    bookId: ref.win,
    price: items.find(({ bookId }) => bookId === id)?.match.price,
    orders: orders.map(({ signed, owner }) => ({ signed, owner })),
  }));
  return books.length === 0 ? undefined : { height: state.tip.height + 1, books };
}

/** What the matches of the next block amount to, book by book. */
export function listTrades(state: EngineState, items: readonly MatchItem[]): Trade[] {
  const byBook = new Map<string, Match[]>();
  for (const { bookId, match } of items) {
    const matches = byBook.get(bookId);
    if (matches === undefined) byBook.set(bookId, [match]);
    else matches.push(match);
  }
  return [...byBook].map(([bookId, matches]) => ({
    height: state.tip.height + 1,
    bookId,
    price: matches[0]?.price ?? 0,
    volume: volumeOf(matches),
    timeMs: state.nowMs,
  }));
}

/** The orders of each book that has any, in the order of the books: which order came first changes no block. */
function groupByBook({ books, orders }: EngineState): [Book, RestingOrder[]][] {
  const groups = new Map(
    [...books.values()].map((book): [string, [Book, RestingOrder[]]] => [book.id, [book, []]]),
  );
  for (const order of orders.resting.values()) groups.get(order.bookId)?.[1].push(order);
  return [...groups.values()].filter(([, group]) => group.length > 0);
}

/** The first match of each book, then the second of each, and so on: no book keeps the others out of the block. */
function* takeTurns(cleared: readonly ClearedBook[]): Generator<{ book: Book; match: Match }> {
  const most = Math.max(0, ...cleared.map(({ matches }) => matches.length));
  for (let turn = 0; turn < most; turn++) {
    for (const { book, matches } of cleared) {
      const match = matches[turn];
      if (match !== undefined) yield { book, match };
    }
  }
}
