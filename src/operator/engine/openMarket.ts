import { MARKETS_MAX, type Market } from "../../api/marketApi.ts";
import { MARKET_BYTES_MIN, readMarket, writeMarket } from "../../api/marketCodec.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode, type Reader } from "../../lib/codec.ts";
import { accept, type Verdict } from "../../lib/verdict.ts";
import { offerMarket } from "./books.ts";
import type { Effect, TraderRequest } from "./engineEvent.ts";
import type { EngineState } from "./engineState.ts";
import { dropOrders } from "./orders.ts";
import { rowKey } from "./rowKey.ts";

/** Open a market on the operator's own word, or change the terms of one: it is on disk before that is said. */
export function handleMarket(
  state: EngineState,
  { request, market }: TraderRequest & { kind: "market" },
): Effect[] {
  const opened = openMarket(state, market);
  if (!opened.ok) return [{ kind: "reply", request, answer: opened }];
  return [...opened.value, { kind: "reply", request, answer: accept({ kind: "market" }) }];
}

/** Open a market. Orders that stood by other terms of it do not stand by these. */
export function openMarket(state: EngineState, market: Market): Verdict<Effect[]> {
  const before = encodeMarkets(state.markets);
  const offered = offerMarket(state, market);
  if (!offered.ok) return offered;
  const value = encodeMarkets(state.markets);
  if (equalBytes(before, value)) return accept([]);
  const bookIds = offered.value.map(({ id }) => id);
  return accept([
    { kind: "commit", operations: [{ kind: "put", key: rowKey.markets, value }] },
    ...dropOrders(state, ({ bookId }) => bookIds.includes(bookId)),
    ...bookIds.map((bookId) => ({ kind: "book", bookId }) as const),
  ]);
}

/** Read the row of all markets: u16 count, then each. */
export function readMarketsRow(reader: Reader): Market[] {
  return reader.list(MARKETS_MAX, MARKET_BYTES_MIN, readMarket);
}

function encodeMarkets(markets: readonly Market[]): Uint8Array {
  return encode((writer) => writer.list(markets, MARKETS_MAX, writeMarket));
}
