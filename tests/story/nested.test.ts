import { describe, expect, it } from "vitest";
import type { TrackedChain } from "../../src/client/chainTracker.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";

const SPORTS = "http://sports";
const SYNDICATE = "http://syndicate";

/** Buy plain space and wait until it is paid and recorded. */
async function buySpace(story: Story, wallet: Wallet, chainId: Uint8Array, width: bigint) {
  insist(await story.world.during(wallet.buySpace(chainId, width)));
  const isOpen = () =>
    wallet
      .hands()
      ?.journeys.list()
      .some(([, { state }]) => state.kind === "open");
  for (let blocks = 0; isOpen() === true && blocks < 30; blocks++) await story.world.mine();
  const { book } = find(wallet, chainId);
  const own = [...book.own.values()].find(
    ({ leaf }) => book.live.has(formatHex(leaf.id)) && leaf.hi - leaf.lo === width,
  );
  if (own === undefined) throw new Error("the space was not bought");
  return own.leaf;
}

function find(wallet: Wallet, chainId: Uint8Array): TrackedChain {
  const chain = wallet.tracker.find(chainId);
  if (chain === undefined) throw new Error("the wallet does not follow the chain");
  return chain;
}

/** A wallet buys space in a chain, seals it, and runs a chain inside. */
async function nest(
  story: Story,
  options: {
    name: string;
    url: string;
    parentUrl: string;
    parentId: Uint8Array;
    width: bigint;
    anchorId?: Uint8Array;
  },
) {
  const { world } = story;
  const { name, url, parentUrl, parentId, width, anchorId } = options;
  const wallet = await world.openWallet(name);
  await wallet.sync();
  insist(await wallet.requestCoins());
  await world.mine(2);
  insist(await wallet.follow(parentUrl));
  await world.mine();
  const bought = await buySpace(story, wallet, parentId, width);
  const anchor =
    anchorId === undefined
      ? ({ kind: "mainChain" } as const)
      : ({ kind: "chain", id: anchorId } as const);
  insist(await world.during(wallet.seal(bought.id, anchor)));
  await world.mine(4);
  const sealed = find(wallet, parentId).book.live.get(formatHex(bought.id));
  expect(sealed?.leaf).toMatchObject({ sealed: true, anchor });
  const { expiry } = find(wallet, parentId).followed.facts;
  const operator = await world.startNested({
    url,
    parentUrl,
    name,
    wallet,
    leaf: sealed?.leaf ?? bought,
    expiry,
    ...(anchorId === undefined ? {} : { anchorId }),
  });
  await world.mine();
  return { wallet, operator, id: bought.id };
}

describe("chains inside chains, in one process", () => {
  it("sells space three levels down, checked all the way up, and goes on without the one in the middle", async () => {
    const story = await beginStory("nested");
    const exchange = story.chainId;
    const sports = await nest(story, {
      name: "sports",
      url: SPORTS,
      parentUrl: OPERATOR_URL,
      parentId: exchange,
      width: 200n * VEO,
      anchorId: exchange,
    });
    // The syndicate posts in the exchange, its grandparent.
    const syndicate = await nest(story, {
      name: "syndicate",
      url: SYNDICATE,
      parentUrl: SPORTS,
      parentId: sports.id,
      width: 50n * VEO,
      anchorId: exchange,
    });
    insist(await story.user.follow(SYNDICATE));
    await story.world.mine(2);
    expect(story.user.tracker.chains()).toHaveLength(3);
    story.world.down.add(SPORTS);
    const owned = await buySpace(story, story.user, syndicate.id, 10n * VEO);
    const chain = find(story.user, syndicate.id);
    expect(chain.book.breach).toBeUndefined();
    expect(chain.book.posts.length).toBeGreaterThan(1);
    expect(owned.owner).toEqual(story.user.hands()?.signer.publicKey);
    expect(find(story.user, sports.id).connection).toBe("down");
  });
});
