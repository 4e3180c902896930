import { describe, expect, it } from "vitest";
import { createMaker } from "../../src/agents/maker.ts";
import { insist } from "../../src/lib/verdict.ts";
import { VEO } from "./localWorld.ts";
import { TradeStory } from "./tradeStory.ts";

const CASH = 100n * VEO;
const POLICY = {
  levels: 2,
  halfSpread: 20,
  skew: 0,
  size: 10n * VEO,
  lossMax: 40n * VEO,
  stock: { pieces: 0, width: 0n },
  until: 1_000,
};

/** Alice's wallet is a maker's, which believes what it is told; Bob trades with it. */
async function begin() {
  const story = await TradeStory.begin("maker");
  const { alice, exchange, world } = story;
  const mind = { belief: 500 };
  const maker = createMaker(
    alice,
    exchange.chain.id,
    () => () => mind.belief,
    POLICY,
    () => world.nowMs,
  );
  /** It looks at what is new, and quotes. */
  const work = async () => {
    await maker.work();
    await world.settle();
  };
  const quotes = () => maker.stands().flatMap((stand) => stand.quotes);
  const inventory = () => maker.stands()[0]?.inventory;
  return { story, mind, work, quotes, inventory };
}

describe("a maker", () => {
  it("makes cash of both sides that it came to hold, and goes on with what it has lost by them", async () => {
    const { story, mind, work, quotes, inventory } = await begin();
    const { alice, bob } = story;
    await work();
    expect(quotes()).toMatchObject([
      { side: "buyYes", limit: 480, quantity: 10n * VEO },
      { side: "buyYes", limit: 470 },
      { side: "buyNo", limit: 480 },
      { side: "buyNo", limit: 470 },
    ]);
    // Its yes is bought at 0.48; then it changes its mind, and buys the no of the same ranges at 0.78.
    insist(await story.place(bob, { side: "buyNo", limit: 520, quantity: 10n }));
    await story.trade();
    await story.record();
    expect(story.holds(alice)).toMatchObject({ yes: 10n * VEO, refund: (48n * VEO) / 10n });
    mind.belief = 200;
    await work();
    insist(await story.place(bob, { side: "sellNo", limit: 700, quantity: 10n }));
    // A bad question gives 0.52 of it back, less than it pays; it reckons with that.
    const wanted = story.exchange.waiting.map(({ signed }) => signed.order.terms);
    expect(wanted.find(({ side }) => side === "buyNo")).toMatchObject({ refundLeast: 0 });
    await story.trade();
    expect(story.holds(alice)).toMatchObject({ yes: 10n * VEO, no: 10n * VEO });
    const paid = ((48n + 78n) * VEO) / 10n;
    expect(inventory()).toMatchObject({ paid, refund: 10n * VEO, lost: 0n });
    await story.record();
    // A range at a time, each in a block of its own.
    for (let set = 0; set < 2; set++) {
      await work();
      await story.record();
    }
    const lost = paid - 10n * VEO;
    expect(story.holds(alice)).toEqual({ cash: CASH - lost });
    expect(inventory()).toMatchObject({ yes: 0n, no: 0n, refund: 0n, paid: 0n });
    expect(story.chainOf(alice).book.breach).toBeUndefined();
  });
});
