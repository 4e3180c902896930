import { describe, expect, it } from "vitest";
import { createOutcomeConditions } from "../../../src/market/outcomes.ts";
import { findFullSet } from "../../../src/market/redemption.ts";
import { conditionRef } from "../../../src/protocol/condition.ts";
import type { Place } from "../../../src/protocol/place.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

const ORACLES = [1, 2, 3, 4].map((name) => new Uint8Array(32).fill(name));
const OUTCOMES = ORACLES.map((_, outcome) =>
  conditionRef(createOutcomeConditions({ kind: "categorical", oracles: ORACLES }, outcome).refund),
);
const RANGE = { lo: 10n, hi: 90n };

type Held = { readonly name: string; readonly place: Place };

/** A cell under the outcomes from `next` on, cut at random: everything that stands in it. */
function divide(random: SeededRandom, conditions: Place["conditions"], next: number): Held[] {
  const outcome = OUTCOMES[next];
  if (outcome === undefined || (next > 0 && random.below(3) === 0)) {
    const name = conditions.map(({ side }) => (side ? "y" : "n")).join("");
    return [{ name: `${name}@${next}`, place: { ...RANGE, conditions } }];
  }
  return [true, false].flatMap((side) =>
    divide(random, [...conditions, { ...outcome, side }], next + 1),
  );
}

/** Every way in which the conditions may come out. */
const CASES = Array.from(
  { length: 2 ** OUTCOMES.length },
  (_, bits) => (hash: Uint8Array) =>
    ((bits >> OUTCOMES.findIndex((each) => each.hash === hash)) & 1) === 1,
);

const countWinners = (held: readonly Held[], isTrue: (hash: Uint8Array) => boolean) =>
  held.filter(({ place }) => place.conditions.every(({ hash, side }) => isTrue(hash) === side))
    .length;

describe("a full set", () => {
  it("is found where all is held, and exactly one of it wins in every case that its place holds in", () => {
    const random = new SeededRandom(7);
    let partial = 0;
    for (let round = 0; round < 60; round++) {
      const all = divide(random, [], 0);
      const held = all.filter(() => random.below(6) > 0);
      for (const own of held) {
        const set = findFullSet(own.place, held, 16);
        if (set === undefined) continue;
        expect(set.contracts).toContain(own);
        if (set.above.conditions.length > 0) partial++;
        for (const isTrue of CASES) {
          const above = countWinners([{ name: "above", place: set.above }], isTrue);
          expect(countWinners(set.contracts, isTrue)).toBe(above);
        }
      }
      // Nothing is missed: with all of the cell, it is the whole cell that comes back.
      const whole = findFullSet(all[0]?.place ?? { ...RANGE, conditions: [] }, all, 16);
      expect(whole).toEqual({ above: { ...RANGE, conditions: [] }, contracts: all });
    }
    expect(partial).toBeGreaterThan(0);
  });

  it("is none without one of its contracts, with another range, or of more than may be given up at once", () => {
    const refs = OUTCOMES.slice(0, 3);
    const outcomes = [0, 1, 2, 3].map((count): Held => {
      const others = refs.slice(0, count).map((ref) => ({ ...ref, side: false }));
      const own = refs[count];
      const conditions = own === undefined ? others : [...others, { ...own, side: true }];
      return { name: `outcome ${count}`, place: { ...RANGE, conditions } };
    });
    const [first] = outcomes as [Held];
    expect(findFullSet(first.place, outcomes, 4)?.contracts).toEqual(outcomes);
    expect(findFullSet(first.place, outcomes, 3)).toBeUndefined();
    for (const missing of outcomes.slice(1)) {
      const rest = outcomes.filter((each) => each !== missing);
      expect(findFullSet(first.place, rest, 4)).toBeUndefined();
      const moved = { ...missing, place: { ...missing.place, hi: RANGE.hi - 1n } };
      expect(findFullSet(first.place, [...rest, moved], 4)).toBeUndefined();
    }
    // Those that come last are a set of their own, for what stands above them.
    expect(findFullSet((outcomes[3] as Held).place, outcomes.slice(1), 4)).toEqual({
      above: { ...RANGE, conditions: [{ ...refs[0], side: false }] },
      contracts: outcomes.slice(1),
    });
    expect(findFullSet({ ...RANGE, conditions: [] }, outcomes, 4)).toBeUndefined();
  });
});
