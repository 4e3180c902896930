import { describe, expect, it } from "vitest";
import { describeMissed, describeOrderState, describeWish } from "../../../src/ui/words/order.ts";
import type { OrderStateView } from "../../../src/workers/marketViews.ts";
import { everyOrder, makeOrder } from "../../preview/marketFixtures.ts";

describe("an order in words", () => {
  it("says what it wants, in the price of its own side", () => {
    expect(everyOrder.map(describeWish)).toContain("Buy 2.5 VEO of no at 0.39 at most");
    expect(everyOrder.map(describeWish)).toContain("Sell 10 VEO of yes at 0.65 at least");
  });

  it("has a sentence of its own for every state, with the batch and the reason in it", () => {
    const said = everyOrder.map((order) => describeOrderState(order).sentence);
    expect(new Set(said).size).toBe(said.length - 1);
    expect(said).toContain("The operator has acknowledged it for batch 88.");
    expect(said).toContain(
      "Not filled in batch 87, because the price was 0.63, outside its limit of 0.62. It is signed again for the next batch.",
    );
    expect(said).toContain("Filled whole at 0.605, the last of it in batch 86.");
    expect(said).toContain("Its time was over. 4 VEO of 10 VEO had been filled, at 0.61.");
    expect(said).toContain("You took it back before any of it was filled.");
    expect(said).toContain("The question is answered. It ended before any of it was filled.");
  });

  it("does not say that what was taken back is over while it may still be filled", () => {
    for (const state of [{ kind: "sent" }, { kind: "inBatch", height: 88 }] as const) {
      const { word, sentence } = describeOrderState(makeOrder("1", state, { isOpen: false }));
      expect(word).toBe("Ending");
      expect(sentence).toContain("may still be filled");
    }
  });

  it("is calm about what goes on by itself, and about what is over", () => {
    const open = describeOrderState(makeOrder("1", { kind: "overtaken" }));
    expect(open).toMatchObject({ tone: "waiting", word: "Signing again" });
    const state = { kind: "refused", why: "The chain has expired." } as const;
    expect(describeOrderState(makeOrder("1", state, { isOpen: false }))).toEqual({
      tone: "plain",
      word: "Ended",
      sentence: "The chain has expired. It ended before any of it was filled.",
    });
    expect(describeOrderState(makeOrder("1", state)).tone).toBe("danger");
  });

  it("says that it is signed again only while it rests", () => {
    const why = "nobody's limit met another's, so nothing traded";
    for (const kind of ["unfilled", "partly"] as const) {
      const state: OrderStateView = { kind, height: 87, why };
      const say = (isOpen: boolean) =>
        describeOrderState(makeOrder("1", state, { isOpen })).sentence;
      expect(say(true)).toContain("signed again");
      expect(say(false)).not.toContain("signed again");
    }
  });

  it("tells of the batch that left it open beside the one that it is in", () => {
    const past = { height: 87, why: "the price was outside its limit" };
    const missed = { ...past, isPart: false };
    const inNext = makeOrder("1", { kind: "inBatch", height: 88 }, { missed });
    expect(describeMissed(inNext)).toBe(
      "Batch 87 left it open, because the price was outside its limit.",
    );
    const part = { ...missed, isPart: true };
    expect(describeMissed({ ...inNext, missed: part })).toMatch("left a part of it open,");
    const state = { kind: "unfilled", ...past } as const;
    expect(describeMissed(makeOrder("1", state, { missed }))).toBeUndefined();
  });
});
