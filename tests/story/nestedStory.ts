import type { TrackedChain } from "../../src/client/chainTracker.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { openArchive } from "../../src/mirror/archive.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { createMemoryKeyValueStore, OPERATOR_URL } from "./localWorld.ts";

export const SPORTS = "http://sports";
export const SYNDICATE = "http://syndicate";

/** Buy plain space and wait until it is paid and recorded. */
export async function buySpace(story: Story, wallet: Wallet, chainId: Uint8Array, width: bigint) {
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

export function find(wallet: Wallet, chainId: Uint8Array): TrackedChain {
  const chain = wallet.tracker.find(chainId);
  if (chain === undefined) throw new Error("the wallet does not follow the chain");
  return chain;
}

/** A wallet buys space in a chain, seals it, and runs a chain inside. */
export async function nest(
  story: Story,
  options: {
    name: string;
    url: string;
    parentUrl: string;
    parentId: Uint8Array;
    width: bigint;
    anchorId?: Uint8Array;
    depositBps?: number;
    switchAfter?: number;
  },
) {
  const { world } = story;
  const { name, url, parentUrl, parentId, width, anchorId, depositBps, switchAfter } = options;
  const archive = await openArchive(createMemoryKeyValueStore());
  const wallet = await world.openWallet(name, undefined, [], undefined, archive);
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
  if (sealed?.leaf.sealed !== true) throw new Error("the contract was not sealed");
  const { expiry } = find(wallet, parentId).followed.facts;
  const operator = await world.startNested({
    url,
    parentUrl,
    name,
    wallet,
    leaf: sealed.leaf,
    expiry,
    archive,
    ...(anchorId === undefined ? {} : { anchorId }),
    ...(depositBps === undefined ? {} : { depositBps }),
    ...(switchAfter === undefined ? {} : { switchAfter }),
  });
  await world.mine();
  return { wallet, operator, id: bought.id };
}

/**
 * A syndicate inside a sports market inside an exchange, all followed by the user. The sports market posts in the
 * exchange; so does the syndicate, its grandchild, unless it is to post in the sports market.
 */
export async function beginNested(
  seed: string,
  widths: { sports: bigint; syndicate: bigint },
  options: {
    readonly depositBps?: number;
    readonly syndicateAnchor?: "sports" | "exchange";
    readonly expiry?: number;
  } = {},
) {
  const { depositBps = 0, syndicateAnchor, expiry } = options;
  const story = await beginStory(seed, undefined, depositBps, expiry);
  const exchange = story.chainId;
  const sports = await nest(story, {
    name: "sports",
    url: SPORTS,
    parentUrl: OPERATOR_URL,
    parentId: exchange,
    width: widths.sports,
    anchorId: exchange,
    depositBps,
  });
  const syndicate = await nest(story, {
    name: "syndicate",
    url: SYNDICATE,
    parentUrl: SPORTS,
    parentId: sports.id,
    width: widths.syndicate,
    anchorId: syndicateAnchor === "sports" ? sports.id : exchange,
    depositBps,
  });
  insist(await story.user.follow(SYNDICATE));
  await story.world.mine(2);
  return { story, exchange, sports, syndicate };
}
