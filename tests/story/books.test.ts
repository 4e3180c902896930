import { describe, expect, it } from "vitest";
import { createAnchoredProof } from "../../src/client/ownProof.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { insist } from "../../src/lib/verdict.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { createWalletStore, OPERATOR_URL, VEO } from "./localWorld.ts";

/** What a wallet holds in the story's chain, and with what it would claim it. */
function holdings(wallet: Wallet, { chainId }: Story) {
  const book = wallet.tracker.find(chainId)?.book;
  return [...(book?.own ?? [])]
    .filter(([id]) => book?.live.has(id))
    .map(([id, own]) => ({ id, place: own.place, proof: createAnchoredProof(own) }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

describe("what a wallet has checked", () => {
  it("is on its disk: it opens with what it holds and its proofs, though nobody answers", async () => {
    const story = await beginStory("restart");
    const { world } = story;
    const tables = new Map<string, Map<string, Uint8Array>>();
    const store = createWalletStore(tables);
    const wallet = await world.openWallet("holder", store);
    insist(await wallet.requestCoins());
    await world.mine(2);
    insist(await wallet.follow(OPERATOR_URL));
    await world.mine();
    insist(await world.during(wallet.buySpace(story.chainId, 20n * VEO)));
    await world.mine(16);
    const held = holdings(wallet, story);
    expect(held).toHaveLength(1);
    expect(held[0]?.proof?.headers.length).toBeGreaterThan(0);
    // No block is kept, and of the chain's books few.
    expect(tables.get("books")?.size).toBeLessThan(25);
    world.down.add(OPERATOR_URL);
    const again = await world.openWallet("holder", store);
    expect(holdings(again, story)).toEqual(held);
    await again.sync();
    expect(again.tracker.find(story.chainId)?.connection).toBe("down");
    expect(holdings(again, story)).toEqual(held);
    // And it goes on from there, not from the beginning.
    const { height } = again.tracker.find(story.chainId)?.book.tip ?? { height: 0 };
    world.down.delete(OPERATOR_URL);
    await again.sync();
    expect(again.tracker.find(story.chainId)?.connection).toBe("live");
    expect(again.tracker.find(story.chainId)?.book.tip.height).toBeGreaterThanOrEqual(height);
  });

  it("is read once more for a key that comes later, and nothing is let go meanwhile", async () => {
    const story = await beginStory("another key");
    const { world, user, chainId } = story;
    insist(await world.during(user.buySpace(chainId, 20n * VEO)));
    await world.mine(12);
    const other = await world.openWallet("nobody");
    await other.sync();
    insist(await other.follow(OPERATOR_URL));
    await other.sync();
    expect(holdings(other, story)).toEqual([]);
    await other.attachSigner(world.signerOf("user"));
    await other.sync();
    expect(holdings(other, story)).toEqual(holdings(user, story));
    expect(holdings(other, story)).toHaveLength(1);
  });
});

describe("two ways to know", () => {
  it("agree, and each is left for the other without losing anything", async () => {
    const story = await beginStory("own share");
    const { world, user, counterparty, chainId } = story;
    insist(await world.during(user.buySpace(chainId, 20n * VEO)));
    await world.mine(12);
    const { tracker } = user;
    await tracker.setMode(story.chain(), "ownShare");
    await user.sync();
    expect(story.chain().book.shareSince).toBeGreaterThan(0);
    const before = holdings(user, story);
    expect(before).toHaveLength(1);
    // Others trade on; what is bought by others is not looked at, and nothing new is bought here.
    insist(await world.during(counterparty.buySpace(chainId, 30n * VEO)));
    await world.mine(12);
    const full = counterparty.tracker.find(chainId)?.book;
    expect(story.chain().book.postCount).toBe(full?.postCount);
    expect(holdings(user, story)).toEqual(before);
    expect(await world.during(user.buySpace(chainId, VEO))).toMatchObject({ code: "NOT_SAFE" });
    expect(tracker.proofBytesOf(story.chain())).toBeGreaterThan(0);
    await tracker.setMode(story.chain(), "full");
    await user.sync();
    const { book } = story.chain();
    expect(book.shareSince).toBeUndefined();
    expect(book.tip.hash).toEqual(full?.tip.hash);
    expect(book.live.size).toBe(full?.live.size);
    expect(holdings(user, story)).toEqual(before);
    insist(await world.during(user.buySpace(chainId, VEO)));
    await world.mine(12);
    // What is to be kept beside that later is sought in all blocks, once; then the own share goes on.
    await tracker.setMode(story.chain(), "ownShare");
    await user.sync();
    const inside = { id: sha256(chainId), operator: new Uint8Array(33) };
    tracker.watch(chainId, inside);
    await user.sync();
    expect(story.chain().book).toMatchObject({
      shareSince: undefined,
      scope: { descendants: [inside] },
    });
    await user.sync();
    expect(story.chain().book.shareSince).toBe(story.chain().book.postCount);
  });
});
