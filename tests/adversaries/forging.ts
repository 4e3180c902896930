import { applyTransactions, type ChainContent } from "../../src/blocks/applyTransactions.ts";
import { encodeBlock, type SortitionBlock } from "../../src/blocks/block.ts";
import { type PostMap, postMapRoot } from "../../src/blocks/postMap.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../src/blocks/transaction.ts";
import { encode } from "../../src/lib/codec.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { proveKey } from "../../src/lib/map/mapProof.ts";
import { setValue } from "../../src/lib/map/merkleMap.ts";
import { listRoot } from "../../src/lib/merkleList.ts";
import {
  type BlockHeader,
  computeChainState,
  encodeBlockHeader,
} from "../../src/protocol/blockHeader.ts";
import { type Condition, hashCondition } from "../../src/protocol/condition.ts";
import type { ContractNew } from "../../src/protocol/contractNew.ts";
import type { Leaf } from "../../src/protocol/leaf.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import {
  computeDescendantKey,
  encodePost,
  type Post,
  type SignedPost,
  writeSignedPost,
} from "../../src/protocol/post.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { TRUE_SCRIPT_HASH } from "../../src/protocol/script.ts";
import { computeDigest, computePublicKey, signDigest } from "../../src/protocol/signature.ts";
import type { SignatureTag } from "../../src/protocol/tags.ts";
import type { SpaceNode } from "../../src/space/node.ts";
import { treeRoot } from "../../src/space/tree.ts";
import { encodeWitness } from "../../src/space/witness.ts";
import type { RecordedChain, Recording } from "./recording.ts";

const RULES = createRules(LOCAL_NETWORK);
/** A network of the same rules and another name. */
const OTHER_NETWORK = createRules({ ...LOCAL_NETWORK, name: "elsewhere" });
export const LIAR = computePublicKey(sha256(new Uint8Array([1])));

/** A block of the story that somebody is about to lie about, and what stood before it. */
export type Spot = {
  readonly recording: Recording;
  readonly chain: RecordedChain;
  readonly height: number;
  readonly block: SortitionBlock;
  readonly before: ChainContent;
};

export function findSpot(recording: Recording, chain: RecordedChain, height: number): Spot {
  const block = chain.blocks[height - 1];
  const before = chain.before[height - 1];
  if (block === undefined || before === undefined) throw new Error(`no block ${height}`);
  return { recording, chain, height, block, before };
}

export function sign(
  key: Uint8Array,
  tag: SignatureTag,
  body: Uint8Array,
  where: "here" | "elsewhere" = "here",
): Uint8Array {
  const { networkId } = where === "here" ? RULES : OTHER_NETWORK;
  return signDigest(computeDigest(tag, networkId, body), key);
}

/** The spot's block with parts of its header changed, signed by its operator. */
export function withHeader(
  { chain, block }: Spot,
  change: Partial<BlockHeader>,
  where: "here" | "elsewhere" = "here",
): Uint8Array {
  const header = { ...block.header, ...change };
  const signature = sign(chain.key, "signBlock", encodeBlockHeader(header), where);
  return encodeBlock({ ...block, header, signature });
}

/** The content after the transactions, if they may stand there. */
export function contentAfter(spot: Spot, transactions = spot.block.transactions) {
  const { chain, block, before } = spot;
  const applied = applyTransactions(before, transactions, {
    rules: { ...RULES, verify: () => true },
    chain: chain.chain,
    height: block.header.height,
    previousHash: block.header.previousHash,
    mainHeight: block.header.mainHeight,
    mainHeader: () => undefined,
  });
  return applied.ok ? applied.value : undefined;
}

/**
 * A block of these transactions in the place of the spot's, with all proofs that a checker may ask for, signed
 * by its operator: only the rules for transactions can give it away.
 */
export function withTransactions(
  spot: Spot,
  transactions: readonly BlockTransaction[],
): Uint8Array {
  const { chain, block, before } = spot;
  const after = contentAfter(spot, transactions);
  const header: BlockHeader = {
    ...block.header,
    updatesRoot: listRoot(transactions.map(encodeBlockTransaction)),
    stateAfter:
      after === undefined
        ? sha256(block.header.stateAfter)
        : computeChainState(treeRoot(after.tree), postMapRoot(after.posts)),
  };
  return encodeBlock({
    header,
    signature: sign(chain.key, "signBlock", encodeBlockHeader(header)),
    transactions,
    rootsRoot: postMapRoot(before.posts),
    postProofs: provePosts(before.posts, transactions),
    witness: encodeWitness(before.tree),
    scripts: [],
    conditions: findConditions(chain, transactions),
  });
}

function provePosts(before: PostMap, transactions: readonly BlockTransaction[]): Uint8Array[] {
  if (before.kind !== "whole") throw new Error("a recorded chain has its whole map of posts");
  let { map } = before;
  return transactions.flatMap((transaction) => {
    if (transaction.kind !== "root-update") return [];
    const { post, signer } = transaction.signed;
    const key = computeDescendantKey(signer, post.chainId);
    const proof = proveKey(map, key);
    map = setValue(
      map,
      key,
      encode((writer) => writeSignedPost(writer, transaction.signed)),
    );
    return [proof];
  });
}

function findConditions(
  { blocks }: RecordedChain,
  transactions: readonly BlockTransaction[],
): Condition[] {
  const named = new Set(
    transactions.flatMap((transaction) =>
      transaction.kind === "contract-new"
        ? transaction.contract.place.conditions.map(({ hash }) => formatHex(hash))
        : [],
    ),
  );
  return blocks
    .flatMap(({ conditions }) => conditions)
    .filter((condition) => named.delete(formatHex(hashCondition(condition))));
}

/** Plain space for the liar. */
export function cashFor(
  owner: Uint8Array,
  lo: bigint,
  hi: bigint,
): BlockTransaction & { readonly kind: "contract-new" } {
  const place = { lo, hi, conditions: [] };
  const contract: ContractNew = { place, owner, depositBps: 0, scriptHash: TRUE_SCRIPT_HASH };
  return { kind: "contract-new", contract };
}

export function postIn(
  place: Post["place"],
  key: Uint8Array,
  post: Omit<Post, "place">,
): SignedPost {
  const whole = { ...post, place };
  const signature = sign(key, "signPost", encodePost(whole));
  return { post: whole, signer: computePublicKey(key), signature };
}

/** Every leaf of a tree, from left to right, with the conditions it stands under. */
export function leavesOf({ tree }: ChainContent): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (node: SpaceNode): void => {
    if (node.kind === "leaf") leaves.push(node.leaf);
    else if (node.kind === "split") {
      visit(node.left);
      visit(node.right);
    } else if (node.kind === "branch") {
      visit(node.yes);
      visit(node.no);
    }
  };
  visit(tree.root);
  return leaves;
}

/** The widest free range, which every story leaves somewhere; undefined if all is taken. */
export function findFree(content: ChainContent): { lo: bigint; hi: bigint } | undefined {
  const { lo, hi } = content.tree;
  let at = lo;
  let widest: { lo: bigint; hi: bigint } | undefined;
  const offer = (from: bigint, to: bigint) => {
    if (to > from && (widest === undefined || to - from > widest.hi - widest.lo)) {
      widest = { lo: from, hi: to };
    }
  };
  for (const leaf of leavesOf(content).toSorted((a, b) => (a.lo < b.lo ? -1 : 1))) {
    offer(at, leaf.lo);
    if (leaf.hi > at) at = leaf.hi;
  }
  offer(at, hi);
  return widest;
}
