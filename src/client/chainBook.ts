import type { ChainFacts, LeafChange } from "../blocks/applyTransactions.ts";
import { decodeBlock } from "../blocks/block.ts";
import { isFullBlock } from "../blocks/fullBlock.ts";
import { isTimed, type RunBlock } from "../blocks/history.ts";
import { postMapRoot } from "../blocks/postMap.ts";
import type { BlockTransaction } from "../blocks/transaction.ts";
import { type ChainTip, createChainTip } from "../blocks/validateBlock.ts";
import type { Header } from "../chain/header/header.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, type Verdict } from "../lib/verdict.ts";
import type { Condition } from "../protocol/condition.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";
import type { Rules } from "../protocol/rules.ts";
import { treeRoot } from "../space/tree.ts";
import { keepConditions } from "./bookConditions.ts";
import type { Breach, Finding, Proof } from "./breach.ts";
import { type CheckAhead, confirmAhead } from "./checkAhead.ts";
import { type CheckedBlock, checkBlock } from "./checkBlock.ts";
import type { CheckedPost } from "./checkedPost.ts";
import {
  type Descendant,
  type DescendantPosts,
  type DescendantUpdate,
  type PostsShown,
  readUpdates,
  startPosts,
  takeUpdates,
} from "./descendantPosts.ts";
import { sweep } from "./frozen.ts";
import { findNamedHeaders } from "./namedHeaders.ts";
import { keepLeaves, type OwnLeaf } from "./ownLeaves.ts";
import { keepReleases, NO_RELEASES, type Releases } from "./releases.ts";
import type { SignedHeader } from "./signedHeader.ts";
import {
  type Crowd,
  changeStanding,
  createCrowd,
  type FrozenSpace,
  isVoid,
  type LiveContract,
} from "./standing.ts";
import { keepTrades, readCosts, type TradeRecords } from "./tradeRecords.ts";
import { judgeTwoBlocks } from "./twoBlocks.ts";

/** What is kept singly of all that is checked: the contracts of one owner, and the chains that are followed inside. */
export type Scope = {
  readonly owner: Uint8Array | undefined;
  readonly descendants: readonly Descendant[];
};

/**
 * A block that no entry records yet, as its operator signed it: what the next entry is judged by, and what
 * that undoes if it comes too late.
 */
export type TakenBlock = RunBlock &
  SignedHeader &
  PostsShown & {
    /** What its exact closes closed, in the order of `deadlines`. */
    readonly closed: readonly ClosedSpace[];
    readonly updates: readonly DescendantUpdate[];
  };

/** Space given up; the contract itself where it was kept singly. */
type ClosedSpace = { readonly place: Place; readonly contract: LiveContract | undefined };

/**
 * What a client knows of a sortition chain from blocks it has checked one after another. It is as large
 * as what its owner holds, never as long as the chain: the tip is hashes, each block brings its proofs,
 * and of what is a stranger's only so much is kept singly.
 */
export type ChainBook = TradeRecords & {
  readonly chain: ChainFacts;
  readonly scope: Scope;
  /** Entries taken when it began to follow its owner's own share alone; undefined where all blocks are checked. */
  readonly shareSince: number | undefined;
  readonly tip: ChainTip;
  /** How much was checked, for the receipt: transactions, and signatures of operator, owners and descendants. */
  readonly counts: { readonly transactions: number; readonly signatures: number };
  /** The last block taken, and the last blocks posted, the newest last: what a breach is held against. */
  readonly lastBlock: SignedHeader | undefined;
  readonly posted: readonly SignedHeader[];
  /** Blocks taken that a reorg has undone, in the order of their heights: whatever becomes of the main chain, they are signed. */
  readonly fallen: readonly SignedHeader[];
  /** The blocks after the last entry. */
  readonly run: readonly TakenBlock[];
  /** Entries taken, and the last of them. */
  readonly postCount: number;
  readonly lastPost: CheckedPost | undefined;
  /**
   * Hashes of the last blocks recorded in an anchor, the newest last: where the chain switches to the main chain, its first
   * posts there say again some of these. None once it has gone on beyond them.
   */
  readonly anchoredBlocks: readonly Uint8Array[];
  /** Posts of followed chains that post here, by hex key in the map of posts. */
  readonly descendants: ReadonlyMap<string, DescendantPosts>;
  /** Contracts that stand, by hex id: all own ones, and of strangers' the widest. The others are counted in `crowd`. */
  readonly live: ReadonlyMap<string, LiveContract>;
  readonly crowd: Crowd;
  /** Leaves of the owner, closed ones too. */
  readonly own: ReadonlyMap<string, OwnLeaf>;
  /** Leaves of followed chains inside this one, as they stand. */
  readonly inside: ReadonlyMap<string, OwnLeaf>;
  /** Bodies of the conditions that own contracts stand under, and some of strangers'. */
  readonly conditions: ReadonlyMap<string, Condition>;
  readonly frozen: readonly FrozenSpace[];
  /** Where closes have left space free. */
  readonly releases: Releases;
  /** Height of the last block that the operator's own blocks say to be recorded. */
  readonly recorded: number;
  readonly breach: Breach | undefined;
};

export function createChainBook(
  chain: ChainFacts,
  scope: Scope = { owner: undefined, descendants: [] },
): ChainBook {
  return {
    chain,
    scope,
    shareSince: undefined,
    tip: createChainTip(chain),
    counts: { transactions: 0, signatures: 0 },
    lastBlock: undefined,
    posted: [],
    fallen: [],
    run: [],
    postCount: 0,
    lastPost: undefined,
    anchoredBlocks: [],
    descendants: startPosts(scope.descendants),
    live: new Map(),
    crowd: createCrowd(),
    own: new Map(),
    inside: new Map(),
    conditions: new Map(),
    frozen: [],
    releases: NO_RELEASES,
    recorded: 0,
    trades: [],
    fills: [],
    breach: undefined,
  };
}

/** Whether a book that keeps `scope` keeps everything that `wanted` asks for. */
export function coversScope(scope: Scope, wanted: Scope): boolean {
  const isOwner =
    wanted.owner === undefined ||
    (scope.owner !== undefined && equalBytes(scope.owner, wanted.owner));
  return (
    isOwner &&
    wanted.descendants.every((each) =>
      scope.descendants.some(
        (kept) => equalBytes(kept.id, each.id) && equalBytes(kept.operator, each.operator),
      ),
    )
  );
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
 * @param ahead - what was found of the block while those before it were checked. It only spares the work where the
 *   block holds and follows: nobody is accused, and nothing refused, but by a check in its place.
 */
export function takeBlock(
  book: ChainBook,
  bytes: Uint8Array,
  context: CheckContext,
  ahead?: CheckAhead,
): Verdict<ChainBook> {
  if (book.breach !== undefined) return accept(book);
  const { chain, tip } = book;
  const held = ahead && confirmAhead(ahead, { bytes, chain }, tip, context.rules);
  const checked = held
    ? ({ ok: true, value: held } as const)
    : checkBlock(bytes, tip, { ...context, chain });
  if (checked.ok) {
    const isFallen = book.fallen.length > 0;
    const compared = isFallen ? compareHeader(book, checked.value.block, context.rules) : book;
    const isFull = isFullBlock(checked.value.block.transactions.length, bytes.length);
    if (compared.breach !== undefined) return accept(compared);
    const frozen = sweep(book.frozen, checked.value.effects);
    if (!frozen.ok) return frozen;
    return accept(apply({ ...book, frozen: frozen.value }, checked.value, isFull));
  }
  if (checked.blame === "nobody") return checked;
  const height = tip.height + 1;
  const mainHeaders = findNamedHeaders(bytes, context.mainHeader);
  const proof = { kind: "block", before: book.lastBlock, block: bytes, mainHeaders } as const;
  const { code: rule, message, transactionIndex } = checked;
  return accept(withBreach(book, { blockHeight: height, transactionIndex, rule, message }, proof));
}

function apply(
  book: ChainBook,
  { block, tip, effects, deadlines }: CheckedBlock,
  isFull: boolean,
): ChainBook {
  const updates = readUpdates(book.descendants, effects.updates, tip.height);
  const closed = effects.closed.filter(isTimed).map(({ leaf, place }): ClosedSpace => {
    return { place, contract: book.live.get(formatHex(leaf.id)) };
  });
  const date = ({ leaf, place }: LeafChange) => ({ leaf, place, madeIn: tip.height });
  const made = effects.made.map(date);
  // A sealed contract stands anew, with other bytes.
  const sealed = effects.sealed.map(date);
  const isMine = (leaf: Leaf) => isOwn(book.scope, leaf);
  const costs = readCosts(block, effects, isMine);
  const keep = (before: ChainBook["own"], isKept: (leaf: Leaf) => boolean) => {
    const fresh = [...made, ...sealed].filter(({ leaf }) => isKept(leaf));
    return keepLeaves(before, fresh, block, effects, costs);
  };
  const own = keep(book.own, isMine);
  const inside = keep(book.inside, ({ id }) =>
    book.scope.descendants.some((each) => equalBytes(each.id, id)),
  );
  // Where an old contract still stands, nothing new does.
  const standing = changeStanding(
    book,
    {
      closed: effects.closed,
      made: made.filter((each) => !isVoid(book.frozen, each)),
      sealed,
      void: made.filter((each) => isVoid(book.frozen, each)),
    },
    (id) => own.has(id) || inside.has(id),
  );
  const descendants = takeUpdates(book.descendants, effects.updates, block.postProofs);
  const { header, signature, transactions } = block;
  const taken: TakenBlock = {
    header,
    signature,
    deadlines,
    closed,
    updates,
    contractsRoot: treeRoot(effects.tree),
    rootsRoot: postMapRoot(effects.posts),
    proofs: [...descendants].map(([key, { proof }]) => [key, proof]),
  };
  const next = {
    ...book,
    ...standing,
    tip,
    counts: {
      transactions: book.counts.transactions + transactions.length,
      signatures: transactions.reduce(
        (count, transaction) => count + countSignatures(transaction),
        book.counts.signatures + 1,
      ),
    },
    lastBlock: { header, signature },
    fallen: book.fallen.filter((each) => each.header.height > tip.height),
    run: [...book.run, taken],
    releases: keepReleases(book.releases, effects, tip.height),
    recorded: effects.seen?.height ?? book.recorded,
    ...keepTrades(book, block, effects, isMine, isFull),
    own,
    inside,
    descendants,
  };
  return { ...next, conditions: keepConditions(next, block.conditions) };
}

/** How many signatures make a transaction valid, beside the operator's over its block. */
function countSignatures(transaction: BlockTransaction): number {
  switch (transaction.kind) {
    case "contract-new":
      return 0;
    case "contract-close":
      return transaction.close.authorisation.kind === "exact" ? 1 : 0;
    case "match":
      return transaction.match.fills.length;
    case "record-seen":
      return 0;
    default:
      return 1;
  }
}

/**
 * Compare a served block with the one of its height that was taken after the last entry: another one that carries
 * the operator's signature too is a breach. Bytes that are not his change nothing.
 */
export function compareBlock(book: ChainBook, bytes: Uint8Array, rules: Rules): ChainBook {
  const decoded = decodeBlock(bytes);
  return decoded.ok ? compareHeader(book, decoded.value, rules) : book;
}

/** The same of a header alone, as another reading of the chain has taken it; also with one that a reorg has undone. */
export function compareHeader(book: ChainBook, other: SignedHeader, rules: Rules): ChainBook {
  const signed: readonly SignedHeader[] = [...book.run, ...book.fallen];
  const taken = signed.find(({ header }) => header.height === other.header.height);
  if (taken === undefined) return book;
  const proof = { kind: "twoBlocks", first: toSigned(taken), second: toSigned(other) } as const;
  const found = judgeTwoBlocks(proof, { rules, chain: book.chain });
  return found.ok ? withBreach(book, found.value, proof) : book;
}

function toSigned({ header, signature }: SignedHeader): SignedHeader {
  return { header, signature };
}

/** The book with what its operator did; it takes no block after this. */
export function withBreach(book: ChainBook, finding: Finding, proof: Proof): ChainBook {
  const last = book.lastPost;
  const against = last && {
    sequence: last.sequence,
    record: last.record,
    top: last.top,
    hops: last.hops,
  };
  return { ...book, breach: { ...finding, proof, against } };
}

function isOwn({ owner }: Scope, leaf: Leaf): boolean {
  return owner !== undefined && equalBytes(leaf.owner, owner);
}
