import { describe, expect, it } from "vitest";
import { createLocalVerifier } from "../../src/client/localVerifier.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { hashOrder, nameOrder, type SignedOrder } from "../../src/market/batch.ts";
import { describeOrder } from "../../src/workers/snapshot/orderView.ts";
import { RULES, VEO } from "./localWorld.ts";
import { TradeStory } from "./tradeStory.ts";

const CASH = 100n * VEO;
const DAY_MS = 86_400_000;

describe("orders in one process", () => {
  it("meet at one price, and each holds what he was to get", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob } = story;
    insist(await story.place(alice, { side: "buyYes", limit: 600, quantity: 20n }));
    insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 20n }));
    expect(story.order(alice).sent).toMatchObject([{ height: 4, answer: { kind: "taken" } }]);
    await story.trade();
    // The middle of 500 and 600 thousandths.
    expect(story.filled(alice)).toEqual({ quantity: 20n * VEO, paid: 11n * VEO });
    expect(story.filled(bob)).toEqual({ quantity: 20n * VEO, paid: 9n * VEO });
    expect(story.holds(alice)).toEqual({
      cash: CASH - 11n * VEO,
      yes: 20n * VEO,
      refund: 11n * VEO,
    });
    expect(story.holds(bob)).toEqual({ cash: CASH - 9n * VEO, no: 20n * VEO, refund: 9n * VEO });
    expect(story.order(alice).sent).toEqual([]);
    await story.record();
    // What is buried is remembered as a sum alone.
    expect(story.order(alice).order).toMatchObject({
      fills: [],
      settled: { quantity: 20n * VEO, paid: 11n * VEO },
    });
  });

  it("rest, and are signed anew for what is left of them with each block that is checked", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob, exchange } = story;
    insist(await story.place(alice, { side: "buyYes", limit: 500, quantity: 12n }));
    for (const [round, left] of [12n, 7n, 2n].entries()) {
      insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 5n }));
      const [sent] = story.order(alice).sent;
      expect(sent?.signed.order.seenBlock).toEqual(exchange.tip.hash);
      expect(sent?.signed.order.terms).toMatchObject({ quantity: left * VEO, limit: 500 });
      await story.trade();
      const filled = 12n - left + (left < 5n ? left : 5n);
      expect(story.filled(alice)).toEqual({ quantity: filled * VEO, paid: (filled * VEO) / 2n });
      expect(story.order(alice).order.last).toMatchObject({ height: 4 + 2 * round });
      await story.record();
    }
    expect(story.order(alice).sent).toEqual([]);
    // Of each block it was signed for once.
    const seen = exchange.given.map(({ order }) => formatHex(hashOrder(order)));
    expect(new Set(seen).size).toBe(seen.length);
    // Bob's last order found only two of its five.
    expect(story.filled(bob, 2)).toMatchObject({ quantity: 2n * VEO });
    expect(story.order(bob, 2).sent).toHaveLength(1);
  });

  it("keep those who check for the wallet ready, as long as one of them rests in it", async () => {
    const story = await TradeStory.begin("trade");
    const { world, exchange } = story;
    const hurries: boolean[] = [];
    world.verifier = {
      ...createLocalVerifier(RULES),
      rest: (isHurried) => hurries.push(isHurried),
    };
    const carol = await world.openWallet("carol");
    exchange.give([carol.hands()?.signer.publicKey ?? new Uint8Array(), 10n * VEO]);
    await story.record();
    insist(await carol.follow(exchange.url));
    await world.settle();
    expect(hurries).not.toContain(true);
    const id = insist(await story.place(carol, { side: "buyYes", limit: 500, quantity: 5n }));
    expect(hurries.at(-1)).toBe(true);
    insist(await carol.cancelOrder(id));
    await world.settle();
    expect(hurries.at(-1)).toBe(false);
    insist(await story.place(carol, { side: "buyYes", limit: 500, quantity: 5n }));
    expect(hurries.at(-1)).toBe(true);
    carol.detachSigner();
    await world.settle();
    expect(hurries.at(-1)).toBe(false);
  });

  it("say why a batch went by without them", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob } = story;
    insist(await story.place(alice, { side: "buyYes", limit: 300, quantity: 5n }));
    story.exchange.give([story.exchange.chain.operator, VEO]);
    await story.world.settle();
    expect(story.order(alice).order.last).toEqual({
      height: 4,
      given: 0n,
      why: "nobody's limit met another's, so nothing traded",
    });
    insist(await story.place(alice, { side: "buyYes", limit: 500, quantity: 5n }));
    insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 5n }));
    await story.trade();
    expect(story.order(alice, 0).order.last?.why).toBe(
      "the price was 0.50, outside its limit of 0.30",
    );
    expect(story.order(alice, 1).order.last?.why).toBe("");
  });

  it("use no contract twice: two at once take different ones, and wait where there is none", async () => {
    const story = await TradeStory.begin("trade");
    const { alice } = story;
    for (let count = 0; count < 3; count++) {
      insist(await story.place(alice, { side: "buyYes", limit: 400, quantity: 100n }));
    }
    const used = story.exchange.waiting.flatMap(({ signed }) => signed.order.terms.contracts);
    expect(new Set(used.map(({ lo }) => lo)).size).toBe(used.length);
    expect(used).toHaveLength(10);
    // Two of 40 VEO each, and what there is for the third.
    expect(story.exchange.waiting.map(({ signed }) => signed.order.terms.quantity)).toEqual([
      100n * VEO,
      100n * VEO,
      50n * VEO,
    ]);
    insist(await story.place(alice, { side: "buyYes", limit: 400, quantity: 1n }));
    expect(story.order(alice, 3)).toMatchObject({
      sent: [],
      waitsFor: "what it is to use: it is in another order",
    });
    const tooMuch = await story.place(alice, { side: "buyYes", limit: 400, quantity: 251n });
    expect(tooMuch).toMatchObject({ ok: false, code: "NOT_ENOUGH_CASH" });
  });

  it("wait for the record of what they are to use", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob } = story;
    insist(await story.place(alice, { side: "buyYes", limit: 500, quantity: 200n }));
    insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 10n }));
    await story.trade();
    const asked = () =>
      story.order(alice).sent.map(({ signed }) => signed.order.terms.quantity / VEO);
    // The rest of the contract that was used stands in no record yet; the other nine do.
    expect(asked()).toEqual([180n]);
    // Once it does, and a block says so, it is used with them.
    await story.record();
    expect(asked()).toEqual([190n]);
    insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 190n }));
    await story.trade();
    expect(story.filled(alice)).toMatchObject({ quantity: 200n * VEO });
  });

  it("end when their time is over, and nothing more is signed of them", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob, exchange } = story;
    insist(
      await story.place(alice, { side: "buyYes", limit: 500, quantity: 5n, goodForMs: 5_000 }),
    );
    await story.world.mine(3);
    expect(story.order(alice).order.end).toEqual({ kind: "expired" });
    const given = exchange.given.length;
    // What was signed before may still be filled, in the one block that it was signed for.
    insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 2n }));
    await story.trade();
    expect(story.filled(alice)).toMatchObject({ quantity: 2n * VEO });
    await story.trade();
    expect(story.order(alice).sent).toEqual([]);
    expect(exchange.given).toHaveLength(given + 1);
  });

  it("are taken back when they are cancelled", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob, exchange } = story;
    const id = insist(await story.place(alice, { side: "buyYes", limit: 500, quantity: 5n }));
    insist(await alice.cancelOrder(id));
    await story.world.settle();
    expect(exchange.waiting).toEqual([]);
    expect(story.order(alice).sent).toMatchObject([{ answer: { kind: "back" } }]);
    insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 5n }));
    exchange.give([exchange.chain.operator, VEO]);
    await story.world.settle();
    expect(story.order(alice)).toMatchObject({ sent: [], order: { end: { kind: "cancelled" } } });
    expect(exchange.waiting).toHaveLength(1);
    expect(await alice.cancelOrder(id)).toMatchObject({ ok: false, code: "NOT_OPEN" });
  });

  it("sell a position whole, in as many parts as it has to be cut into, and make cash of both sides", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob } = story;
    for (let batch = 0; batch < 2; batch++) {
      insist(await story.place(alice, { side: "buyYes", limit: 500, quantity: 4n }));
      insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 4n }));
      await story.trade();
      await story.record();
    }
    expect(await story.place(alice, { side: "sellYes", limit: 400, quantity: 7n })).toMatchObject({
      ok: false,
      code: "OVERSPENT",
    });
    insist(await story.place(alice, { side: "sellYes", limit: 400, quantity: 8n }));
    insist(await story.place(bob, { side: "buyYes", limit: 400, quantity: 8n }));
    await story.trade();
    expect(story.filled(alice, 2)).toEqual({ quantity: 8n * VEO, paid: (32n * VEO) / 10n });
    expect(story.holds(alice)).toEqual({ cash: CASH - 4n * VEO + (32n * VEO) / 10n });
    // Bob holds both sides now: a full set, which pays whatever the answer is.
    expect(story.holds(bob)).toMatchObject({ yes: 8n * VEO, no: 8n * VEO });
    // He gives both up for the space that they stand on, without waiting for the answer.
    const [unrecorded] = story.position(bob, "sellYes");
    expect(await bob.merge(unrecorded ?? new Uint8Array())).toMatchObject({ code: "NOT_POSTED" });
    await story.record();
    for (const id of story.position(bob, "sellYes")) {
      insist(await bob.merge(id));
      await story.world.settle();
    }
    expect(story.holds(bob)).toEqual({ cash: CASH + 4n * VEO - (32n * VEO) / 10n });
    await story.record();
    expect(story.chainOf(bob).book.breach).toBeUndefined();
    const [cash] = [...story.chainOf(bob).book.own.values()].filter(({ leaf }) =>
      story.chainOf(bob).book.live.has(formatHex(leaf.id)),
    );
    expect(await bob.merge(cash?.leaf.id ?? new Uint8Array())).toMatchObject({
      code: "NOT_A_SET",
    });
  });

  it("outlast a quiet day: signed again, good to a later height, they are one order all the same", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob, exchange, world } = story;
    const goodForMs = DAY_MS;
    insist(await story.place(alice, { side: "buyYes", limit: 500, quantity: 12n, goodForMs }));
    for (let block = 0; block < 45; block++) await world.mine();
    const { given } = exchange;
    expect(given.length).toBeGreaterThan(3);
    expect(new Set(given.map(({ order }) => formatHex(nameOrder(order)))).size).toBe(1);
    const { height } = alice.mainChain.tip().header;
    const [newest] = exchange.waiting;
    expect(exchange.waiting).toHaveLength(1);
    // An operator drops those that are about to lapse.
    expect(newest?.signed.order.terms.heightMax).toBeGreaterThan(height + 4);
    expect(story.order(alice).sent).toMatchObject([{ height: 4, answer: { kind: "taken" } }]);
    // He puts the version before it into the block; what is left of the order is signed for the next.
    const before = given.at(-2);
    if (newest === undefined || before === undefined) throw new Error("there are two versions");
    expect(before.order.terms.heightMax).toBeGreaterThan(height);
    exchange.waiting = [{ ...newest, signed: before }];
    insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 5n, goodForMs }));
    // Shown in both versions it would weigh twice in the price.
    exchange.publish = (batch) => ({
      ...batch,
      books: batch.books.map((book) => ({ ...book, orders: [...book.orders, newest] })),
    });
    await story.trade();
    expect(story.filled(alice)).toMatchObject({ quantity: 5n * VEO });
    const audit = bob.audits()?.of(story.chainOf(bob), story.book().id);
    expect(audit).toMatchObject({ kind: "different", words: "an order is shown twice" });
    await story.record();
    const asked = story.order(alice).sent.map(({ signed }) => signed.order.terms.quantity);
    expect(asked).toEqual([7n * VEO]);
    insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 20n, goodForMs }));
    await story.trade();
    expect(story.filled(alice)).toMatchObject({ quantity: 12n * VEO });
    expect(story.holds(alice)).toMatchObject({ yes: 12n * VEO });
    await story.record();
    expect(story.order(alice).sent).toEqual([]);
  });

  it("stay acknowledged while a new version is on its way, which is handed in until it is heard of", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob, exchange, world } = story;
    const goodForMs = DAY_MS;
    insist(await story.place(alice, { side: "buyYes", limit: 500, quantity: 5n, goodForMs }));
    insist(await story.place(bob, { side: "buyNo", limit: 400, quantity: 5n, goodForMs }));
    const heightMaxOf = (signed?: SignedOrder) => signed?.order.terms.heightMax ?? 0;
    const first = heightMaxOf(exchange.given[0]);
    exchange.isDeaf = true;
    for (let block = 0; block < 12; block++) await world.mine();
    const [sent] = story.order(alice).sent;
    expect(heightMaxOf(sent?.signed)).toBeGreaterThan(first);
    expect(sent?.answer).toEqual({ kind: "taken", heightMax: first });
    expect(describeOrder(story.order(alice)).state).toEqual({ kind: "inBatch", height: 4 });
    exchange.isDeaf = false;
    await world.mine();
    expect(exchange.given).toHaveLength(4);
    const { heightMax } = story.order(alice).sent[0]?.signed.order.terms ?? {};
    expect(story.order(alice).sent).toMatchObject([{ answer: { kind: "taken", heightMax } }]);
    expect(heightMax).toBeGreaterThan(first);
  });

  it("that come too late for their block are no refusal, and are signed again for the next", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, exchange, world } = story;
    // He makes a block that she has not seen yet.
    exchange.serve = () => undefined;
    exchange.give([exchange.chain.operator, VEO]);
    insist(await story.place(alice, { side: "buyYes", limit: 500, quantity: 5n }));
    expect(describeOrder(story.order(alice)).state).toEqual({ kind: "overtaken" });
    exchange.serve = (_, bytes) => bytes;
    await world.mine();
    expect(describeOrder(story.order(alice)).state).toEqual({ kind: "inBatch", height: 5 });
  });

  it("are not missed in a batch where only a version that has run out was acknowledged", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, exchange, world } = story;
    const wish = { side: "buyYes", limit: 500, quantity: 5n, goodForMs: DAY_MS } as const;
    insist(await story.place(alice, wish));
    const leaveOut = async () => {
      exchange.waiting = [];
      exchange.batches.set(exchange.tip.height + 1, { height: exchange.tip.height + 1, books: [] });
      exchange.give([exchange.chain.operator, VEO]);
      await world.settle();
      return alice.audits()?.of(story.chainOf(alice), story.book().id);
    };
    exchange.isDeaf = true;
    for (let block = 0; block < 12; block++) await world.mine();
    exchange.isDeaf = false;
    // He was to drop it by then, as it was about to lapse.
    expect(await leaveOut()).toMatchObject({ kind: "checked", orders: 0 });
    expect(story.order(alice).sent).toMatchObject([{ answer: { kind: "taken" } }]);
    expect(await leaveOut()).toMatchObject({ kind: "different" });
  });

  it("have nothing of a version whose last height has gone by, though it is in a block that was kept back until then", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob, exchange, world } = story;
    const goodForMs = DAY_MS;
    insist(await story.place(alice, { side: "buyYes", limit: 500, quantity: 5n, goodForMs }));
    insist(await story.place(bob, { side: "buyNo", limit: 500, quantity: 5n, goodForMs }));
    const [first] = exchange.given;
    const heightMax = first?.order.terms.heightMax ?? 0;
    // The block is good when he makes it. He waits to see which way the game goes.
    const secret = exchange.tip.height + 1;
    exchange.serve = (height, bytes) => (height === secret ? undefined : bytes);
    exchange.makeBlock();
    while (alice.mainChain.tip().header.height <= heightMax + 3) await world.mine();
    const [sent] = story.order(alice).sent;
    expect(sent?.signed.order.terms.heightMax).toBeGreaterThan(heightMax);
    expect(sent?.earlier).not.toContain(heightMax);
    exchange.serve = (_, bytes) => bytes;
    await story.record();
    for (const wallet of [alice, bob]) {
      expect(story.filled(wallet)).toEqual({ quantity: 0n, paid: 0n });
      expect(story.holds(wallet)).toEqual({ cash: CASH });
      expect(story.chainOf(wallet).book.postCount).toBe(2);
    }
  });

  it("are not signed again once they are cancelled, nor while a recorded block is withheld", async () => {
    const story = await TradeStory.begin("trade");
    const { alice, bob, exchange, world } = story;
    const goodForMs = DAY_MS;
    const id = insist(
      await story.place(alice, { side: "buyYes", limit: 500, quantity: 5n, goodForMs }),
    );
    insist(await story.place(bob, { side: "buyNo", limit: 400, quantity: 5n, goodForMs }));
    expect(exchange.given).toHaveLength(2);
    // Nobody hears that she takes hers back, and what is signed of it stays good for a while; no longer.
    exchange.isDown = true;
    insist(await alice.cancelOrder(id));
    await world.settle();
    exchange.isDown = false;
    for (let block = 0; block < 14; block++) await world.mine();
    const isAlices = ({ order }: SignedOrder) => order.terms.side === "buyYes";
    expect(exchange.given.filter(isAlices)).toHaveLength(1);
    expect(exchange.given).toHaveLength(3);
    // He records a block that he shows nobody: whatever is in it, he gets no more time to choose another.
    const withheld = exchange.tip.height + 1;
    exchange.serve = (height, bytes) => (height === withheld ? undefined : bytes);
    exchange.give([exchange.chain.operator, VEO]);
    await exchange.post();
    for (let block = 0; block < 25; block++) await world.mine();
    expect(exchange.given).toHaveLength(3);
    expect(story.order(bob).waitsFor).toContain("the chain:");
  });

  it("end with the question that they are about", async () => {
    const story = await TradeStory.begin("trade");
    const { alice } = story;
    insist(await story.place(alice, { side: "buyYes", limit: 500, quantity: 5n }));
    await story.report("true");
    await story.world.mine();
    expect(story.order(alice).order.end).toEqual({
      kind: "refused",
      why: "The question is answered.",
    });
    expect(await story.place(alice, { side: "buyYes", limit: 500, quantity: 5n })).toMatchObject({
      ok: false,
      code: "CLOSED",
    });
    // A block with what is signed of it may still be recorded, until no record can count for it: whether he is there or not.
    expect(describeOrder(story.order(alice)).state).toEqual({ kind: "inBatch", height: 4 });
    story.exchange.isDown = true;
    for (let block = 0; block < 20; block++) await story.world.mine();
    const { state, atRisk } = describeOrder(story.order(alice));
    expect(state).toEqual({ kind: "refused", why: "The question is answered." });
    expect(atRisk).toBe(0n);
  });
});
