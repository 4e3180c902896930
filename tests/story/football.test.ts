import { describe, expect, it } from "vitest";
import { positionOf } from "../../src/client/positionOf.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";

/** Found by search: the draws of these seeds fall on the user's range, the counterparty's, and on free space. */
const WINNING_SEED = "football-6";
const COUNTERPARTY_SEED = "football-15";
const LOSING_SEED = "football-3";

const STAKE = 100n * VEO;

function liveOwn({ chain }: Story) {
  const { own, live } = chain().book;
  return [...own].filter(([id]) => live.has(id)).map(([, each]) => each);
}

function balanceOf(story: Story): bigint {
  return story.user.hands()?.outbox.account().balance ?? 0n;
}

describe("the football bet in one process", () => {
  it("is won: the whole prize is paid to who owns the point", async () => {
    const story = await beginStory(WINNING_SEED);
    await story.placeBet(STAKE);
    const owned = liveOwn(story);
    expect(owned.map(({ leaf }) => leaf.hi - leaf.lo)).toEqual([STAKE, STAKE]);
    await story.report("true");
    const before = balanceOf(story);
    const settled = await story.settle();
    expect(formatHex(settled.winner?.owner ?? new Uint8Array())).toBe(
      formatHex(story.user.hands()?.signer.publicKey ?? new Uint8Array()),
    );
    expect(settled.paid).toBe(1_000n * VEO);
    // The deposit is back; two fees and the claim's went to the miner.
    const costs = 2n * 10_000n + VEO / 100n;
    expect(balanceOf(story) - before).toBe(1_000n * VEO - costs);
  });

  it("is lost: who owns nothing at the point is paid nothing", async () => {
    const story = await beginStory(LOSING_SEED);
    await story.placeBet(STAKE);
    await story.report("true");
    const before = balanceOf(story);
    const settled = await story.settle();
    expect(settled.winner?.owner).not.toEqual(story.user.hands()?.signer.publicKey);
    expect(balanceOf(story)).toBe(before - 10_000n);
  });

  it("pays the counterparty, who claims and ends the chain by himself", async () => {
    const story = await beginStory(COUNTERPARTY_SEED);
    await story.placeBet(STAKE);
    await story.report("true");
    const before = balanceOf(story);
    const settled = await story.settle();
    expect(settled.winner?.owner).toEqual(story.counterparty.hands()?.signer.publicKey);
    expect(settled.paid).toBe(1_000n * VEO);
    expect(balanceOf(story)).toBe(before);
  });

  it("gives nothing on the wrong side of the game, wherever the point falls", async () => {
    const story = await beginStory(WINNING_SEED);
    await story.placeBet(STAKE);
    await story.report("false");
    await story.world.mine(story.chain().followed.facts.expiry + 4 - tip(story));
    for (const own of liveOwn(story)) {
      const claimed = await story.user.claim(own.leaf.id);
      expect(claimed.ok).toBe(false);
    }
  });

  it("updates a contract's terms, signed by both, without a block", async () => {
    const story = await beginStory(LOSING_SEED);
    await story.placeBet(STAKE);
    const blocks = story.chain().book.tip.height;
    const [own] = liveOwn(story);
    const id = own?.leaf.id ?? new Uint8Array();
    for (const nonce of [1, 2]) {
      insist(await story.world.during(story.user.updateTerms(id)));
      expect(story.user.states.termsOf(id).signed?.state.nonce).toBe(nonce);
    }
    expect(story.chain().book.tip.height).toBe(blocks);
  });

  it("sells the position to the counterparty for one payment", async () => {
    const story = await beginStory(LOSING_SEED);
    await story.placeBet(STAKE);
    const [own] = liveOwn(story);
    if (own === undefined) throw new Error("no position is held");
    expect(positionOf(story.chain(), own)).toHaveLength(2);
    const before = balanceOf(story);
    const offer = insist(await story.world.during(story.user.quoteSale(own.leaf.id)));
    expect(offer.price).toBe((STAKE * 98n) / 100n);
    insist(await story.world.during(story.user.sell(story.chainId, offer)));
    await story.world.mine(14);
    expect(balanceOf(story) - before).toBe(offer.price);
    expect(liveOwn(story).filter(({ place }) => place.conditions.at(-1)?.side)).toHaveLength(0);
  });

  it("says that a sale came to nothing as soon as another block stands in its place", async () => {
    const story = await beginStory(LOSING_SEED);
    const { world, user, chainId } = story;
    await story.placeBet(STAKE);
    const [own] = liveOwn(story);
    if (own === undefined) throw new Error("no position is held");
    const offer = insist(await world.during(user.quoteSale(own.leaf.id)));
    const held = liveOwn(story).length;
    world.down.add(OPERATOR_URL);
    expect(await world.during(user.sell(chainId, offer))).toMatchObject({ ok: false });
    world.down.delete(OPERATOR_URL);
    const sale = () =>
      user
        .hands()
        ?.journeys.list()
        .find(([, { kind }]) => kind === "sale")?.[1];
    expect(sale()?.state.kind).toBe("open");
    const buyer = story.reporter.hands()?.signer.publicKey ?? new Uint8Array();
    const asked = world.operator.ask({ kind: "purchase", buyer, width: 10n * VEO });
    expect(await world.during(asked)).toMatchObject({ ok: true });
    await world.mine();
    expect(sale()?.state).toMatchObject({
      kind: "failed",
      note: expect.stringContaining("stays yours"),
    });
    expect(liveOwn(story)).toHaveLength(held);
  });
});

describe("a result that comes before the bet is recorded", () => {
  it("lets both stand as before, and accuses nobody", async () => {
    const story = await beginStory(LOSING_SEED);
    const { world, user, chainId, oracleId } = story;
    insist(await world.during(user.placeBet(chainId, oracleId, "yes", STAKE)));
    const hasBet = () => liveOwn(story).some(({ place }) => place.conditions[0]?.level === 64);
    while (!hasBet()) await world.mine();
    await story.report("true");
    await world.mine(3);
    const { book } = story.chain();
    expect(book.breach).toBeUndefined();
    expect(book.frozen).toHaveLength(2);
    const owned = liveOwn(story);
    expect(owned.map(({ place }) => place.conditions)).toEqual([[]]);
    expect(owned[0] && owned[0].leaf.hi - owned[0].leaf.lo).toBe(STAKE);
    const [journey] = user.hands()?.journeys.list() ?? [];
    expect(journey?.[1].state.kind).toBe("failed");
  });
});

function tip(story: Story): number {
  return story.world.node.tip().header.header.height;
}
