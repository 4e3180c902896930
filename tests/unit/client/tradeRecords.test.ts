import { describe, expect, it } from "vitest";
import { decodeBook, encodeBook } from "../../../src/client/bookRow.ts";
import type { ChainBook } from "../../../src/client/chainBook.ts";
import {
  FILLS_MAX,
  keepTrades,
  TRADES_MAX,
  type TradeRecords,
} from "../../../src/client/tradeRecords.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { digestMatches, hashOrder } from "../../../src/market/batch.ts";
import { alice, bob } from "../blocks/chainLab.ts";
import { TradeLab } from "../market/tradeLab.ts";
import { BookKeeper } from "./bookLab.ts";

/** Own leaves that stand, by what they are, with their widths and what they cost. */
function listOwn({ own, live }: ChainBook): string[] {
  return [...own]
    .filter(([id]) => live.has(id))
    .map(([, { leaf, place, cost }]) => {
      const what = place.conditions[0] === undefined ? "cash" : "position";
      return `${what} ${leaf.hi - leaf.lo} for ${cost ?? "?"}`;
    });
}

describe("what a book keeps of trade", () => {
  it("is each market's price and volume, own fills, and what own leaves cost", () => {
    const lab = new TradeLab();
    lab.sell([alice, 0n, 100_000n], [bob, 200_000n, 300_000n]);
    const buyer = { who: alice, side: "buyYes", limit: 600, quantity: 40_000n } as const;
    const other = { who: bob, side: "buyNo", limit: 450, quantity: 30_000n } as const;
    const order = lab.order(buyer);
    const matches = lab.match([buyer, other]);
    lab.trade(matches);
    const keeper = new BookKeeper(lab, alice.publicKey);
    keeper.takeBlocks();
    const { book } = keeper;
    // The middle of 550 and 600 thousandths, on the tick.
    expect(book.trades).toMatchObject([{ height: 2, price: 570, volume: 30_000n }]);
    expect(book.trades[0]?.digest).toEqual(digestMatches(matches));
    expect(book.fills).toMatchObject([
      { height: 2, price: 570, quantity: 30_000n, orderHash: hashOrder(order.order) },
    ]);
    const usedId = formatHex(book.fills[0]?.usedId ?? new Uint8Array());
    expect(book.own.get(usedId)?.closedIn).toBe(2);
    expect(listOwn(book)).toEqual([
      "position 17100 for 9747",
      "position 12900 for 7353",
      "cash 82900 for ?",
    ]);
    expect(insist(decodeBook(encodeBook(book), book.chain))).toEqual(book);
  });

  it("is what was got for a position that was sold, and nothing of what others filled", () => {
    const lab = new TradeLab();
    lab.sell([alice, 0n, 100_000n], [bob, 200_000n, 300_000n]);
    lab.trade(
      lab.match([
        { who: alice, side: "buyYes", limit: 500, quantity: 20_000n },
        { who: bob, side: "buyNo", limit: 500, quantity: 20_000n },
      ]),
    );
    const matches = lab.match([
      { who: alice, side: "sellYes", limit: 400, quantity: 20_000n },
      { who: bob, side: "buyYes", limit: 400, quantity: 20_000n, refundLeast: 0 },
    ]);
    lab.trade(matches);
    const keeper = new BookKeeper(lab, alice.publicKey);
    keeper.takeBlocks();
    expect(keeper.book.trades).toMatchObject([{ price: 500 }, { price: 400, volume: 20_000n }]);
    expect(keeper.book.fills).toMatchObject([{ height: 2 }, { height: 3, quantity: 20_000n }]);
    expect(listOwn(keeper.book)).toEqual(["cash 90000 for ?", "cash 8000 for 8000"]);
    const stranger = new BookKeeper(lab, undefined);
    stranger.takeBlocks();
    expect(stranger.book.trades).toEqual(keeper.book.trades);
    expect(stranger.book.fills).toEqual([]);
  });

  it("forgets the oldest first, of trades and of own fills", () => {
    const lab = new TradeLab();
    lab.sell([alice, 0n, 100_000n], [bob, 200_000n, 300_000n]);
    const effects = lab.trade(
      lab.match([
        { who: alice, side: "buyYes", limit: 500, quantity: 1_000n },
        { who: bob, side: "buyNo", limit: 500, quantity: 1_000n },
      ]),
    );
    const block = lab.blocks.at(-1);
    if (block === undefined) throw new Error("no block was made");
    let kept: TradeRecords = { trades: [], fills: [] };
    for (let height = 1; height <= TRADES_MAX + 2; height++) {
      const later = { ...block, header: { ...block.header, height } };
      kept = keepTrades(kept, later, effects, () => true, false);
    }
    expect(kept.trades).toHaveLength(TRADES_MAX);
    expect(kept.trades[0]?.height).toBe(3);
    expect(kept.fills).toHaveLength(FILLS_MAX);
    expect(kept.fills.at(-1)?.height).toBe(TRADES_MAX + 2);
  });
});
