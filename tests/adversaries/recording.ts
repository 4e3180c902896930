import { applyTransactions, type ChainContent } from "../../src/blocks/applyTransactions.ts";
import { decodeBlock, type SortitionBlock } from "../../src/blocks/block.ts";
import { createPostMap } from "../../src/blocks/postMap.ts";
import type { OperatorFacts } from "../../src/client/ports.ts";
import { insist } from "../../src/lib/verdict.ts";
import { type MainNode, openNode } from "../../src/node/node.ts";
import type { Operator } from "../../src/operator/operator.ts";
import { computePublicKey } from "../../src/protocol/signature.ts";
import { createTree } from "../../src/space/tree.ts";
import { beginStory } from "../story/footballStory.ts";
import {
  copyTables,
  createMemoryKeyValueStore,
  GENESIS,
  keyOf,
  type LocalWorld,
  OPERATOR_URL,
  RULES,
  VEO,
  type WalletTables,
} from "../story/localWorld.ts";
import { buySpace, nest, SPORTS, SYNDICATE } from "../story/nestedStory.ts";
import type { MainView } from "./mainBranch.ts";

/** The levels of the recorded story, from the top down. */
export const LEVELS = ["exchange", "sports", "syndicate"] as const;
export type Level = (typeof LEVELS)[number];

/** One chain of the story: every block its operator made, and what stood before each. */
export type RecordedChain = {
  readonly level: Level;
  readonly url: string;
  readonly facts: OperatorFacts;
  readonly chain: Operator["state"]["chain"];
  /** The operator's private key: a lie of his is signed. */
  readonly key: Uint8Array;
  readonly bytes: readonly Uint8Array[];
  readonly blocks: readonly SortitionBlock[];
  /** The whole content before block number `index + 1`. */
  readonly before: readonly ChainContent[];
};

/** A main-chain height, and how much of each chain its operator had published by then. */
export type Moment = {
  readonly height: number;
  readonly nowMs: number;
  readonly published: Readonly<Record<Level, number>>;
  /** What the user's wallet had on its disk; only where the story was really played. */
  readonly kept?: WalletTables;
  /** Every operator is gone for good. */
  readonly isDeserted?: boolean;
  /** The branch of the main chain that is seen then, where that is not the one of the story's end. */
  readonly node?: MainView;
  /** What operators serve then, where that is not what they serve at the story's end. */
  readonly served?: Readonly<Record<Level, readonly Uint8Array[]>>;
};

/** A true story of three levels, played once by real programs; clients are then led through it. */
export type Recording = {
  readonly seed: string;
  readonly node: MainView;
  /** Where each chain posts. */
  readonly anchors: Readonly<Record<Level, Level | "mainChain">>;
  readonly user: Uint8Array;
  readonly chains: Readonly<Record<Level, RecordedChain>>;
  /** One for each main-chain block since the exchange was there. */
  readonly moments: readonly Moment[];
  /** Another branch of the main chain, for a while as good as the true one. */
  readonly detour: { readonly node: MainView; readonly from: number; readonly to: number };
};

const URLS: Readonly<Record<Level, string>> = {
  exchange: OPERATOR_URL,
  sports: SPORTS,
  syndicate: SYNDICATE,
};
const KEY_NAMES: Readonly<Record<Level, string>> = {
  exchange: "operator",
  sports: "sports",
  syndicate: "syndicate",
};
const DETOUR_BLOCKS = 3;
const EXPIRY = 120;

/**
 * Play it: the user bets in the exchange and holds space on all three levels, a stranger's purchase lapses, the
 * sports market posts in the exchange, and the syndicate inside it in the exchange too, or on the main chain.
 */
export async function recordStory(
  seed: string,
  syndicateAnchor: "exchange" | "mainChain",
): Promise<Recording> {
  const story = await beginStory(seed, undefined, 0, EXPIRY);
  const { world, user, chainId } = story;
  const moments: Moment[] = [];
  const mine = world.mine.bind(world);
  world.mine = async (count = 1) => {
    for (let made = 0; made < count; made++) {
      await mine(1);
      moments.push(observe(world));
    }
  };
  const stranger = computePublicKey(keyOf(seed, "stranger"));
  insist(await world.operator.ask({ kind: "purchase", buyer: stranger, width: VEO }));
  await story.placeBet(20n * VEO);
  await buySpace(story, user, chainId, 30n * VEO);
  const sports = await nest(story, {
    name: "sports",
    url: SPORTS,
    parentUrl: OPERATOR_URL,
    parentId: chainId,
    width: 200n * VEO,
    anchorId: chainId,
  });
  insist(await user.follow(SPORTS));
  await world.mine(2);
  await buySpace(story, user, sports.id, 15n * VEO);
  const syndicate = await nest(story, {
    name: "syndicate",
    url: SYNDICATE,
    parentUrl: SPORTS,
    parentId: sports.id,
    width: 50n * VEO,
    ...(syndicateAnchor === "exchange" ? { anchorId: chainId } : {}),
  });
  insist(await user.follow(SYNDICATE));
  await world.mine(2);
  await buySpace(story, user, syndicate.id, 10n * VEO);
  await buySpace(story, user, chainId, 5n * VEO);
  await world.mine(3);
  return {
    seed,
    node: world.node,
    anchors: { exchange: "mainChain", sports: "exchange", syndicate: syndicateAnchor },
    user: computePublicKey(keyOf(seed, "user")),
    chains: {
      exchange: await recordChain(world, "exchange"),
      sports: await recordChain(world, "sports"),
      syndicate: await recordChain(world, "syndicate"),
    },
    moments,
    detour: await makeDetour(world.node, moments),
  };
}

function observe(world: LocalWorld): Moment {
  const published = (level: Level) =>
    world.operators.get(URLS[level])?.operator.publishedHeight() ?? 0;
  return {
    height: world.node.tip().header.header.height,
    nowMs: world.nowMs,
    kept: copyTables(world.tablesOf("user")),
    published: {
      exchange: published("exchange"),
      sports: published("sports"),
      syndicate: published("syndicate"),
    },
  };
}

async function recordChain(world: LocalWorld, level: Level): Promise<RecordedChain> {
  const url = URLS[level];
  const served = world.operators.get(url);
  if (served === undefined) throw new Error(`nobody served the ${level}`);
  const { operator, parent } = served;
  const { chain, policy, markets, headers } = operator.state;
  const bytes: Uint8Array[] = [];
  for (let height = 1; height <= operator.publishedHeight(); height++) {
    bytes.push((await operator.block(height)) ?? new Uint8Array());
  }
  const blocks = bytes.map((each) => insist(decodeBlock(each)));
  const before: ChainContent[] = [];
  let content: ChainContent = { tree: createTree(chain.lo, chain.hi), posts: createPostMap() };
  for (const { header, transactions } of blocks) {
    before.push(content);
    content = insist(
      applyTransactions(content, transactions, {
        rules: { ...RULES, verify: () => true },
        chain,
        height: header.height,
        previousHash: header.previousHash,
        mainHeight: header.mainHeight,
        mainHeader: (hash) => headers.get(Buffer.from(hash).toString("hex")),
      }),
    );
  }
  const { id: chainId, operator: publicKey } = chain;
  const facts = {
    chainId,
    operator: publicKey,
    label: "",
    parent,
    feeBps: policy.feeBps,
    markets,
    height: bytes.length,
  };
  const key = keyOf(world.seed, KEY_NAMES[level]);
  return { level, url, facts, chain, key, bytes, blocks, before };
}

/** A second node that parts from the true chain halfway, and for some blocks mines alone, with no transactions. */
async function makeDetour(
  node: MainNode,
  moments: readonly Moment[],
): Promise<Recording["detour"]> {
  const from = moments[Math.floor(moments.length / 2)]?.height ?? 1;
  let nowMs = 0;
  const store = createMemoryKeyValueStore();
  const other = await openNode({ rules: RULES, genesis: GENESIS, store, now: () => nowMs });
  nowMs = moments.at(-1)?.nowMs ?? 0;
  for (let height = 1; height <= from; height++) {
    const block = node.headerAt(height);
    if (block !== undefined) insist(await other.submitBlock(node.encode(block)));
  }
  const miner = computePublicKey(keyOf("detour", "miner"));
  for (let made = 1; made <= DETOUR_BLOCKS; made++) {
    const at = moments.find(({ height }) => height === from + made);
    insist(await other.mine(miner, at?.nowMs ?? nowMs));
  }
  return { node: other, from, to: from + DETOUR_BLOCKS };
}
