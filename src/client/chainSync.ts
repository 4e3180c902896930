import type { ChainFacts } from "../blocks/applyTransactions.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { equalBytes } from "../lib/bytes.ts";
import { readOracleRecord } from "../protocol/facts.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { computePostKey, readExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import {
  type ChainBook,
  type CheckContext,
  compareBlock,
  takeBlock,
  takeRecord,
} from "./chainBook.ts";
import { findEntries } from "./entries.ts";
import { type Entry, isSameEntry } from "./entry.ts";
import { findHeader, type HeaderBook } from "./headerBook.ts";
import type { MainChain } from "./mainChain.ts";
import { type OperatorSource, SourceError } from "./ports.ts";

/** Blocks asked for in one request. */
const BLOCKS_AT_ONCE = 64;

/** Where a chain's check stands against one main-chain header. */
export type ChainProgress = {
  readonly book: ChainBook;
  /** The header that records were read under. */
  readonly checkedAt: HeaderState;
  /** A recorded block that nobody has served: the height since which it is recorded. */
  readonly withheldSince: number | undefined;
  readonly unusable: Unusable | undefined;
};

/** Served bytes that are not the next block, though nobody can be accused: no signature stands behind what is wrong. */
export type Unusable = {
  readonly blockHeight: number;
  readonly rule: string;
  readonly message: string;
};

/** Where a chain's history is read: its entries one after another, as records on the main chain show them. */
export type EntrySource = {
  /** Entry number `index`, from 0; undefined where there is none under the header that is checked against. */
  entry(index: number): Promise<Entry | undefined>;
};

/** What a chain is checked with; `onTaken` sees each block's bytes after it was found to hold. */
export type SyncTools = {
  readonly rules: Rules;
  readonly headers: HeaderBook;
  readonly mainChain: Pick<MainChain, "readAt">;
  readonly entries: EntrySource;
  readonly operator: OperatorSource;
  readonly isOwn: (leaf: Leaf) => boolean;
  readonly onTaken: (height: number, bytes: Uint8Array) => void;
};

/**
 * Check every block the operator serves beyond those taken, then every record on the main chain
 * beyond those taken, to the first that is proven absent or counts no more. After a breach no block is taken,
 * but the records of those that were: what stood before it stays provable.
 *
 * Rejects with a `SourceError` when a source fails; what was taken before is lost with it, and taken again next time.
 */
export async function syncChain(
  start: ChainBook,
  at: HeaderState,
  tools: SyncTools,
): Promise<ChainProgress> {
  const { book: served, unusable } = await takeServedBlocks(start, tools);
  let book = served;
  if (book.breach?.rule === "NOT_LINKED") book = await nameOtherBlock(book, tools);
  let withheldSince: number | undefined;
  for (;;) {
    const entry = await tools.entries.entry(book.posts.length);
    if (entry === undefined) break;
    const results = await readResults(book, at, tools.mainChain);
    const taken = takeRecord(book, entry, (oracle) => results(oracle));
    if (taken.ok) {
      book = taken.value;
      continue;
    }
    if (taken.code !== "NEEDS_BLOCKS" || book.breach !== undefined) break;
    book = await seekOtherBlock(book, tools);
    if (book.breach === undefined) withheldSince = entry.record.height;
    break;
  }
  return { book, checkedAt: at, withheldSince, unusable };
}

/**
 * A record names none of the blocks taken: perhaps what was served in its place was never posted. Ask again for
 * the blocks above the last record; two that are signed for one height are a breach, bytes alone are none.
 */
async function seekOtherBlock(book: ChainBook, tools: SyncTools): Promise<ChainBook> {
  const from = (book.posts.at(-1)?.blockHeight ?? 0) + 1;
  const count = Math.min(BLOCKS_AT_ONCE, book.tip.height + 1 - from);
  if (count < 1) return book;
  let compared = book;
  for (const bytes of await tools.operator.blocks(from, count)) {
    compared = compareBlock(compared, bytes, tools.rules);
    if (compared.breach !== undefined) break;
  }
  return compared;
}

/** A block names another one before it than was served: show that one too, if the operator now gives it away. */
async function nameOtherBlock(book: ChainBook, tools: SyncTools): Promise<ChainBook> {
  try {
    const named = await seekOtherBlock({ ...book, breach: undefined }, tools);
    return named.breach === undefined ? book : named;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return book;
  }
}

/**
 * Whether the records a book was checked against still stand under a newer header. After a reorg
 * they may not, or may stand at other heights: then the records are taken again from the first that moved.
 *
 * @param settledBelow - records below this height are buried too deep to be read again.
 */
export async function reviewRecords(
  kept: ChainBook,
  entries: EntrySource,
  settledBelow: number,
): Promise<ChainBook> {
  // A breach by a record stands as long as the record does: it is found again from there.
  const isOfRecord = kept.breach?.proof.kind === "record";
  const book = isOfRecord ? { ...kept, breach: undefined } : kept;
  for (const [index, post] of book.posts.entries()) {
    if (post.record.height < settledBelow) continue;
    const entry = await entries.entry(index);
    const isSame = entry !== undefined && isSameEntry(entry, post);
    if (!isSame) return { ...book, posts: book.posts.slice(0, index) };
  }
  return book;
}

/** The entries of a chain that posts on the main chain: its records, each read with its proof. */
export function createRecordSource(
  chain: Pick<ChainFacts, "id" | "operator">,
  at: HeaderState,
  mainChain: Pick<MainChain, "readAt">,
): EntrySource {
  return {
    async entry(index) {
      const sequence = index + 1;
      const key = computePostKey(chain.operator, chain.id, sequence);
      const record = await mainChain.readAt(at, "existence", key, readExistenceRecord);
      return record && { sequence, record, top: { sequence, key, hash: record.hash }, hops: [] };
    },
  };
}

/** The entries of a chain that posts in another, whose book has been checked before. */
export function createAnchorSource(chain: ChainFacts, anchor: ChainBook): EntrySource {
  const entries = findEntries(anchor, chain);
  return { entry: async (index) => entries[index] };
}

async function takeServedBlocks(
  start: ChainBook,
  tools: SyncTools,
): Promise<Pick<ChainProgress, "book" | "unusable">> {
  const context: CheckContext = {
    rules: tools.rules,
    mainHeader: (hash) => findHeader(tools.headers, hash)?.header,
  };
  let book = start;
  while (book.breach === undefined) {
    const served = await tools.operator.blocks(book.tip.height + 1, BLOCKS_AT_ONCE);
    for (const bytes of served) {
      const taken = takeBlock(book, bytes, context, tools.isOwn);
      if (!taken.ok) {
        const blockHeight = book.tip.height + 1;
        return { book, unusable: { blockHeight, rule: taken.code, message: taken.message } };
      }
      book = taken.value;
      if (book.breach !== undefined) break;
      tools.onTaken(book.tip.height, bytes);
    }
    if (served.length < BLOCKS_AT_ONCE) break;
  }
  return { book, unusable: undefined };
}

/** The result heights of the oracles that unrecorded blocks bet on, each read with its proof. */
async function readResults(
  book: ChainBook,
  at: HeaderState,
  mainChain: Pick<MainChain, "readAt">,
): Promise<(oracle: Uint8Array) => number> {
  const from = book.posts.at(-1)?.blockHeight ?? 0;
  const oracles = book.blocks
    .slice(from)
    .flatMap(({ deadlines }) => deadlines.flatMap((deadline) => deadline.oracles));
  const heights: { key: Uint8Array; height: number }[] = [];
  for (const key of oracles) {
    if (heights.some((each) => equalBytes(each.key, key))) continue;
    const record = await mainChain.readAt(at, "oracles", key, readOracleRecord);
    heights.push({ key, height: record?.resultHeight ?? 0 });
  }
  return (oracle) => heights.find((each) => equalBytes(each.key, oracle))?.height ?? 0;
}
