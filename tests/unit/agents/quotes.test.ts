import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBelief } from "../../../src/agents/belief.ts";
import { createQuotes, type Inventory, type QuotePolicy } from "../../../src/agents/quotes.ts";
import { costOf } from "../../../src/market/piece.ts";

const UNIT = 100_000n;
const STEPS = { tick: 10, lot: UNIT };
const POLICY: QuotePolicy = {
  levels: 1,
  halfSpread: 20,
  skew: 5,
  size: 10n * UNIT,
  lossMax: 40n * UNIT,
};
const EMPTY: Inventory = {
  yes: 0n,
  no: 0n,
  refund: 0n,
  paid: 0n,
  lost: 0n,
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
    const refund = paid;
    expect(pricesOf(500, { yes: 40n * UNIT, paid, refund })).toEqual({ bid: 460, ask: 500 });
    expect(pricesOf(500, { no: 40n * UNIT, paid, refund })).toEqual({ bid: 500, ask: 540 });
  });

  it("leave out the side that may cost no more, and go on with the other", () => {
    const held = { yes: 80n * UNIT, paid: 40n * UNIT, refund: 40n * UNIT };
    expect(pricesOf(500, held)).toEqual({ bid: undefined, ask: 480 });
    const stale = { yes: POLICY.lossMax / 2n, no: 0n };
    const half = { paid: 20n * UNIT, refund: 20n * UNIT, yes: 20n * UNIT };
    expect(pricesOf(500, { ...half, stale })).toEqual({ bid: undefined, ask: 510 });
  });

  it("are none once all that may be lost is lost, or a bad question would give nothing back", () => {
    expect(pricesOf(500, { lost: POLICY.lossMax })).toEqual({ bid: undefined, ask: undefined });
    const half = { yes: 40n * UNIT, paid: 20n * UNIT, refund: 20n * UNIT };
    expect(pricesOf(500, { ...half, lost: 20n * UNIT })).toEqual({ bid: undefined, ask: 500 });
    const pairs = { yes: 40n * UNIT, no: 40n * UNIT, paid: 40n * UNIT };
    expect(pricesOf(500, { ...pairs, refund: 0n })).toEqual({ bid: undefined, ask: undefined });
    expect(pricesOf(500, { ...pairs, refund: 40n * UNIT })).toEqual({ bid: 480, ask: 520 });
  });

  it("stand on several levels, of which the nearest come first where not all may be filled", () => {
    const policy = { ...POLICY, levels: 3 };
    const quotes = createQuotes(500, EMPTY, STEPS, policy);
    const size = POLICY.size;
    expect(quotes).toEqual([
      { side: "buyYes", limit: 480, quantity: size },
      { side: "buyYes", limit: 470, quantity: size },
      { side: "buyYes", limit: 460, quantity: size },
      { side: "buyNo", limit: 480, quantity: size },
      { side: "buyNo", limit: 470, quantity: size },
      { side: "buyNo", limit: 460, quantity: size },
    ]);
    const short = createQuotes(500, { ...EMPTY, lost: 27n * UNIT }, STEPS, policy);
    expect(short.map(({ quantity }) => quantity / UNIT)).toEqual([10n, 3n, 10n, 3n]);
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

  it("lose no more than they may, whatever is filled of them, of whoever, and whatever the answer is", () => {
    const step = fc.record({
      belief: fc.integer({ min: 50, max: 950 }),
      filled: fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 6, maxLength: 6 }),
      // Of what is bought from a seller nothing may come back.
      isRefunded: fc.boolean(),
      isMerged: fc.boolean(),
    });
    const policy = { ...POLICY, levels: 3 };
    const less = (a: bigint, b: bigint) => (a < b ? a : b);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let { yes, no, refund, paid, lost } = EMPTY;
        // It does not count on what it has won before; here it counts.
        let won = 0n;
        for (const { belief, filled, isRefunded, isMerged } of steps) {
          const inventory = { ...EMPTY, yes, no, refund, paid, lost };
          const quotes = createQuotes(belief, inventory, STEPS, policy);
          for (const [index, { side, limit, quantity }] of quotes.entries()) {
            const bought = less(UNIT * BigInt(filled[index] ?? 0), quantity);
            const cost = costOf(bought, limit);
            paid += cost;
            if (isRefunded) refund += cost;
            if (side === "buyYes") yes += bought;
            else no += bought;
          }
          for (const back of [yes, no, refund]) {
            expect(lost - won + paid - back <= POLICY.lossMax).toBe(true);
          }
          if (!isMerged || paid === 0n) continue;
          // Half of the pairs become cash: each with its share of what all cost, and of what comes back.
          const merged = less(yes, no) / 2n;
          const gone = (paid * merged) / (yes < no ? no : yes);
          if (gone > merged) lost += gone - merged;
          else won += merged - gone;
          [yes, no, paid] = [yes - merged, no - merged, paid - gone];
          refund -= less(refund, merged);
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
