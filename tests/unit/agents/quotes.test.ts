import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBelief } from "../../../src/agents/belief.ts";
import { createQuotes, type Inventory, type QuotePolicy } from "../../../src/agents/quotes.ts";
import { costOf } from "../../../src/market/piece.ts";

const UNIT = 100_000n;
const STEPS = { tick: 10, lot: UNIT };
const POLICY: QuotePolicy = { halfSpread: 20, skew: 5, size: 10n * UNIT, lossMax: 40n * UNIT };
const EMPTY: Inventory = {
  yes: 0n,
  no: 0n,
  paid: 0n,
  stale: { yes: 0n, no: 0n },
  cash: 1_000n * UNIT,
};

/** Both quotes as prices of `yes`, in thousandths. */
function pricesOf(belief: number, inventory: Partial<Inventory>, policy = POLICY) {
  const quotes = createQuotes(belief, { ...EMPTY, ...inventory }, STEPS, policy);
  const limit = (side: string) => quotes.find((each) => each.side === side)?.limit;
  const no = limit("buyNo");
  return { bid: limit("buyYes"), ask: no === undefined ? undefined : 1_000 - no };
}

describe("a maker's quotes", () => {
  it("stand on both sides of what it believes, on the steps of the book", () => {
    expect(pricesOf(500, {})).toEqual({ bid: 480, ask: 520 });
    expect(pricesOf(503.7, {})).toEqual({ bid: 480, ask: 530 });
  });

  it("never meet, however thin the spread", () => {
    expect(pricesOf(500, {}, { ...POLICY, halfSpread: 0 })).toEqual({ bid: 500, ask: 510 });
  });

  it("go down while it holds more yes, and up while it holds more no", () => {
    const paid = 20n * UNIT;
    expect(pricesOf(500, { yes: 40n * UNIT, paid })).toEqual({ bid: 460, ask: 500 });
    expect(pricesOf(500, { no: 40n * UNIT, paid })).toEqual({ bid: 500, ask: 540 });
  });

  it("leave out the side that may cost no more, and go on with the other", () => {
    const held = { yes: 80n * UNIT, paid: 40n * UNIT };
    expect(pricesOf(500, held)).toEqual({ bid: undefined, ask: 480 });
    const stale = { yes: POLICY.lossMax, no: 0n };
    expect(pricesOf(500, { stale })).toEqual({ bid: undefined, ask: 520 });
  });

  it("are as large as cash allows", () => {
    const [bid] = createQuotes(500, { ...EMPTY, cash: UNIT }, STEPS, POLICY);
    expect(bid).toEqual({ side: "buyYes", limit: 480, quantity: 2n * UNIT });
    expect(createQuotes(500, { ...EMPTY, cash: UNIT / 10n }, STEPS, POLICY)).toEqual([]);
  });

  it("leave out a side whose price would be none", () => {
    expect(pricesOf(15, {})).toEqual({ bid: undefined, ask: 40 });
    expect(pricesOf(985, {})).toEqual({ bid: 960, ask: undefined });
  });

  it("lose no more than they may, whatever is filled of them and whatever the answer is", () => {
    const step = fc.record({
      belief: fc.integer({ min: 50, max: 950 }),
      filledYes: fc.integer({ min: 0, max: 10 }),
      filledNo: fc.integer({ min: 0, max: 10 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let { yes, no, paid } = EMPTY;
        for (const { belief, filledYes, filledNo } of steps) {
          const quotes = createQuotes(belief, { ...EMPTY, yes, no, paid }, STEPS, POLICY);
          for (const { side, limit, quantity } of quotes) {
            const wanted = UNIT * BigInt(side === "buyYes" ? filledYes : filledNo);
            const filled = wanted < quantity ? wanted : quantity;
            paid += costOf(filled, limit);
            if (side === "buyYes") yes += filled;
            else no += filled;
          }
          expect(paid - yes <= POLICY.lossMax).toBe(true);
          expect(paid - no <= POLICY.lossMax).toBe(true);
        }
      }),
    );
  });
});

describe("a maker's belief", () => {
  it("goes a step with each block, by the seed alone", () => {
    const belief = createBelief("seed", 500, 10);
    const path = Array.from({ length: 200 }, (_, height) => belief(height));
    for (const [index, each] of path.slice(1).entries()) {
      expect(Math.abs(each - (path[index] ?? 0))).toBe(10);
    }
    // Who starts anew and looks at a later block first believes the same.
    const again = createBelief("seed", 500, 10);
    expect(again(199)).toBe(path[199]);
    expect(createBelief("other", 500, 10)(199)).not.toBe(path[199]);
  });

  it("is never sure", () => {
    const belief = createBelief("seed", 940, 30);
    const path = Array.from({ length: 500 }, (_, height) => belief(height));
    expect(Math.max(...path)).toBeLessThanOrEqual(950);
    expect(Math.min(...path)).toBeGreaterThanOrEqual(50);
  });

  it("stays where it has no step", () => {
    expect(createBelief("seed", 620, 0)(1_000)).toBe(620);
  });
});
