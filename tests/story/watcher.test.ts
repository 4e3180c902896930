import { describe, expect, it } from "vitest";
import { decodeBlock } from "../../src/blocks/block.ts";
import { createHolding } from "../../src/blocks/holding.ts";
import { postMapRoot } from "../../src/blocks/postMap.ts";
import {
  computeChallengeKey,
  readChallengeRecord,
} from "../../src/chain/challenges/challengeRecord.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist, refuse } from "../../src/lib/verdict.ts";
import { computeChainState, hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import type { Leaf } from "../../src/protocol/leaf.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createTree, takeSpace, treeRoot } from "../../src/space/tree.ts";
import { encodeWitness } from "../../src/space/witness.ts";
import { createSnapshot } from "../../src/workers/snapshot/createSnapshot.ts";
import { MainBranch } from "../adversaries/mainBranch.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { forgeBlock } from "./forge.ts";
import {
  beginHandOver,
  draw,
  end as endSmall,
  type HandOverStory,
  heightOf,
  sleep,
} from "./handOverStory.ts";
import { OPERATOR_URL, keyOf as privateKeyOf, VEO } from "./localWorld.ts";
import { buySpace, find, nest, SPORTS } from "./nestedStory.ts";
import { turnLiar } from "./turnLiar.ts";

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

describe("a holder who is awake", () => {
  const SMALL = "watcher-small-1";
  const disputesOf = ({ user }: HandOverStory) => user.watcher()?.disputes() ?? [];
  const resultsOf = ({ chain }: HandOverStory) => chain().settlement?.results ?? [];

  it("shows several closes in a row against an older contract, and claims late what they have made room for", async () => {
    const story = await beginHandOver(SMALL);
    const { world, former, unpaid, held, user } = story;
    await draw(story);
    const { claimsEnd = 0 } = story.chain().settlement ?? {};
    await world.mine(claimsEnd - 2 - heightOf(story));
    insist(await world.during(former.claim(unpaid.leaf.id)));
    // He has claimed nothing himself when the time for claims is over.
    await world.mine(2);
    expect(heightOf(story)).toBe(claimsEnd);
    expect(resultsOf(story)).toMatchObject([{ removal: { successor: { leaf: held.leaf } } }]);
    expect(disputesOf(story)[0]).toMatchObject({ kind: "lateClaim", state: "sent" });
    await world.mine(2);
    expect(disputesOf(story).map(({ kind, state }) => [kind, state])).toEqual([
      ["lateClaim", "confirmed"],
      ["close", "confirmed"],
    ]);
    const settled = await endSmall(story);
    expect(settled.winner?.owner).toEqual(keyOf(user));
  });

  it("answers again what a reorg has undone, also after a reload, with no operator", async () => {
    const story = await beginHandOver(SMALL);
    const { world, user, former, plain, held, chainId } = story;
    await draw(story);
    world.down.add(OPERATOR_URL);
    insist(await world.during(user.claim(held.leaf.id)));
    insist(await world.during(former.claim(plain.leaf.id)));
    await world.mine(1);
    const fork = heightOf(story);
    await world.mine(1);
    expect(disputesOf(story)).toMatchObject([{ kind: "close", state: "sent", confirmations: 1 }]);
    sleep(story, user);
    let branch = MainBranch.from(world.node, fork);
    for (let blocks = 1; blocks <= 2; blocks++) {
      branch = branch.mine([], world.nowMs + blocks);
      insist(await world.node.submitBlock(branch.encode(branch.tip())));
    }
    const again = await world.openWallet("user");
    await world.during(again.sync());
    const [open] = again.watcher()?.disputes() ?? [];
    expect(open).toMatchObject({ kind: "close", state: "sent", confirmations: 0 });
    await world.mine(3);
    const [done] = again.watcher()?.disputes() ?? [];
    expect(done).toMatchObject({ kind: "close", state: "confirmed" });
    const standing = find(again, chainId).settlement?.results.filter((each) => !each.removal);
    expect(standing?.map(({ line }) => line[0].leaf.id)).toEqual([held.leaf.id]);
  });

  it("accuses nobody while no main-chain block comes, and says so", async () => {
    const story = await beginHandOver(SMALL);
    const { world, user, former, plain } = story;
    await draw(story);
    insist(await world.during(user.setAutoDefence(false)));
    insist(await world.during(former.claim(plain.leaf.id)));
    await world.mine(1);
    world.nowMs += 10 * 60_000;
    insist(await world.during(user.setAutoDefence(true)));
    await world.during(user.sync());
    expect(disputesOf(story)).toMatchObject([
      { kind: "close", state: "open", rehearsal: { kind: "incomplete" } },
    ]);
    const refused = await user.actOnDispute(disputesOf(story)[0]?.id ?? "");
    expect(refused).toMatchObject({ ok: false, code: "INCOMPLETE" });
    await world.mine(2);
    expect(resultsOf(story)).toMatchObject([{ removal: {} }]);
  });

  it("brings the terms that both have signed last where a claim stands with older ones", async () => {
    const story = await beginHandOver(SMALL);
    const { world, user, held } = story;
    insist(await world.during(user.updateTerms(held.leaf.id)));
    await draw(story);
    const ready = () => user.watcher()?.readyMove(held.leaf.id)?.state?.state.nonce;
    expect(ready()).toBe(1);
    insist(await world.during(user.claim(held.leaf.id)));
    await world.mine(1);
    expect(resultsOf(story)).toMatchObject([{ run: { stateNonce: 1 } }]);
    insist(await world.during(user.updateTerms(held.leaf.id)));
    await world.mine(2);
    expect(ready()).toBe(2);
    expect(resultsOf(story)).toMatchObject([{ run: { stateNonce: 2 }, ownerMoves: 1 }]);
    expect(disputesOf(story)).toMatchObject([{ kind: "state", state: "confirmed" }]);
  });
});

describe("an operator who claims by what the contract was before it became his chain", () => {
  /** Found by search: the draw falls on space that was sold inside. */
  const INSIDE_SEED = "unsold-2";

  it("is slashed by who bought inside, one level above", async () => {
    const story = await beginStory(INSIDE_SEED);
    const { world, user, chainId } = story;
    const sports = await nest(story, {
      name: "sports",
      url: SPORTS,
      parentUrl: OPERATOR_URL,
      parentId: chainId,
      width: 650n * VEO,
      anchorId: chainId,
    });
    insist(await user.follow(SPORTS));
    await world.mine();
    const bought = await buySpace(story, user, sports.id, 640n * VEO);
    const older = [...find(sports.wallet, chainId).book.own.values()].find(
      ({ closedIn }) => closedIn !== undefined,
    );
    await mineToDraw(story);
    insist(await user.claim(bought.id));
    insist(await sports.wallet.claim(older?.leaf.id ?? new Uint8Array()));
    await world.mine(2);
    expect(user.watcher()?.disputes()).toMatchObject([{ kind: "close", state: "sent" }]);
    const standing = story.chain().settlement?.results.filter(({ removal }) => !removal);
    expect(standing?.map(({ line }) => line.length)).toEqual([2]);
  });
});

describe("an operator who sells what is sold already", () => {
  /** His next block, signed and posted: the user's space is somebody else's in its state. He shows that to whoever asks. */
  async function sellTwice(story: HandOverStory) {
    const { world, held } = story;
    const { chain, tip, descendants } = world.operator.state;
    const rival: Leaf = { ...held.leaf, id: new Uint8Array(32).fill(7), owner: chain.operator };
    const empty = createTree(chain.lo, chain.hi);
    const content = { tree: insist(takeSpace(empty, held.place, rival)), posts: descendants };
    const last = (await world.operator.block(tip.height)) ?? new Uint8Array();
    const bytes = forgeBlock(last, privateKeyOf(world.seed, "operator"), (block) => ({
      ...block,
      header: {
        ...block.header,
        height: tip.height + 1,
        previousHash: tip.hash,
        stateBefore: tip.state,
        stateAfter: computeChainState(treeRoot(content.tree), postMapRoot(descendants)),
      },
      rootsRoot: postMapRoot(descendants),
      witness: encodeWitness(world.operator.state.tree),
    }));
    const block = insist(decodeBlock(bytes));
    await turnLiar(story, [bytes], hashBlockHeader(block.header));
    const sequence = (story.chain().book.lastPost?.sequence ?? 0) + 1;
    world.operator.holding = async (asked, question) =>
      asked === sequence
        ? createHolding(block, content, question)
        : refuse("NO_SUCH_POST", "he shows nothing else");
  }

  it("is asked by whose word a contract is gone, and loses his share where he does not say", async () => {
    const story = await beginHandOver("watcher-small-1");
    const { world, user, held, chainId } = story;
    await world.rest();
    await sellTwice(story);
    await world.mine(4);
    expect(story.chain().book.breach).toBeDefined();
    const [dispute] = shown(user).disputes;
    const { dataRequestDeposit: deposit } = LOCAL_NETWORK;
    expect(dispute).toMatchObject({
      kind: "challenge",
      state: "open",
      contractId: formatHex(held.leaf.id),
      rehearsal: { kind: "succeeds", deposit },
    });
    const before = balanceOf(user);
    insist(await user.actOnDispute(dispute?.id ?? ""));
    await world.mine(LOCAL_NETWORK.confirmations);
    expect(shown(user).disputes).toMatchObject([{ kind: "challenge", state: "confirmed" }]);
    const fee = LOCAL_NETWORK.dataRequestFee + FEE;
    expect(before - balanceOf(user)).toBe(deposit + fee);
    // Nobody answers: what was put down comes back by itself.
    await world.mine(LOCAL_NETWORK.dataResponseDelay + 3);
    expect(before - balanceOf(user)).toBe(fee + FEE);
    const key = computeChallengeKey(user.tracker.targetOf(find(user, chainId)));
    const record = await user.mainChain.read("requests", key, readChallengeRecord);
    expect(record).toMatchObject({ open: [], lost: { challenger: keyOf(user) } });
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
