import { describe, expect, it } from "vitest";
import { judgeEvidence } from "../../src/client/evidence.ts";
import { insist } from "../../src/lib/verdict.ts";
import { RULES, VEO } from "./localWorld.ts";
import { TradeStory } from "./tradeStory.ts";

const CASH = 100n * VEO;
const UNFILLED = { cash: CASH };
const BOUGHT = { cash: CASH - 11n * VEO, yes: 20n * VEO, refund: 11n * VEO };

/** Both have signed orders that meet at 550 thousandths. */
async function signedBoth(): Promise<TradeStory> {
  const story = await TradeStory.begin("lies");
  insist(await story.place(story.alice, { side: "buyYes", limit: 600, quantity: 20n }));
  insist(await story.place(story.bob, { side: "buyNo", limit: 500, quantity: 20n }));
  return story;
}

/** Alice's wallet is gone from here on, until she opens it again. */
function leave(story: TradeStory): void {
  story.world.wallets.splice(story.world.wallets.indexOf(story.alice), 1);
}

describe("a trader who goes offline after signing", () => {
  it("holds what she bought, at her limit or better, where the operator makes the block", async () => {
    const story = await signedBoth();
    leave(story);
    await story.trade();
    await story.record();
    const alice = await story.world.openWallet("alice");
    await story.world.settle();
    expect(story.holds(alice)).toEqual(BOUGHT);
    expect(story.filled(alice)).toEqual({ quantity: 20n * VEO, paid: 11n * VEO });
  });

  it("holds what she held, where he leaves her order out, and tries it in a later block", async () => {
    const story = await signedBoth();
    leave(story);
    const { exchange } = story;
    const late = exchange.waiting;
    exchange.waiting = [];
    exchange.give([exchange.chain.operator, VEO]);
    // What is signed for one block is nothing in the next.
    exchange.waiting = late;
    expect(() => exchange.makeBlock()).toThrow(/BAD_SIGNATURE/);
    exchange.waiting = [];
    await story.record();
    const alice = await story.world.openWallet("alice");
    await story.world.settle();
    expect(story.holds(alice)).toEqual(UNFILLED);
  });
});

describe("an operator who withholds the block of a batch", () => {
  it("gets no second choice from resting orders: nothing more is signed until it is shown", async () => {
    const story = await signedBoth();
    const { exchange, alice } = story;
    insist(await story.place(alice, { side: "buyYes", limit: 600, quantity: 40n }));
    const given = exchange.given.length;
    const withheld = exchange.tip.height + 1;
    exchange.serve = (height, bytes) => (height < withheld ? bytes : undefined);
    await story.trade();
    await story.record();
    await story.world.mine(4);
    // However long he waits, and whatever comes to be known meanwhile, there is no order to take on what he hides.
    expect(exchange.given).toHaveLength(given);
    insist(await story.place(alice, { side: "buyYes", limit: 700, quantity: 1n }));
    expect(exchange.given).toHaveLength(given);
    expect(story.order(alice, 2)).toMatchObject({
      sent: [],
      waitsFor: expect.stringMatching(/^the chain: /),
    });
    // Once he shows it, it counts as it was made, and the rest is signed on it.
    exchange.serve = (_, bytes) => bytes;
    await story.world.mine();
    expect(story.chainOf(alice).book.tip.height).toBe(exchange.tip.height);
    const { quantity } = story.filled(alice);
    expect(quantity + story.filled(alice, 1).quantity).toBe(20n * VEO);
    expect(exchange.given.length).toBeGreaterThan(given);
  });
});

describe("an operator who makes two prices for one batch", () => {
  it("has signed two blocks, which the wallet that has seen one keeps as evidence", async () => {
    const story = await signedBoth();
    const { exchange, alice } = story;
    const { content, tip, waiting } = exchange;
    await story.trade();
    expect(story.holds(alice)).toEqual(BOUGHT);
    // He takes it back, and posts the same batch at a price that suits him better.
    exchange.content = content;
    exchange.tip = tip;
    exchange.blocks.pop();
    exchange.waiting = waiting;
    exchange.makeBlock([], story.matchesAt(590, waiting));
    const keptAsShown: boolean[] = [];
    const { world } = story;
    const stopListening = alice.onChange(() => {
      const isShown = story.chainOf(alice).book.breach !== undefined;
      if (isShown) keptAsShown.push(world.tablesOf("alice").get("breaches")?.size === 1);
    });
    await story.record();
    stopListening();
    // Nobody is shown what is not on disk: a page that closes then has lost nothing.
    expect(keptAsShown.length).toBeGreaterThan(0);
    expect(keptAsShown).not.toContain(false);
    const { breach } = story.chainOf(alice).book;
    expect(breach).toMatchObject({ rule: "EQUIVOCATION", blockHeight: tip.height + 1 });
    const file = (await alice.tracker.evidence(exchange.chain.id)) ?? new Uint8Array();
    const known = { rules: RULES, chain: exchange.chain, isRecorded: () => true };
    expect(judgeEvidence(file, known)).toMatchObject({ ok: true });
    // It is there again at a start at which nobody answers.
    exchange.isDown = true;
    const again = await world.openWallet("alice");
    expect(again.tracker.find(exchange.chain.id)?.book.breach).toMatchObject({
      rule: "EQUIVOCATION",
      blockHeight: tip.height + 1,
    });
    expect(await again.tracker.evidence(exchange.chain.id)).toEqual(file);
    world.wallets.splice(world.wallets.indexOf(again), 1);
    exchange.isDown = false;
    // Nothing more is signed for him.
    const given = exchange.given.length;
    insist(await story.place(alice, { side: "buyYes", limit: 600, quantity: 1n }));
    expect(exchange.given).toHaveLength(given);
  });
});
