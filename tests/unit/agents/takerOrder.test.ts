import { describe, expect, it } from "vitest";
import { createChance } from "../../../src/agents/chance.ts";
import { chooseOrder, type TakerView } from "../../../src/agents/takerOrder.ts";

const LOT = 100_000n;
const POLICY = { busy: 1, sizeMax: 5n * LOT };
const EMPTY: TakerView = { tick: 10, lot: LOT, bid: undefined, ask: undefined, positions: [] };

/** What it does at a hundred times, by one seed. */
function orders(view: Partial<TakerView>, policy = POLICY) {
  const chance = createChance("seed");
  return Array.from({ length: 100 }, () =>
    chooseOrder(chance, { ...EMPTY, ...view }, policy),
  ).filter((order) => order !== undefined);
}

describe("a taker", () => {
  it("takes what is offered on either side, at its price or a step beyond", () => {
    const taken = orders({ bid: 480, ask: 520 });
    const limits = (side: string) =>
      new Set(taken.filter((each) => each.side === side).map(({ limit }) => limit));
    expect(taken).toHaveLength(100);
    // What no costs is what the bid for yes leaves.
    expect(limits("buyYes")).toEqual(new Set([520, 530]));
    expect(limits("buyNo")).toEqual(new Set([520, 530]));
    for (const { quantity } of taken) {
      expect(quantity % LOT).toBe(0n);
      expect(LOT <= quantity && quantity <= POLICY.sizeMax).toBe(true);
    }
    expect(new Set(taken.map(({ quantity }) => quantity)).size).toBe(5);
  });

  it("takes nothing where nobody offers it", () => {
    expect(orders({})).toEqual([]);
    expect(new Set(orders({ ask: 520 }).map(({ side }) => side))).toEqual(new Set(["buyYes"]));
  });

  it("sells what it holds, whole and to who bids for it", () => {
    const position = { isYes: false, contractIds: [new Uint8Array(32)], width: 3n * LOT };
    const sold = orders({ bid: 480, ask: 520, positions: [position] }).filter(
      ({ side }) => side === "sellNo",
    );
    expect(sold.length).toBeGreaterThan(10);
    for (const { limit, quantity, contractIds } of sold) {
      expect([480, 470]).toContain(limit);
      expect({ quantity, contractIds }).toEqual({
        quantity: position.width,
        contractIds: position.contractIds,
      });
    }
  });

  it("rests as often as it is told to", () => {
    const busy = { ...POLICY, busy: 0.25 };
    const count = orders({ bid: 480, ask: 520 }, busy).length;
    expect(10 < count && count < 40).toBe(true);
    expect(orders({ bid: 480, ask: 520 }, { ...POLICY, busy: 0 })).toEqual([]);
  });

  it("stays on the steps of the book at its ends", () => {
    const limits = new Set(orders({ bid: 10, ask: 990 }).map(({ limit }) => limit));
    expect(limits).toEqual(new Set([990]));
  });
});
