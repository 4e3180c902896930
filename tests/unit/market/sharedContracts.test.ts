import { describe, expect, it } from "vitest";
import { formatHex } from "../../../src/lib/hex.ts";
import { createMarketRef, createOutcomeConditions } from "../../../src/market/outcomes.ts";
import { findSharedBooks } from "../../../src/market/sharedContracts.ts";
import type { MarketRef, OrderSide, Piece } from "../../../src/protocol/order.ts";
import { hashName } from "../blocks/chainLab.ts";

const marketOf = (name: string): MarketRef =>
  createMarketRef(createOutcomeConditions({ kind: "binary", oracle: hashName(name) }, 0), 0);
const [GAME, WEATHER] = [marketOf("game"), marketOf("weather")];
const cash = (lo: bigint): Piece => ({ lo, hi: lo + 1_000n, kind: "cash" });
const pieceOf = (kind: Piece["kind"]): Piece => ({ ...cash(0n), kind });

function order(market: MarketRef, side: OrderSide, ...contracts: Piece[]) {
  const terms = { heightMax: 9, side, limit: 500, quantity: 1_000n, refundLeast: 0, contracts };
  const named = { seenBlock: hashName("tip"), recorded: 7, market, terms };
  return { signed: { order: named, signature: new Uint8Array(65) } };
}

const book = (market: MarketRef, ...orders: ReturnType<typeof order>[]) => ({
  bookId: market.win,
  orders,
});
const idOf = ({ win }: MarketRef) => formatHex(win);

describe("the orders of a batch", () => {
  it("share nothing where each contract is named once", () => {
    const orders = [
      order(GAME, "buyYes", cash(0n), cash(1_000n)),
      order(GAME, "buyNo", cash(2_000n)),
      // Both sides of one range, and of two markets: these are different contracts.
      order(GAME, "sellYes", pieceOf("refund")),
      order(GAME, "sellNo", pieceOf("win")),
    ];
    const others = order(WEATHER, "sellYes", pieceOf("refund"));
    expect(findSharedBooks([book(GAME, ...orders), book(WEATHER, others)]).size).toBe(0);
  });

  it.each([
    ["cash", order(GAME, "buyYes", cash(0n)), order(GAME, "buyNo", cash(9_000n), cash(0n))],
    ["a position", order(GAME, "sellNo", pieceOf("win")), order(GAME, "sellNo", pieceOf("win"))],
  ])("share %s that two of one book name", (_, one, other) => {
    expect([...findSharedBooks([book(GAME, one, other)])]).toEqual([idOf(GAME)]);
  });

  it("share what one of them names twice", () => {
    const twice = order(GAME, "buyYes", cash(0n), cash(1_000n), cash(0n));
    expect([...findSharedBooks([book(GAME, twice)])]).toEqual([idOf(GAME)]);
  });

  it("share cash that orders of two books name, and both books are told of", () => {
    const books = [
      book(marketOf("election"), order(marketOf("election"), "buyYes", cash(5_000n))),
      book(GAME, order(GAME, "buyYes", cash(0n))),
      book(WEATHER, order(WEATHER, "buyNo", cash(0n))),
    ];
    expect([...findSharedBooks(books)]).toEqual([idOf(GAME), idOf(WEATHER)]);
  });
});
