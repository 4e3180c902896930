import { describe, expect, it } from "vitest";
import { findCertain } from "../../../src/blocks/lateSpaces.ts";
import { sweep } from "../../../src/client/frozen.ts";
import type { FrozenSpace } from "../../../src/client/standing.ts";
import { createLeaf } from "../../../src/protocol/contractNew.ts";
import type { Place } from "../../../src/protocol/place.ts";
import type { LateSpace } from "../../../src/protocol/recordSeen.ts";
import { alice, cash, hashName } from "../blocks/chainLab.ts";
import { GAME, under } from "../blocks/scene.ts";

const at = (lo: bigint, hi: bigint, ...conditions: Place["conditions"]): Place => ({
  lo,
  hi,
  conditions,
});
const frozen = (place: Place, since: number, isSwept = false): FrozenSpace => {
  return { place, since, isSwept };
};
const seen = (...late: LateSpace[]) => ({ seen: { height: 9, late }, made: [] });
const make = (place: Place, madeIn: number) => {
  const { lo, hi, conditions } = place;
  const leaf = createLeaf(hashName("made"), cash(alice, lo, hi, conditions), madeIn);
  return { index: 0, place, leaf };
};

const ONE = frozen(at(10n, 20n), 4);
const ON_YES = frozen(at(30n, 40n, under(GAME)), 6);

describe("a sweep of late spaces", () => {
  it("is taken where a record is known that made them late, and sweeps those alone", () => {
    const { place, since } = ONE;
    const swept = sweep([ONE, ON_YES], seen({ place, since }));
    expect(swept).toEqual({ ok: true, value: [{ ...ONE, isSwept: true }, ON_YES] });
  });

  it.each<[string, LateSpace]>([
    ["other space", { place: at(50n, 60n), since: 4 }],
    ["more than is late", { place: at(10n, 21n), since: 4 }],
    ["what was made before", { place: at(10n, 20n), since: 3 }],
    ["both sides, where one is late", { place: at(30n, 40n), since: 6 }],
    ["the other side", { place: at(30n, 40n, under(GAME, false)), since: 6 }],
  ])("is refused of %s", (_, late) => {
    expect(sweep([ONE, ON_YES], seen(late))).toMatchObject({ ok: false, code: "NOT_LATE" });
  });

  it("is taken of a part, which leaves the whole unswept", () => {
    const part = { place: at(12n, 15n), since: 5 };
    expect(sweep([ONE], seen(part))).toEqual({ ok: true, value: [ONE] });
  });

  it("is undone by whatever is made there again", () => {
    const swept = frozen(ONE.place, ONE.since, true);
    const made = [make(at(19n, 25n), 11)];
    expect(sweep([swept], { seen: undefined, made })).toEqual({ ok: true, value: [ONE] });
    const beside = [make(at(20n, 25n), 11)];
    expect(sweep([swept], { seen: undefined, made: beside })).toEqual({ ok: true, value: [swept] });
  });
});

describe("what stands for certain", () => {
  it("was made at or below the last recorded block, and before any space that is late and not swept", () => {
    expect(findCertain([], 9)).toBe(9);
    expect(findCertain([ON_YES, frozen(at(1n, 2n), 2, true)], 9)).toBe(5);
    expect(findCertain([ON_YES, ONE], 9)).toBe(3);
    expect(findCertain([ON_YES], 4)).toBe(4);
  });
});
