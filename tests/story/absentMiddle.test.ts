import { describe, expect, it } from "vitest";
import { writeChainAddress } from "../../src/api/chainAddress.ts";
import { findObstacle } from "../../src/client/obstacle.ts";
import type { ServedChains } from "../../src/http/chainRoutes.ts";
import { insist } from "../../src/lib/verdict.ts";
import { openArchive } from "../../src/mirror/archive.ts";
import {
  createMemoryKeyValueStore,
  createWalletStore,
  type LocalWorld,
  OPERATOR_URL,
  VEO,
} from "./localWorld.ts";
import { beginNested, buySpace, find, SPORTS, SYNDICATE } from "./nestedStory.ts";

const MIRROR = "http://mirror";
const WIDTHS = { sports: 200n * VEO, syndicate: 50n * VEO };

/** A wallet that begins now, with a key and coins of its own. */
async function openNewcomer(world: LocalWorld, mirrors: readonly string[] = []) {
  const wallet = await world.openWallet("newcomer", createWalletStore(), mirrors);
  await wallet.sync();
  insist(await wallet.requestCoins());
  await world.mine(2);
  return wallet;
}

/** Chains as they are served, but with one byte of every block changed. */
function flipped(honest: ServedChains, index: number): ServedChains {
  const flip = (bytes: Uint8Array | undefined) =>
    bytes?.map((byte, each) => (each === index ? byte ^ 1 : byte));
  return {
    facts: (id) => honest.facts(id),
    blocks(id) {
      const blocks = honest.blocks(id);
      return (
        blocks && {
          ...blocks,
          block: async (height) => flip(await blocks.block(height)),
          findBlock: async (hash) => flip(await blocks.findBlock(hash)),
        }
      );
    },
  };
}

describe("a wallet that begins after the operator in the middle has gone for good", () => {
  it("follows the chain inside by what that one's operator kept of his parent, and buys there", async () => {
    const { story, sports, syndicate } = await beginNested("absent-1", WIDTHS);
    const { world } = story;
    world.down.add(SPORTS);
    const newcomer = await openNewcomer(world);
    insist(await newcomer.follow(SYNDICATE));
    await world.mine(2);
    const parent = find(newcomer, sports.id);
    expect(parent.connection).toBe("down");
    expect(parent.book.tip).toEqual(find(story.user, sports.id).book.tip);
    const chain = () => find(newcomer, syndicate.id);
    expect(findObstacle(chain(), newcomer.tracker, newcomer.mainChain)).toBeUndefined();
    const bought = await buySpace(story, newcomer, syndicate.id, 10n * VEO);
    expect(bought.owner).toEqual(newcomer.hands()?.signer.publicKey);
  });

  it("does not follow where nobody has the blocks, and blames nobody where they are served with a byte changed", async () => {
    const { story, sports, syndicate } = await beginNested("absent-2", WIDTHS);
    const { world } = story;
    world.down.add(SPORTS);
    const honest = world.mirrored.get(SYNDICATE);
    if (honest === undefined) throw new Error("the syndicate serves nothing of its parent");
    const newcomer = await openNewcomer(world);
    world.mirrored.delete(SYNDICATE);
    expect(await newcomer.follow(SYNDICATE)).toMatchObject({ ok: false, code: "DOWN" });
    for (const index of [10, 150]) {
      world.mirrored.set(SYNDICATE, flipped(honest, index));
      expect(await newcomer.follow(SYNDICATE)).toMatchObject({ ok: false, code: "NO_SUCH_CHAIN" });
      const { book, unusable } = find(newcomer, sports.id);
      expect(book.tip.height).toBe(0);
      expect(book.breach).toBeUndefined();
      expect(unusable).toBeUndefined();
    }
    world.mirrored.set(SYNDICATE, honest);
    insist(await newcomer.follow(SYNDICATE));
    expect(find(newcomer, syndicate.id).followed.nested?.parentId).toEqual(sports.id);
  });
});

describe("a mirror", () => {
  it("brings a wallet that begins after every operator has gone to where the others are", async () => {
    const { story, exchange, sports, syndicate } = await beginNested("absent-3", WIDTHS);
    const { world, user } = story;
    const archive = await openArchive(createMemoryKeyValueStore());
    const keeper = await world.openWallet("mirror", undefined, [], undefined, archive);
    await keeper.sync();
    insist(await keeper.follow(SYNDICATE));
    world.mirror(MIRROR, keeper, archive);
    await buySpace(story, user, syndicate.id, 10n * VEO);
    await world.mine(2);
    for (const url of [OPERATOR_URL, SPORTS, SYNDICATE]) world.down.add(url);
    const newcomer = await openNewcomer(world, [MIRROR]);
    // The operator's own address alone says no id, and a mirror is not asked which chain that would be.
    expect(await newcomer.follow(SYNDICATE)).toMatchObject({ ok: false, code: "DOWN" });
    insist(await newcomer.follow(writeChainAddress(SYNDICATE, syndicate.id)));
    await world.mine();
    for (const id of [exchange, sports.id, syndicate.id]) {
      const [found, known] = [find(newcomer, id), find(user, id)];
      expect(found.book.tip).toEqual(known.book.tip);
      expect(found.book.postCount).toBe(known.book.postCount);
      expect(found.connection).toBe("down");
      expect(found.followed.url).toBe(known.followed.url);
    }
    const obstacle = findObstacle(
      find(newcomer, syndicate.id),
      newcomer.tracker,
      newcomer.mainChain,
    );
    expect(obstacle?.kind).toBe("down");
  });
});
