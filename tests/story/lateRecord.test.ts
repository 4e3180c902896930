import { describe, expect, it } from "vitest";
import { insist } from "../../src/lib/verdict.ts";
import { contractsWithin } from "../../src/space/tree.ts";
import { VEO } from "./localWorld.ts";
import { TradeStory } from "./tradeStory.ts";

const CASH = 100n * VEO;
const BUY = { side: "buyYes", limit: 600, quantity: 20n } as const;
const AGAINST = { side: "buyNo", limit: 500, quantity: 20n } as const;

/** Both trade, and the record of their batch comes above the height of their orders. */
async function recordTooLate() {
  const story = await TradeStory.begin("late");
  const { alice, bob, exchange, world } = story;
  insist(await story.place(alice, BUY));
  insist(await story.place(bob, AGAINST));
  await story.trade();
  expect(story.filled(alice)).toMatchObject({ quantity: 20n * VEO });
  const late = exchange.used.get(exchange.tip.height) ?? [];
  expect(late.length).toBeGreaterThan(1);
  await world.mine(25);
  await exchange.post();
  await world.mine(3);
  return { ...story, story, late };
}

describe("a batch that is recorded too late", () => {
  it("never was: both have what they had, and trade on with the rest of it once it is out of the tree", async () => {
    const { story, alice, bob, exchange, world, late } = await recordTooLate();
    for (const wallet of [alice, bob]) {
      expect(story.holds(wallet)).toEqual({ cash: CASH });
      expect(story.filled(wallet)).toMatchObject({ quantity: 0n });
    }
    // He says that it is recorded, and leaves in his tree what came too late: nobody signs for anything of it.
    exchange.sayRecorded();
    await world.settle();
    const given = exchange.given.length;
    insist(await story.place(alice, BUY));
    expect(story.order(alice, 1)).toMatchObject({
      sent: [],
      waitsFor: "the records that the operator's blocks speak of",
    });
    expect(exchange.given).toHaveLength(given);
    exchange.sayRecorded(late);
    await world.settle();
    for (const { place } of late) {
      expect(insist(contractsWithin(exchange.content.tree, place))).toEqual([]);
    }
    // What is frozen is still theirs, and in no order of theirs.
    expect(story.holds(alice)).toEqual({ cash: CASH });
    const used = exchange.waiting.flatMap(({ signed }) => signed.order.terms.contracts);
    expect(used.length).toBeGreaterThan(0);
    for (const { place } of late) expect(used.map(({ lo }) => lo)).not.toContain(place.lo);
    insist(await story.place(bob, AGAINST));
    await story.trade();
    await story.record();
    // The orders whose fill came to nothing rested on, too.
    expect(story.holds(alice)).toMatchObject({ yes: 40n * VEO });
    expect([0, 1].map((index) => story.filled(alice, index).quantity)).toEqual([
      20n * VEO,
      20n * VEO,
    ]);
  });

  it("cannot be made of one in time: what an operator takes out without a record stays with who had it", async () => {
    const story = await TradeStory.begin("late");
    const { alice, exchange, world } = story;
    const [own] = [...story.chainOf(alice).book.own.values()];
    if (own === undefined) throw new Error("alice holds nothing");
    const { height } = exchange.tip;
    exchange.sayRecorded([{ place: own.place, since: 1 }]);
    await world.mine();
    expect(insist(contractsWithin(exchange.content.tree, own.place))).toEqual([]);
    expect(story.chainOf(alice).book.tip.height).toBe(height);
    expect(story.chainOf(alice).unusable).toMatchObject({
      rule: "NOT_LATE",
      blockHeight: height + 1,
    });
    expect(story.holds(alice)).toEqual({ cash: CASH });
  });
});
