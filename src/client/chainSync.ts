import type { BlockContext, ChainFacts } from "../blocks/applyTransactions.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { equalBytes } from "../lib/bytes.ts";
import { readOracleRecord } from "../protocol/facts.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { computePostKey, readExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { type ChainBook, type Entry, takeBlock, takeRecord } from "./chainBook.ts";
import { findEntries, isSameEntry } from "./entries.ts";
import { findHeader, type HeaderBook } from "./headerBook.ts";
import type { MainChain } from "./mainChain.ts";
import type { OperatorSource } from "./ports.ts";

/** Blocks asked for in one request. */
const BLOCKS_AT_ONCE = 64;

/** Where a chain's check stands against one main-chain header. */
export type ChainProgress = {
  readonly book: ChainBook;
  /** The header that records were read under. */
  readonly checkedAt: HeaderState;
  /** A recorded block that nobody has served: the height since which it is recorded. */
  readonly withheldSince: number | undefined;
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
 * beyond those taken, to the first that is proven absent. Stops at a breach.
 *
 * Rejects with a `SourceError` when a source fails; what was taken before is lost with it, and taken again next time.
 */
export async function syncChain(
  start: ChainBook,
  at: HeaderState,
  tools: SyncTools,
): Promise<ChainProgress> {
  let book = await takeServedBlocks(start, tools);
  let withheldSince: number | undefined;
  while (book.breach === undefined) {
    const entry = await tools.entries.entry(book.posts.length);
    if (entry === undefined) break;
    const results = await readResults(book, at, tools.mainChain);
    const taken = takeRecord(book, entry, (oracle) => results(oracle));
    if (!taken.ok) {
      withheldSince = entry.record.height;
      break;
    }
    book = taken.value;
  }
  return { book, checkedAt: at, withheldSince };
}

/**
 * Whether the records a book was checked against still stand under a newer header. After a reorg
 * they may not, or may stand at other heights: then the records are taken again from the first that moved.
 *
 * @param settledBelow - records below this height are buried too deep to be read again.
 */
export async function reviewRecords(
  book: ChainBook,
  entries: EntrySource,
  settledBelow: number,
): Promise<ChainBook> {
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

async function takeServedBlocks(start: ChainBook, tools: SyncTools): Promise<ChainBook> {
  const context: Pick<BlockContext, "rules" | "mainHeader"> = {
    rules: tools.rules,
    mainHeader: (hash) => findHeader(tools.headers, hash)?.header,
  };
  let book = start;
  for (;;) {
    const served = await tools.operator.blocks(book.tip.height + 1, BLOCKS_AT_ONCE);
    for (const bytes of served) {
      book = takeBlock(book, bytes, context, tools.isOwn);
      if (book.breach !== undefined) return book;
      tools.onTaken(book.tip.height, bytes);
    }
    if (served.length < BLOCKS_AT_ONCE) return book;
  }
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
