import { describe, expect, it } from "vitest";
import { fillLevel, layoutDepth } from "../../../src/ui/figures/depth.ts";
import { computeHolding } from "../../../src/ui/figures/holding.ts";
import { computeOrderTicket, suggestPrice, sumCash } from "../../../src/ui/figures/orderTicket.ts";
import {
  drawSteps,
  findNearest,
  layoutPrices,
  scalePrices,
  stepBatch,
} from "../../../src/ui/figures/priceLine.ts";
import { CHAIN_ID, chain, live, veo } from "../../preview/fixtures.ts";
import { book, makeOrder, positions } from "../../preview/marketFixtures.ts";

describe("the ticket of an order", () => {
  const terms = { quantity: veo(10), lastPrice: 600, depositBps: 200 } as const;

  it("says what is paid at most, held and won at least", () => {
    expect(computeOrderTicket({ ...terms, side: "buyYes", limit: 620 })).toEqual({
      money: veo(6.2),
      holds: veo(10),
      gains: veo(3.8),
      expected: veo(5.88),
    });
  });

  it("reckons no at its own price", () => {
    const { money, expected } = computeOrderTicket({ ...terms, side: "buyNo", limit: 380 });
    expect([money, expected]).toEqual([veo(3.8), veo(3.92)]);
  });

  it("promises no expected value before there is a price", () => {
    const none = { ...terms, lastPrice: undefined };
    expect(computeOrderTicket({ ...none, side: "buyYes", limit: 620 }).expected).toBeUndefined();
  });

  it("begins at a price that meets the best offer of the other side", () => {
    expect(suggestPrice(book, "buyYes")).toBe(630);
    expect(suggestPrice(book, "buyNo")).toBe(390);
    expect(suggestPrice(book, "sellYes")).toBe(610);
    expect(suggestPrice(book, "sellNo")).toBe(370);
    const empty = { bids: [], asks: [], trades: [], tick: 10 };
    expect(suggestPrice({ ...empty, trades: book.trades }, "buyNo")).toBe(380);
    expect(suggestPrice(empty, "buyYes")).toBe(500);
  });
});

describe("cash for orders", () => {
  it("is plain space that is held, less what open orders to buy may take", () => {
    const state = { kind: "sent" } as const;
    const orders = [
      makeOrder("1", state, { filled: veo(4) }),
      makeOrder("2", state, { side: "sellYes" }),
      makeOrder("3", state, { isOpen: false }),
      makeOrder("4", state, { chainId: "ff" }),
    ];
    const { total, free } = sumCash(live.contracts, orders, CHAIN_ID);
    expect(total).toBe(veo(42));
    expect(free).toBe(veo(42 - 6 * 0.62));
    expect(sumCash(live.contracts, [], CHAIN_ID).areAllUsed).toBe(false);
    // The whole of it is one contract, which backs one order, and another chain's or a seller's takes none.
    expect(sumCash(live.contracts, orders.slice(1), CHAIN_ID).areAllUsed).toBe(false);
    expect(sumCash(live.contracts, orders, CHAIN_ID).areAllUsed).toBe(true);
    const all = [makeOrder("1", state, { quantity: veo(1_000) })];
    expect(sumCash(live.contracts, all, CHAIN_ID).free).toBe(0n);
  });
});

describe("a position", () => {
  const [position] = positions;
  if (position === undefined) throw new Error("expected a position");

  it("is worth its price, after the draw's share less", () => {
    expect(computeHolding(position, chain)).toEqual({
      value: veo(6.1),
      expected: veo(5.978),
      canWin: veo(980),
    });
  });

  it("is worth what it gives back where the question was bad", () => {
    const bad = { ...position, outcome: "bad" } as const;
    expect(computeHolding(bad, chain).value).toBe(position.backIfBad);
  });
});

describe("the price line", () => {
  const box = { width: 400, height: 100, volumeHeight: 40 };

  it("puts every batch inside its box, the later further right", () => {
    const scale = scalePrices(book.trades.map(({ price }) => price));
    const points = layoutPrices(book.trades, scale, box);
    expect(points[0]?.x).toBe(0);
    expect(points.at(-1)?.x).toBe(400);
    points.forEach(({ x, y, volume }, index) => {
      expect(x).toBeGreaterThanOrEqual(points[index - 1]?.x ?? 0);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(100);
      expect(volume).toBeGreaterThan(0);
      expect(volume).toBeLessThanOrEqual(40);
    });
  });

  it("holds where an operator says times that cannot be, or one time for all", () => {
    const at = (times: readonly number[]) =>
      layoutPrices(
        times.map((timeMs, height) => ({ height, price: 500, volume: 1n, timeMs })),
        scalePrices([500]),
        box,
      ).map(({ x }) => x);
    expect(at([5, 5, 5])).toEqual([0, 200, 400]);
    expect(at([0, 9e15, 10])).toEqual([0, 400, 400]);
    expect(at([7])).toEqual([0]);
  });

  it("has round marks around the prices, never outside 0 to 1", () => {
    expect(scalePrices([620]).marks).toContain(620);
    for (const prices of [[1], [999], [1, 999], [500, 505]]) {
      const { low, high, marks } = scalePrices(prices);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1_000);
      expect(low).toBeLessThanOrEqual(Math.min(...prices));
      expect(high).toBeGreaterThanOrEqual(Math.max(...prices));
      expect(marks.length).toBeLessThanOrEqual(8);
    }
  });

  it("stays at a price until the next batch", () => {
    const points = [
      { x: 0, y: 10, volume: 1 },
      { x: 50, y: 20, volume: 1 },
    ];
    expect(drawSteps(points)).toBe("M0 10H50V20");
    expect(findNearest(points, 30)).toBe(1);
    expect(findNearest([], 30)).toBeUndefined();
  });

  it("is walked with the keys of a slider", () => {
    expect(stepBatch("ArrowLeft", 0, 5)).toBe(0);
    expect(stepBatch("ArrowRight", 3, 5)).toBe(4);
    expect(stepBatch("End", 0, 5)).toBe(4);
    expect(stepBatch("Home", 3, 5)).toBe(0);
    expect(stepBatch("Tab", 3, 5)).toBeUndefined();
  });
});

describe("the depth of a book", () => {
  const box = { width: 400, height: 80 };

  it("is two stairs from the best prices outwards, and none of an empty book", () => {
    expect(layoutDepth({ bids: [], asks: [] }, box)).toBeUndefined();
    const shape = layoutDepth(book, box);
    expect(shape?.bids).toMatch(/^M182\.\d 80V.*H0V80Z$/);
    expect(shape?.asks).toMatch(/H400V80Z$/);
    expect(layoutDepth({ bids: [], asks: book.asks }, box)?.bids).toBe("");
  });

  it("fills a level's bar by all that stands up to it", () => {
    const deepest = book.asks.at(-1)?.total ?? 0n;
    expect(fillLevel(deepest, book)).toBe(100);
    expect(fillLevel(deepest / 2n, book)).toBeCloseTo(50, 0);
    expect(fillLevel(1n, { bids: [], asks: [] })).toBe(100);
  });
});
