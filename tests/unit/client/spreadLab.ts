import type { ChainFacts, LeafChange } from "../../../src/blocks/applyTransactions.ts";
import { encodeBlock, type SortitionBlock } from "../../../src/blocks/block.ts";
import { buildBlock } from "../../../src/blocks/buildBlock.ts";
import { createPostMap } from "../../../src/blocks/postMap.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import {
  type ChainTip,
  createChainTip,
  createTipAfter,
} from "../../../src/blocks/validateBlock.ts";
import { concatBytes, equalBytes } from "../../../src/lib/bytes.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { type ExactClose, encodeExactClose } from "../../../src/protocol/contractClose.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { computeDigest } from "../../../src/protocol/signature.ts";
import { createTree, type SpaceTree } from "../../../src/space/tree.ts";
import { alice, CHAIN, cash, make } from "../blocks/chainLab.ts";
import type { ServedChain } from "./verifyLab.ts";

/** Closes in the large block: more than three tasks of signatures, the last of them not full. */
export const CLOSES = 200;
const WIDTH = 5n;

/** A signature that nobody needs a key for: real ones of a large block would take seconds. */
function fakeSign(digest: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const half = sha256(concatBytes(digest, publicKey));
  return concatBytes(half, half, new Uint8Array(1));
}

export const RULES = createRules(LOCAL_NETWORK, (signature, digest, key) =>
  equalBytes(signature, fakeSign(digest, key)),
);
/** A liar builds blocks by these. */
const NO_SIGNATURES = { ...RULES, verify: () => true };

/** A chain whose second block is large, each of its transactions signed by an owner; not so those at `spoilt`. */
export function makeLargeBlock(spoilt: readonly number[] = []): ServedChain {
  const chain: ChainFacts = { ...CHAIN, hi: BigInt(CLOSES) * WIDTH };
  const lots = Array.from({ length: CLOSES }, (_, index) => {
    const lo = BigInt(index) * WIDTH;
    return cash(alice, lo, lo + WIDTH);
  });
  const first = seal(chain, createChainTip(chain), createTree(chain.lo, chain.hi), lots.map(make));
  const closes = first.made.map((held, index) => {
    return close(held, first.tip.hash, spoilt.includes(index));
  });
  const second = seal(chain, first.tip, first.tree, closes);
  return { chain, blocks: [first.block, second.block].map(encodeBlock), posts: [] };
}

function close(
  { leaf, place }: LeafChange,
  seenBlock: Uint8Array,
  isSpoilt: boolean,
): BlockTransaction {
  const exact: ExactClose = { contractId: leaf.id, seenBlock, heightMax: 1_000, successors: [] };
  const digest = computeDigest("signClose", RULES.networkId, encodeExactClose(exact));
  const signature = fakeSign(digest, isSpoilt ? CHAIN.operator : leaf.owner);
  const authorisation = { kind: "exact", close: exact, signature } as const;
  return { kind: "contract-close", close: { contractId: leaf.id, place, authorisation } };
}

function seal(
  chain: ChainFacts,
  tip: ChainTip,
  tree: SpaceTree,
  transactions: readonly BlockTransaction[],
): {
  readonly block: SortitionBlock;
  readonly tip: ChainTip;
  readonly tree: SpaceTree;
  readonly made: readonly LeafChange[];
} {
  const context = { rules: NO_SIGNATURES, chain, mainHeader: () => undefined, mainHeight: 1 };
  const draft = { transactions, scripts: [], conditions: [], time: 0n };
  const built = insist(buildBlock({ tree, posts: createPostMap() }, tip, draft, context));
  const block = { ...built.block, signature: fakeSign(built.digest, chain.operator) };
  const { effects } = built;
  return { block, tip: createTipAfter(block.header), tree: effects.tree, made: effects.made };
}
