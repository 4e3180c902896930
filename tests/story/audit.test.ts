import { describe, expect, it } from "vitest";
import { createLocalSigner } from "../../src/client/localSigner.ts";
import type { Audit } from "../../src/client/orders/audits.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { insist } from "../../src/lib/verdict.ts";
import { encodeOrder } from "../../src/protocol/order.ts";
import { createSnapshot } from "../../src/workers/snapshot/createSnapshot.ts";
import { describeTrade } from "../../src/workers/snapshot/tradeViews.ts";
import { keyOf, RULES, VEO } from "./localWorld.ts";
import { TradeStory } from "./tradeStory.ts";

/** Both traders look at the same chain, and find the same. */
function auditOf(story: TradeStory, wallet: Wallet = story.bob): Audit | undefined {
  return wallet.audits()?.of(story.chainOf(wallet), story.book().id);
}

/** Alice bids for 40 in two orders of the same limit, and Bob takes the other side. */
async function crossed(sold = 20n): Promise<TradeStory> {
  const story = await TradeStory.begin("audit");
  insist(await story.place(story.alice, { side: "buyYes", limit: 600, quantity: 20n }));
  insist(await story.place(story.alice, { side: "buyYes", limit: 600, quantity: 20n }));
  insist(await story.place(story.bob, { side: "buyNo", limit: 500, quantity: sold }));
  return story;
}

describe("the audit of batches, with an operator who", () => {
  it("is honest, finds each batch as its orders make it, and shows it with the price", async () => {
    const story = await crossed();
    await story.trade();
    const { height } = story.exchange.tip;
    for (const wallet of [story.alice, story.bob]) {
      expect(auditOf(story, wallet)).toEqual({ kind: "checked", height, orders: 3 });
    }
    const key = { kind: "none" } as const;
    const storage = { isPersisted: true, isFull: false };
    const context = { key, owner: undefined, storage, describeTrade };
    const { books, orders } = createSnapshot(story.alice, context);
    expect(books).toMatchObject([
      {
        id: story.book().id,
        outcome: "the reds win",
        closed: undefined,
        trades: [{ height, price: 550, volume: 20n * VEO }],
        nextHeight: height + 1,
        heardAtMs: undefined,
        audit: { kind: "checked", height },
      },
    ]);
    // What is left of both is signed for the next batch already.
    expect(orders).toMatchObject([
      { state: { kind: "inBatch", height: height + 1 }, filled: 10n * VEO, price: 550 },
      { state: { kind: "inBatch", height: height + 1 }, improvement: VEO / 2n, isOpen: true },
    ]);
    const bobs = createSnapshot(story.bob, context).orders;
    // He gave 450 thousandths where he would have given 500.
    expect(bobs).toMatchObject([
      { state: { kind: "filled", height }, price: 450, paid: 9n * VEO, improvement: VEO },
    ]);
  });

  it("is honest, says why an order inside the price got less than it asked for, and still does after a restart", async () => {
    const story = await crossed();
    await story.trade();
    const whys = (wallet: Wallet) =>
      wallet
        .orders()
        ?.list()
        .map(({ order }) => order.last);
    const { height } = story.exchange.tip;
    const why =
      "at the price of 0.55 there was not enough for all at that limit: its share was 10 VEO of 20 VEO";
    const last = { height, given: 10n * VEO, why };
    expect(whys(story.alice)).toEqual([last, last]);
    expect(whys(story.bob)).toEqual([{ height, given: 20n * VEO, why: "" }]);
    await story.alice.orders()?.reload();
    expect(whys(story.alice)).toEqual([last, last]);
  });

  it("drops an order from the block, finds what its orders come to", async () => {
    const story = await crossed(30n);
    const { exchange } = story;
    exchange.makeBlock([], exchange.clear(exchange.waiting.filter((_, index) => index !== 1)));
    await story.world.settle();
    const words = "the block trades 20 VEO, and its orders come to 30 VEO at the same price";
    expect(auditOf(story)).toEqual({ kind: "different", height: exchange.tip.height, words });
    await story.world.mine();
    const said = story.bob.activity().map((each) => each.words);
    expect(said.filter((each) => each.includes("is not what it should be"))).toEqual([
      `Batch ${exchange.tip.height} on “the reds win” is not what it should be: ${words}.`,
    ]);
    // A batch that is in order does not make up for it.
    exchange.give([exchange.chain.operator, VEO]);
    await story.world.settle();
    expect(auditOf(story)).toMatchObject({ kind: "different", words });
  });

  it("drops an order from what he shows too, is told by whose order it is", async () => {
    const story = await crossed();
    const { exchange } = story;
    const left = exchange.waiting.filter((_, index) => index !== 1);
    const matches = exchange.clear(left);
    exchange.publish = (batch) => ({
      ...batch,
      books: batch.books.map((book) => ({ ...book, price: 550, orders: left })),
    });
    exchange.makeBlock([], matches);
    await story.world.settle();
    expect(auditOf(story, story.bob)).toMatchObject({ kind: "checked", orders: 2 });
    expect(auditOf(story, story.alice)).toMatchObject({
      kind: "different",
      words:
        "your order to buy 20 VEO of yes at 0.60 at most was taken for it, and is not among its orders",
    });
    expect(story.order(story.alice, 1).order.last).toMatchObject({
      given: 0n,
      why: "the operator had taken it, and left it out of the batch",
    });
  });

  it("takes another price that suits him better, finds it", async () => {
    const story = await TradeStory.begin("audit");
    insist(await story.place(story.alice, { side: "buyYes", limit: 600, quantity: 20n }));
    insist(await story.place(story.bob, { side: "buyNo", limit: 500, quantity: 20n }));
    const { exchange } = story;
    exchange.makeBlock([], story.matchesAt(590, exchange.waiting));
    await story.world.settle();
    expect(story.filled(story.alice)).toMatchObject({ quantity: 20n * VEO });
    expect(auditOf(story)).toMatchObject({
      kind: "different",
      words: "the block trades at 0.59, and its orders come to 0.55",
    });
  });

  it("puts an order first that had to share, finds that others are served", async () => {
    const story = await crossed();
    const { exchange } = story;
    const favoured = exchange.waiting.filter((_, index) => index !== 1);
    exchange.makeBlock([], story.matchesAt(550, favoured));
    await story.world.settle();
    expect(auditOf(story)).toMatchObject({
      kind: "different",
      words:
        "the block trades at the price of its orders and as much as they do, but serves others, or in other shares",
    });
  });

  it("makes no trade where there is one, finds what is left out", async () => {
    const story = await crossed();
    const { exchange } = story;
    exchange.clear = () => [];
    exchange.give([exchange.chain.operator, VEO]);
    await story.world.settle();
    expect(auditOf(story)).toMatchObject({
      kind: "different",
      words: "by its orders there is a trade, and the block has none",
    });
  });

  it("counts two orders of one contract, which moves the price, is found out", async () => {
    const story = await TradeStory.begin("audit");
    insist(await story.place(story.alice, { side: "buyYes", limit: 600, quantity: 20n }));
    insist(await story.place(story.bob, { side: "buyNo", limit: 500, quantity: 20n }));
    const { exchange } = story;
    const bobs = exchange.waiting.at(-1);
    if (bobs === undefined) throw new Error("Bob's order waits");
    const signer = createLocalSigner(keyOf(story.world.seed, "bob"), RULES.networkId);
    const { order } = bobs.signed;
    const other = { ...order, terms: { ...order.terms, limit: 440 } };
    const signature = await signer.sign("signOrder", encodeOrder(other));
    exchange.waiting.push({ ...bobs, signed: { order: other, signature } });
    await story.trade();
    // Without the other it would be 550; whoever is served, the block keeps all rules.
    expect(story.chainOf(story.alice).book).toMatchObject({
      breach: undefined,
      trades: [{ price: 520 }],
    });
    expect(auditOf(story)).toEqual({
      kind: "different",
      height: exchange.tip.height,
      words: "one contract stands behind two of its orders, or behind one of them twice",
    });
  });

  it("drops what rests once the question is answered, and shows nothing of it, is not blamed", async () => {
    const leaveOut = async (isAnswered: boolean) => {
      const story = await TradeStory.begin("audit");
      insist(await story.place(story.alice, { side: "buyYes", limit: 600, quantity: 20n }));
      if (isAnswered) await story.report("true");
      story.exchange.waiting = [];
      story.exchange.give([story.exchange.chain.operator, VEO]);
      await story.world.settle();
      return auditOf(story, story.alice);
    };
    expect(await leaveOut(true)).toBeUndefined();
    expect(await leaveOut(false)).toMatchObject({ kind: "unpublished" });
  });

  it("shows no orders, or one that nobody signed, is told apart", async () => {
    const story = await crossed();
    const { exchange } = story;
    exchange.publish = () => undefined;
    await story.trade();
    const { height } = exchange.tip;
    expect(auditOf(story)).toEqual({ kind: "unpublished", height });
    insist(await story.place(story.bob, { side: "buyNo", limit: 500, quantity: 5n }));
    exchange.publish = (batch) => ({
      ...batch,
      books: batch.books.map((book) => {
        const [first, ...others] = book.orders;
        if (first === undefined) return book;
        const { signed, owner } = first;
        const { order } = signed;
        const forged = { ...order, terms: { ...order.terms, limit: 300 } };
        return {
          ...book,
          orders: [{ signed: { ...signed, order: forged }, owner }, first, ...others],
        };
      }),
    });
    await story.trade();
    expect(auditOf(story)).toMatchObject({
      kind: "different",
      words: "an order is shown that the owner it names has not signed",
    });
  });
});
