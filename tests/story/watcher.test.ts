import { describe, expect, it } from "vitest";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import type { Leaf } from "../../src/protocol/leaf.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createSnapshot } from "../../src/workers/snapshot/createSnapshot.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";
import { buySpace, find } from "./nestedStory.ts";

/** Found by search: the draw of this seed falls on the space that changes hands. */
const SEED = "watcher-2";
const PRIZE = 1_000n * VEO;
const FEE = 10_000n;

const keyOf = (wallet: Wallet): Uint8Array => wallet.hands()?.signer.publicKey ?? new Uint8Array();
const balanceOf = (wallet: Wallet): bigint => wallet.hands()?.outbox.account().balance ?? 0n;

/** A wallet with coins that follows the exchange. */
async function openHolder({ world }: Story, name: string): Promise<Wallet> {
  const wallet = await world.openWallet(name);
  await wallet.sync();
  insist(await wallet.requestCoins());
  await world.mine(2);
  insist(await wallet.follow(OPERATOR_URL));
  await world.mine();
  return wallet;
}

/** Give a contract to another key, and wait until that is recorded for good. */
async function pass(story: Story, from: Wallet, leaf: Leaf, to: Wallet): Promise<Leaf> {
  insist(await story.world.during(from.handOver(leaf.id, keyOf(to))));
  await story.world.mine(LOCAL_NETWORK.confirmations + 2);
  const { book } = find(to, story.chainId);
  const own = [...book.own.values()].find(({ closedIn }) => closedIn === undefined);
  if (own === undefined) throw new Error("the contract was not handed over");
  return own.leaf;
}

async function mineToDraw({ world, chain }: Story): Promise<void> {
  const { expiry } = chain().followed.facts;
  await world.mine(expiry + LOCAL_NETWORK.drawBlocks - world.node.tip().header.header.height);
}

/** The user buys most of the exchange and gives it up to a friend; the draw falls on it. */
async function beginGivenUp() {
  const story = await beginStory(SEED);
  const { user, chainId } = story;
  const friend = await openHolder(story, "friend");
  const old = await buySpace(story, user, chainId, 640n * VEO);
  const leaf = await pass(story, user, old, friend);
  return { story, user, friend, old, leaf };
}

async function end(story: Story, wallet: Wallet): Promise<void> {
  const { claimDelay, disputeDelay } = story.chain().followed;
  await story.world.mine(1 + claimDelay + disputeDelay);
  insist(await wallet.collect(story.chainId));
  await story.world.mine();
}

/** The point is drawn, the former owner claims, and so does the holder, who stands below him. */
async function claimBoth({
  story,
  user,
  friend,
  old,
  leaf,
}: Awaited<ReturnType<typeof beginGivenUp>>) {
  await mineToDraw(story);
  const { point } = story.chain().settlement ?? { point: -1n };
  expect(old.lo <= point && point < old.hi).toBe(true);
  insist(await user.claim(old.id));
  await story.world.mine();
  insist(await friend.claim(leaf.id));
}

const shown = (wallet: Wallet) => {
  const key = { kind: "unlocked", address: "", publicKey: formatHex(keyOf(wallet)) } as const;
  const storage = { isPersisted: true, isFull: false };
  return createSnapshot(wallet, { key, owner: keyOf(wallet), storage });
};

describe("a former owner who claims", () => {
  it("is slashed by the holder's wallet by itself, which is paid the prize and half of his deposit", async () => {
    const given = await beginGivenUp();
    const { story, user, friend, leaf } = given;
    const { world, chainId } = story;
    expect(friend.watcher()?.trailOf(chainId, leaf.id)).toMatchObject({
      kind: "complete",
      closes: 2,
    });
    const before = balanceOf(friend);
    await claimBoth(given);
    await world.mine(1);
    const about = {
      kind: "close",
      claimant: formatHex(keyOf(user)),
      contractId: formatHex(leaf.id),
    };
    expect(shown(friend).disputes).toMatchObject([{ ...about, state: "sent", confirmations: 1 }]);
    await world.mine(1);
    expect(shown(friend).disputes).toMatchObject([{ ...about, state: "confirmed" }]);
    await end(story, friend);
    const { settled } = find(friend, chainId).settlement ?? {};
    expect(settled?.winner?.contractId).toEqual(leaf.id);
    const halfDeposit = PRIZE / 200n;
    const claimFee = VEO / 100n;
    expect(balanceOf(friend) - before).toBe(PRIZE + halfDeposit - claimFee - 3n * FEE);
  });

  it("is shown with what answering costs and brings, and is slashed at the holder's word alone where that is set", async () => {
    const given = await beginGivenUp();
    const { story, user, friend, leaf } = given;
    insist(await friend.setAutoDefence(false));
    await claimBoth(given);
    await story.world.mine(2);
    const [dispute] = shown(friend).disputes;
    expect(dispute).toMatchObject({
      kind: "close",
      state: "open",
      rehearsal: { kind: "succeeds", cost: FEE, deposit: 0n, reward: PRIZE / 200n },
    });
    expect(shown(friend).watch).toMatchObject({ isAutomatic: false });
    insist(await friend.actOnDispute(dispute?.id ?? ""));
    await story.world.mine(1);
    expect(shown(friend).disputes).toMatchObject([{ state: "sent", confirmations: 1 }]);
    expect(shown(user).disputes).toEqual([]);
    await end(story, friend);
    expect(find(friend, story.chainId).settlement?.settled?.winner?.contractId).toEqual(leaf.id);
  });

  it("is paid where nobody answers", async () => {
    const given = await beginGivenUp();
    const { story, friend, old } = given;
    insist(await friend.setAutoDefence(false));
    await claimBoth(given);
    await end(story, friend);
    expect(find(friend, story.chainId).settlement?.settled?.winner?.contractId).toEqual(old.id);
    expect(shown(friend).disputes).toEqual([]);
  });
});

describe("a purchase", () => {
  it("is not paid while a block is missing that says who held the space before", async () => {
    const story = await beginStory(SEED);
    const { world, user, chainId } = story;
    const journeys = () => user.hands()?.journeys.list() ?? [];
    insist(await world.during(user.buySpace(chainId, 10n * VEO)));
    await world.during(user.sync());
    const before = balanceOf(user);
    const { height } = find(user, chainId).book.tip;
    world.hidden.set(OPERATOR_URL, height);
    await world.mine(5);
    const [own] = find(user, chainId).book.own.values();
    const trail = user.watcher()?.trailOf(chainId, own?.leaf.id ?? new Uint8Array());
    expect(trail).toMatchObject({ kind: "incomplete", missing: expect.stringMatching(/served/) });
    expect(balanceOf(user)).toBe(before);
    expect(journeys()).toMatchObject([[expect.anything(), { state: { kind: "open" } }]]);
    world.hidden.clear();
    await world.mine(8);
    expect(balanceOf(user)).toBeLessThan(before - 10n * VEO);
    expect(journeys()).toMatchObject([[expect.anything(), { state: { kind: "done" } }]]);
  });
});
