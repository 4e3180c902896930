import type { ChainFacts, LeafChange } from "../blocks/applyTransactions.ts";
import { decodeBlock, type SortitionBlock } from "../blocks/block.ts";
import { judgeRecord, judgeStep, type RunBlock } from "../blocks/history.ts";
import { addPosts, postMapRoot } from "../blocks/postMap.ts";
import type { BlockTransaction } from "../blocks/transaction.ts";
import { type ChainTip, createChainTip } from "../blocks/validateBlock.ts";
import { type Header, hashHeader } from "../chain/header/header.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { emptyMap, type MerkleMap } from "../lib/map/merkleMap.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import type { Condition } from "../protocol/condition.ts";
import { hashCondition } from "../protocol/condition.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";
import { computeDescendantKey, type Post, type SignedPost } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { proveLeaf } from "../space/proof.ts";
import { treeRoot } from "../space/tree.ts";
import { type Breach, type Finding, judgeBreach, type Proof, type SignedHeader } from "./breach.ts";
import { checkBlock } from "./checkBlock.ts";
import type { Entry } from "./entry.ts";

/** A contract as a checker of all blocks knows it, own or not. */
export type LiveContract = { readonly leaf: Leaf; readonly place: Place; readonly madeIn: number };

/** What must be kept to prove a leaf: taken from the block that made it, while its tree is open. */
export type OwnLeaf = LiveContract & {
  /** Single proof of the leaf in the state after its block, and that state's other half. */
  readonly path: Uint8Array;
  readonly rootsRoot: Uint8Array;
};

/** An entry of the history and the height of the chain's block that it records. */
export type CheckedPost = Entry & { readonly blockHeight: number };

/** A descendant's post in this chain's map, and the block that took it. */
export type DescendantPost = { readonly post: Post; readonly madeIn: number };

/** A taken block as its operator signed it, and what its state after says: the root of its contracts, and its map of posts, whole. */
type TakenBlock = RunBlock &
  SignedHeader & { readonly contractsRoot: Uint8Array; readonly posts: MerkleMap };

/**
 * What a client knows of a sortition chain from blocks it has checked one after another. No merkle
 * database: the tip is hashes, and each block brings its proofs.
 */
export type ChainBook = {
  readonly chain: ChainFacts;
  readonly tip: ChainTip;
  /** Headers and deadlines of blocks from the last post on, and of every block by height for own proofs. */
  readonly blocks: readonly TakenBlock[];
  /** How much was checked, for the receipt: transactions, and signatures of operator, owners and descendants. */
  readonly counts: { readonly transactions: number; readonly signatures: number };
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
    counts: { transactions: 0, signatures: 0 },
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

/** What blocks are checked with, beside the chain's own book. */
export type CheckContext = {
  readonly rules: Rules;
  /** A main-chain header on the best chain as this client has checked it. */
  readonly mainHeader: (hash: Uint8Array) => Header | undefined;
};

/**
 * Check the next block and take it. A block by which its operator broke a rule is not taken: the book
 * keeps it as the breach, and takes nothing more. Refuses bytes that nobody can be blamed for, because
 * no signature stands behind what is wrong in them; the book stays as it was.
 *
 * @param isOwn - whose leaves are own: their proofs are kept.
 */
export function takeBlock(
  book: ChainBook,
  bytes: Uint8Array,
  context: CheckContext,
  isOwn: (leaf: Leaf) => boolean,
): Verdict<ChainBook> {
  if (book.breach !== undefined) return accept(book);
  const height = book.tip.height + 1;
  const checked = checkBlock(bytes, book.tip, { ...context, chain: book.chain });
  if (!checked.ok) {
    if (checked.blame === "nobody") return checked;
    const before = book.blocks.at(-1);
    const mainHeaders = findMainHeaders(bytes, context.mainHeader);
    const proof: Proof = {
      kind: "block",
      before: before && toSigned(before),
      block: bytes,
      mainHeaders,
    };
    const { code: rule, message, transactionIndex } = checked;
    return accept(
      withBreach(book, { blockHeight: height, transactionIndex, rule, message }, proof),
    );
  }
  const { block, tip, effects, deadlines } = checked.value;
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
  const { header, signature } = block;
  const taken: TakenBlock = {
    header,
    signature,
    deadlines,
    contractsRoot: treeRoot(effects.tree),
    posts: addPosts(book.blocks.at(-1)?.posts ?? emptyMap(), effects.updates),
  };
  return accept({
    ...book,
    tip,
    blocks: [...book.blocks, taken],
    counts: {
      transactions: book.counts.transactions + block.transactions.length,
      signatures: book.counts.signatures + 1 + block.transactions.filter(isSigned).length,
    },
    live,
    own,
    sealed,
    closed,
    descendants: withPosts(book.descendants, effects.updates, height),
    conditions: withConditions(book.conditions, block),
  });
}

/** Whether somebody's signature makes a transaction valid, and not only the operator's over its block. */
function isSigned(transaction: BlockTransaction): boolean {
  if (transaction.kind !== "contract-close") return transaction.kind !== "contract-new";
  return transaction.close.authorisation.kind === "exact";
}

/**
 * Compare a served block with the one of its height that was taken before: another one that carries the
 * operator's signature too is a breach. Bytes that are not his change nothing.
 */
export function compareBlock(book: ChainBook, bytes: Uint8Array, rules: Rules): ChainBook {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return book;
  const taken = book.blocks[decoded.value.header.height - 1];
  if (taken === undefined) return book;
  const proof = {
    kind: "twoBlocks",
    first: toSigned(taken),
    second: toSigned(decoded.value),
  } as const;
  const known = { rules, chain: book.chain, isRecorded: () => false };
  const found = judgeBreach({ proof, against: undefined }, known);
  return found.ok ? withBreach(book, found.value, proof) : book;
}

function toSigned({ header, signature }: SignedHeader): SignedHeader {
  return { header, signature };
}

/** The main-chain headers that the void closes of a block name, as far as they are known. */
function findMainHeaders(bytes: Uint8Array, find: CheckContext["mainHeader"]): Header[] {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return [];
  const found = new Map<string, Header>();
  for (const transaction of decoded.value.transactions) {
    if (transaction.kind !== "contract-close") continue;
    const by = transaction.close.authorisation;
    const header = by.kind === "void" ? find(by.evidence.headerHash) : undefined;
    if (header !== undefined) found.set(formatHex(hashHeader(header)), header);
  }
  return [...found.values()];
}

/**
 * Check the next entry against the blocks taken so far and take it; also after a breach, as far as blocks were
 * taken before it. `NEEDS_BLOCKS` is no breach: the block that the entry names has not been served yet. Nor is
 * `POSTED_TOO_LATE`: no operator knows when his post will be recorded, and one at the expiry just does not count.
 */
export function takeRecord(
  book: ChainBook,
  entry: Entry,
  resultHeight: (oracle: Uint8Array) => number,
): Verdict<ChainBook> {
  const { record } = entry;
  const last = book.posts.at(-1);
  const from = last?.blockHeight ?? 0;
  const to = book.blocks.findLastIndex((_, index) =>
    equalBytes(tipHashAt(book, index + 1), record.hash),
  );
  if (to < 0) return refuse("NEEDS_BLOCKS", "the recorded block is not among those served");
  const step = judgeStep(from, to + 1);
  if (!step.ok) {
    const { header: posted } = book.blocks[to] as TakenBlock;
    const proof = { kind: "record", before: book.blocks[from - 1]?.header, posted, entry } as const;
    const { code: rule, message } = step;
    const finding = { blockHeight: to + 1, transactionIndex: undefined, rule, message };
    return accept(withBreach(book, finding, proof));
  }
  const run = book.blocks.slice(from, to + 1);
  const entryBefore = last?.record.hash ?? book.chain.id;
  const judged = judgeRecord(run, book.chain, record, entryBefore, resultHeight);
  if (!judged.ok) return judged;
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

/** The book with what its operator did; it takes no block after this. */
function withBreach(book: ChainBook, finding: Finding, proof: Proof): ChainBook {
  const last = book.posts.at(-1);
  const against = last && {
    sequence: last.sequence,
    record: last.record,
    top: last.top,
    hops: last.hops,
  };
  return { ...book, breach: { ...finding, proof, against } };
}
