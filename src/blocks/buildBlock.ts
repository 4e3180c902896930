import { assert } from "../lib/assert.ts";
import { formatHex } from "../lib/hex.ts";
import { proveKey } from "../lib/map/mapProof.ts";
import { listRoot } from "../lib/merkleList.ts";
import { insist, refuse } from "../lib/verdict.ts";
import { type BlockHeader, computeChainState, encodeBlockHeader } from "../protocol/blockHeader.ts";
import { type Condition, hashCondition } from "../protocol/condition.ts";
import { computeDescendantKey } from "../protocol/post.ts";
import { hashScript, TRUE_SCRIPT } from "../protocol/script.ts";
import { computeDigest } from "../protocol/signature.ts";
import { createTouchSet, pruneTree, treeRoot } from "../space/tree.ts";
import { encodeWitness } from "../space/witness.ts";
import {
  applyTransactions,
  type BlockContext,
  type BlockEffects,
  type ChainContent,
  type TransactionFailure,
} from "./applyTransactions.ts";
import { isBlockTooLong, type SortitionBlock } from "./block.ts";
import { type PostMap, postMapRoot, takePost } from "./postMap.ts";
import { type BlockTransaction, encodeBlockTransaction, namedConditions } from "./transaction.ts";
import type { ChainTip } from "./validateBlock.ts";

/** What goes into a block. `scripts` and `conditions` may hold more than are needed. */
export type BlockDraft = {
  readonly transactions: readonly BlockTransaction[];
  readonly scripts: readonly Uint8Array[];
  readonly conditions: readonly Condition[];
  /** Unix milliseconds. */
  readonly time: bigint;
};

/** A block without its operator's signature, the digest to be signed, and what it does. */
export type UnsignedBlock = {
  readonly block: Omit<SortitionBlock, "signature">;
  readonly digest: Uint8Array;
  readonly effects: BlockEffects;
};

/**
 * Make the block after `tip` from the whole content of the state at `tip`. Its rules are those of
 * `validateBlock`, because both apply the transactions by the same function. `BLOCK_TOO_LONG` where all is well with
 * each transaction, but together with their proofs they are more than a block holds.
 */
export function buildBlock(
  content: ChainContent,
  tip: ChainTip,
  draft: BlockDraft,
  context: Omit<BlockContext, "height" | "previousHash">,
): { readonly ok: true; readonly value: UnsignedBlock } | TransactionFailure {
  const touched = createTouchSet();
  const applied = applyTransactions(
    content,
    draft.transactions,
    { ...context, height: tip.height + 1, previousHash: tip.hash },
    touched,
  );
  if (!applied.ok) return applied;
  const { tree, posts } = content;
  const rootsRoot = postMapRoot(posts);
  const header: BlockHeader = {
    chainId: context.chain.id,
    height: tip.height + 1,
    previousHash: tip.hash,
    stateBefore: computeChainState(treeRoot(tree), rootsRoot),
    stateAfter: computeChainState(treeRoot(applied.value.tree), postMapRoot(applied.value.posts)),
    updatesRoot: listRoot(draft.transactions.map(encodeBlockTransaction)),
    mainHeight: context.mainHeight,
    time: draft.time,
  };
  const block = {
    header,
    transactions: draft.transactions,
    rootsRoot,
    postProofs: provePosts(posts, draft.transactions, context),
    witness: encodeWitness(pruneTree(tree, touched)),
    scripts: selectScripts(draft),
    conditions: selectConditions(draft),
  };
  if (isBlockTooLong(block)) {
    const message = "the block with its witness and its proofs is longer than a block may be";
    return { ...refuse("BLOCK_TOO_LONG", message), transactionIndex: undefined };
  }
  const digest = computeDigest("signBlock", context.rules.networkId, encodeBlockHeader(header));
  return { ok: true, value: { block, digest, effects: applied.value } };
}

/** What stood at the key of each root-update, proven in the map as the ones before it have left it. */
function provePosts(
  before: PostMap,
  transactions: readonly BlockTransaction[],
  { rules, chain }: Omit<BlockContext, "height" | "previousHash">,
): Uint8Array[] {
  const proofs: Uint8Array[] = [];
  let posts = before;
  for (const transaction of transactions) {
    if (transaction.kind !== "root-update") continue;
    assert(posts.kind === "whole", "a block is made from the whole map of posts");
    const { post, signer } = transaction.signed;
    proofs.push(proveKey(posts.map, computeDescendantKey(signer, post.chainId)));
    posts = insist(takePost(posts, transaction.signed, chain.id, rules));
  }
  return proofs;
}

/** Each distinct script that is new here, once; the constant true is known to all. */
function selectScripts({ scripts, transactions }: BlockDraft): Uint8Array[] {
  const named = new Set(
    transactions.flatMap((transaction) =>
      transaction.kind === "contract-new" ? [formatHex(transaction.contract.scriptHash)] : [],
    ),
  );
  named.delete(formatHex(hashScript(TRUE_SCRIPT)));
  return select(scripts, hashScript, named);
}

function selectConditions({ conditions, transactions }: BlockDraft): Condition[] {
  const named = new Set(
    transactions.flatMap((transaction) =>
      namedConditions(transaction).map(({ hash }) => formatHex(hash)),
    ),
  );
  return select(conditions, hashCondition, named);
}

/** The bodies that are named, each once. Takes their names out of `named`. */
function select<Body>(
  bodies: readonly Body[],
  hash: (body: Body) => Uint8Array,
  named: Set<string>,
): Body[] {
  return bodies.filter((body) => named.delete(formatHex(hash(body))));
}
