import type { BookLevel } from "../../api/marketApi.ts";
import { countLots, isBidder, limitForYes } from "../../market/batchOrder.ts";
import type { EngineState } from "./engineState.ts";

/** What stands in a book for the next batch: lots at each limit for `yes`, best first. */
export type BookLevels = {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
};

/** The levels of some books, by hex of their ids. Work: one pass over all orders. */
export function listLevels(
  { books, orders }: EngineState,
  bookIds: ReadonlySet<string>,
): Map<string, BookLevels> {
  if (bookIds.size === 0) return new Map();
  const sums = new Map(
    [...bookIds].map((id) => [
      id,
      { bids: new Map<number, bigint>(), asks: new Map<number, bigint>() },
    ]),
  );
  for (const { bookId, signed } of orders.resting.values()) {
    const sum = sums.get(bookId);
    const rules = books.get(bookId)?.market;
    if (sum === undefined || rules === undefined) continue;
    const { terms } = signed.order;
    const side = isBidder({ terms }) ? sum.bids : sum.asks;
    const limit = limitForYes(terms);
    side.set(limit, (side.get(limit) ?? 0n) + countLots({ terms }, rules));
  }
  return new Map(
    [...sums].map(([id, { bids, asks }]) => [
      id,
      { bids: toLevels(bids, -1), asks: toLevels(asks, 1) },
    ]),
  );
}

function toLevels(sums: ReadonlyMap<number, bigint>, sign: 1 | -1): BookLevel[] {
  const levels = [...sums].map(([price, lots]) => ({ price, lots }));
  return levels.sort((a, b) => sign * (a.price - b.price));
}
