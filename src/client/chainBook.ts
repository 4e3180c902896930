import type { BlockContext, ChainFacts, LeafChange } from "../blocks/applyTransactions.ts";
import { decodeBlock, type SortitionBlock } from "../blocks/block.ts";
import { computeDeadlines, judgeRecord, type RunBlock } from "../blocks/history.ts";
import type { Hop } from "../blocks/hops.ts";
import { addPosts, postMapRoot } from "../blocks/postMap.ts";
import { type ChainTip, createChainTip, validateBlock } from "../blocks/validateBlock.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { emptyMap, type MerkleMap } from "../lib/map/merkleMap.ts";
import { accept, type Verdict } from "../lib/verdict.ts";
import type { Condition } from "../protocol/condition.ts";
import { hashCondition } from "../protocol/condition.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";
import {
  computeDescendantKey,
  type ExistenceRecord,
  type Post,
  type SignedPost,
} from "../protocol/post.ts";
import { proveLeaf } from "../space/proof.ts";
import { treeRoot } from "../space/tree.ts";

/** A contract as a checker of all blocks knows it, own or not. */
export type LiveContract = { readonly leaf: Leaf; readonly place: Place; readonly madeIn: number };

/** What must be kept to prove a leaf: taken from the block that made it, while its tree is open. */
export type OwnLeaf = LiveContract & {
  /** Single proof of the leaf in the state after its block, and that state's other half. */
  readonly path: Uint8Array;
  readonly rootsRoot: Uint8Array;
};

/**
 * An entry of a chain's history: a record on the main chain, or what such a record shows of a descendant.
 *
 * - `sequence`: of the chain's own post. - `record`: height and index of the main-chain record, and the hash of
 *   the chain's own block.
 * - `top`: sequence, key and hash of that main-chain record itself, which is the top chain's.
 * - `hops`: from the block recorded there down to the chain's own block; none where that is the same.
 */
export type Entry = {
  readonly sequence: number;
  readonly record: ExistenceRecord;
  readonly top: {
    readonly sequence: number;
    readonly key: Uint8Array;
    readonly hash: Uint8Array;
  };
  readonly hops: readonly Hop[];
};

/** An entry of the history and the height of the chain's block that it records. */
export type CheckedPost = Entry & { readonly blockHeight: number };

/** A descendant's post in this chain's map, and the block that took it. */
export type DescendantPost = { readonly post: Post; readonly madeIn: number };

/** A taken block, and what its state after says: the root of its contracts, and its map of posts, whole. */
type TakenBlock = RunBlock & { readonly contractsRoot: Uint8Array; readonly posts: MerkleMap };

/** Why a chain is not honest: the block, the transaction and the rule, with the bytes at fault. */
export type Breach = {
  readonly blockHeight: number;
  readonly transactionIndex: number | undefined;
  readonly rule: string;
  readonly message: string;
  readonly evidence: Uint8Array;
};

/**
 * What a client knows of a sortition chain from blocks it has checked one after another. No merkle
 * database: the tip is hashes, and each block brings its proofs.
 */
export type ChainBook = {
  readonly chain: ChainFacts;
  readonly tip: ChainTip;
  /** Headers and deadlines of blocks from the last post on, and of every block by height for own proofs. */
  readonly blocks: readonly TakenBlock[];
  readonly posts: readonly CheckedPost[];
  /** Posts of chains that post here, by hex key in the map of posts. */
  readonly descendants: ReadonlyMap<string, readonly DescendantPost[]>;
  readonly live: ReadonlyMap<string, LiveContract>;
  readonly own: ReadonlyMap<string, OwnLeaf>;
  /** Leaves that are sealed, own or not: each is a level on the line of whoever holds something inside. */
  readonly sealed: ReadonlyMap<string, OwnLeaf>;
  /** Contracts closed, by id, and the block that closed them. */
  readonly closed: ReadonlyMap<string, { readonly contract: LiveContract; readonly block: number }>;
  readonly conditions: ReadonlyMap<string, Condition>;
  /**
   * Ranges where a close did not count because its record came too late: what stood there before
   * still does, whatever the operator's tree says from then on.
   */
  readonly frozen: readonly Range[];
  readonly breach: Breach | undefined;
};

type Range = { readonly lo: bigint; readonly hi: bigint };

export function createChainBook(chain: ChainFacts): ChainBook {
  return {
    chain,
    tip: createChainTip(chain),
    blocks: [],
    posts: [],
    descendants: new Map(),
    live: new Map(),
    own: new Map(),
    sealed: new Map(),
    closed: new Map(),
    conditions: new Map(),
    frozen: [],
    breach: undefined,
  };
}

/**
 * Check the next block and take it. A block that breaks a rule is not taken: the book keeps it as
 * the breach, and takes nothing more.
 *
 * @param owners - whose leaves are own: their proofs are kept.
 */
export function takeBlock(
  book: ChainBook,
  bytes: Uint8Array,
  context: Pick<BlockContext, "rules" | "mainHeader">,
  isOwn: (leaf: Leaf) => boolean,
): ChainBook {
  if (book.breach !== undefined) return book;
  const height = book.tip.height + 1;
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return breach(book, height, undefined, decoded.code, decoded.message, bytes);
  const block = decoded.value;
  const checked = validateBlock(block, book.tip, { ...context, chain: book.chain });
  if (!checked.ok) {
    return breach(book, height, checked.transactionIndex, checked.code, checked.message, bytes);
  }
  const { tip, effects } = checked.value;
  const deadlines = computeDeadlines(block, effects);
  if (!deadlines.ok) {
    return breach(book, height, undefined, deadlines.code, deadlines.message, bytes);
  }
  const rootsRoot = postMapRoot(effects.posts);
  const live = new Map(book.live);
  const own = new Map(book.own);
  const sealed = new Map(book.sealed);
  const closed = new Map(book.closed);
  for (const change of effects.closed) {
    const id = formatHex(change.leaf.id);
    closed.set(id, { contract: live.get(id) ?? asLive(change, height), block: height });
    live.delete(id);
  }
  // A sealed contract stands anew, with other bytes.
  for (const change of [...effects.made, ...effects.sealed]) {
    const id = formatHex(change.leaf.id);
    const contract = asLive(change, height);
    if (book.frozen.some((range) => isWithin(change.place, range))) continue;
    live.set(id, contract);
    const isKept = isOwn(change.leaf);
    if (!isKept && !change.leaf.sealed) continue;
    const path = proveLeaf(effects.tree, change.place);
    if (!path.ok) continue;
    const proven = { ...contract, path: path.value, rootsRoot };
    if (isKept) own.set(id, proven);
    if (change.leaf.sealed) sealed.set(id, proven);
  }
  const taken: TakenBlock = {
    header: block.header,
    deadlines: deadlines.value,
    contractsRoot: treeRoot(effects.tree),
    posts: addPosts(book.blocks.at(-1)?.posts ?? emptyMap(), effects.updates),
  };
  return {
    ...book,
    tip,
    blocks: [...book.blocks, taken],
    live,
    own,
    sealed,
    closed,
    descendants: withPosts(book.descendants, effects.updates, height),
    conditions: withConditions(book.conditions, block),
  };
}

/**
 * Check the next entry against the blocks taken so far and take it. `NEEDS_BLOCKS` is no breach:
 * the block that the entry names has not been served yet.
 */
export function takeRecord(
  book: ChainBook,
  entry: Entry,
  resultHeight: (oracle: Uint8Array) => number,
): Verdict<ChainBook> {
  const { record } = entry;
  const last = book.posts.at(-1);
  const from = last?.blockHeight ?? 0;
  const to = book.blocks.findIndex(
    (_, index) => index >= from && equalBytes(tipHashAt(book, index + 1), record.hash),
  );
  if (to < 0) {
    return {
      ok: false,
      code: "NEEDS_BLOCKS",
      message: "the recorded block is not among those served",
    };
  }
  const run = book.blocks.slice(from, to + 1);
  const entryBefore = last?.record.hash ?? book.chain.id;
  const judged = judgeRecord(run, book.chain, record, entryBefore, resultHeight);
  if (!judged.ok) {
    return accept(breach(book, to + 1, undefined, judged.code, judged.message, record.hash));
  }
  const post = { ...entry, blockHeight: to + 1 };
  return accept(undoCloses({ ...book, posts: [...book.posts, post] }, judged.value));
}

/** Let contracts stand again whose closes do not count, and drop what was made in their place. */
function undoCloses(book: ChainBook, late: readonly Uint8Array[]): ChainBook {
  if (late.length === 0) return book;
  const live = new Map(book.live);
  const closed = new Map(book.closed);
  const frozen = [...book.frozen];
  for (const contractId of late) {
    const id = formatHex(contractId);
    const undone = closed.get(id);
    if (undone === undefined) continue;
    const range = undone.contract.place;
    for (const [other, { place, madeIn }] of live) {
      if (madeIn >= undone.block && isWithin(place, range)) live.delete(other);
    }
    closed.delete(id);
    live.set(id, undone.contract);
    frozen.push(range);
  }
  return { ...book, live, closed, frozen };
}

function isWithin(inner: Range, outer: Range): boolean {
  return outer.lo <= inner.lo && inner.hi <= outer.hi;
}

/** Hash of the taken block of this height; the chain's id for height 0. */
function tipHashAt(book: ChainBook, height: number): Uint8Array {
  if (height === 0) return book.chain.id;
  if (height === book.tip.height) return book.tip.hash;
  // A block's hash is what its child names.
  return (book.blocks[height] as RunBlock).header.previousHash;
}

/** The first post whose run holds the block of this height, if it is recorded. */
export function postOfBlock(book: ChainBook, height: number): CheckedPost | undefined {
  return book.posts.find((post) => post.blockHeight >= height);
}

function asLive({ leaf, place }: LeafChange, madeIn: number): LiveContract {
  return { leaf, place, madeIn };
}

function withPosts(
  known: ChainBook["descendants"],
  updates: readonly SignedPost[],
  madeIn: number,
): ChainBook["descendants"] {
  if (updates.length === 0) return known;
  const all = new Map(known);
  for (const { post, signer } of updates) {
    const key = formatHex(computeDescendantKey(signer, post.chainId));
    all.set(key, [...(all.get(key) ?? []), { post, madeIn }]);
  }
  return all;
}

function withConditions(
  known: ReadonlyMap<string, Condition>,
  block: SortitionBlock,
): ReadonlyMap<string, Condition> {
  if (block.conditions.length === 0) return known;
  const all = new Map(known);
  for (const condition of block.conditions) all.set(formatHex(hashCondition(condition)), condition);
  return all;
}

function breach(
  book: ChainBook,
  blockHeight: number,
  transactionIndex: number | undefined,
  rule: string,
  message: string,
  evidence: Uint8Array,
): ChainBook {
  return { ...book, breach: { blockHeight, transactionIndex, rule, message, evidence } };
}
