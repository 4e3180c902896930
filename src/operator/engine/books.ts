import { judgeMarketCount, type Market } from "../../api/marketApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, demand, insist, judge, refuse, type Verdict } from "../../lib/verdict.ts";
import { listOracles } from "../../market/outcomes.ts";
import type { MarketRef } from "../../protocol/order.ts";
import { type Book, createBooks } from "./book.ts";
import type { EngineState } from "./engineState.ts";

/**
 * Offer a market from now on. One that asks exactly what another does takes its place; one that only shares an outcome
 * with another is refused, since its orders would be the other's.
 *
 * @returns its books.
 */
export function offerMarket(state: EngineState, market: Market): Verdict<readonly Book[]> {
  return judge(() => {
    const asked = askedBy(market);
    const isKnown = state.markets.some((other) => askedBy(other) === asked);
    const markets = isKnown
      ? state.markets.map((other) => (askedBy(other) === asked ? market : other))
      : [...state.markets, market];
    insist(judgeMarketCount(markets));
    const books = createBooks(market);
    for (const { id } of books) {
      const other = state.books.get(id)?.market;
      demand(
        other === undefined || askedBy(other) === asked,
        "MARKET_EXISTS",
        `an outcome is one of another market already: ${other?.question}`,
      );
    }
    state.markets = markets;
    for (const book of books) state.books.set(book.id, book);
    return books;
  });
}

/** The book that orders of this market are in, while it takes them. */
export function findOpenBook(state: EngineState, ref: MarketRef): Verdict<Book> {
  const book = state.books.get(formatHex(ref.win));
  if (book === undefined || !isSameRef(book.ref, ref)) {
    const message = "no market of these conditions and this deposit share is open";
    return refuse("NO_SUCH_MARKET", message);
  }
  const { oracles } = book;
  const closing = oracles.find((id) => state.main?.oracles.get(id) !== "open");
  if (closing === undefined) return accept(book);
  const result = state.main?.oracles.get(closing) ?? "unknown";
  return refuse("NOT_OPEN", `the result of oracle ${closing} is ${result}`);
}

/** Whether any orders are taken now: then blocks keep their distance, so that traders can look at each. */
export function isMarketOpen(state: EngineState): boolean {
  for (const { ref } of state.books.values()) if (findOpenBook(state, ref).ok) return true;
  return false;
}

function isSameRef(a: MarketRef, b: MarketRef): boolean {
  const isSame = equalBytes(a.win, b.win) && equalBytes(a.refund, b.refund);
  return isSame && a.depositBps === b.depositBps;
}

/** What a market asks, as a text to compare. */
function askedBy({ ask }: Market): string {
  return `${ask.kind}:${listOracles(ask).map(formatHex).join()}`;
}
