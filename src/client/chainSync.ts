import { decodeBlock } from "../blocks/block.ts";
import type { Header } from "../chain/header/header.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { equalBytes } from "../lib/bytes.ts";
import type { Failure, Verdict } from "../lib/verdict.ts";
import type { BlockHeader } from "../protocol/blockHeader.ts";
import { readOracleRecord } from "../protocol/facts.ts";
import { RUN_MAX } from "../protocol/limits.ts";
import type { Rules } from "../protocol/rules.ts";
import { type BlockReader, createBlockReader } from "./blockReader.ts";
import {
  type ChainBook,
  type CheckContext,
  compareBlock,
  type TakenBlock,
  takeBlock,
} from "./chainBook.ts";
import type { HistoryEntry } from "./entry.ts";
import type { EntrySource } from "./entrySource.ts";
import { findHeader, type HeaderBook, tipOf } from "./headerBook.ts";
import type { MainChain } from "./mainChain.ts";
import {
  type ArchivedBlock,
  type BlockArchive,
  type BlockVerifier,
  type OperatorSource,
  SourceError,
} from "./ports.ts";
import { findRun, takeRecord } from "./takeRecord.ts";

/** Blocks asked for in one request. */
const BLOCKS_AT_ONCE = 64;
/** Blocks and closes that may wait for their record: beyond that a block is left until one is recorded. */
const AHEAD_BLOCKS_MAX = 4_096;
const AHEAD_CLOSES_MAX = 32_768;

/** Where a chain's check stands against one main-chain header. */
export type ChainProgress = {
  readonly book: ChainBook;
  /** A recorded block that nobody has served: the height since which it is recorded. */
  readonly withheldSince: number | undefined;
  readonly unusable: Unusable | undefined;
  /** The operator himself does not answer: what blocks there are come from another server. */
  readonly isOperatorDown: boolean;
  /** Nobody at all answers: only what was taken before has been held to the records. */
  readonly isUnserved: boolean;
  /** There is more to be taken: the check stopped only because it was long enough. */
  readonly isBehind: boolean;
};

/** Served bytes that are not the next block, though nobody can be accused: no signature stands behind what is wrong. */
export type Unusable = {
  readonly blockHeight: number;
  readonly rule: string;
  readonly message: string;
};

/** What a chain is checked with. */
export type SyncTools = {
  readonly rules: Rules;
  readonly headers: HeaderBook;
  readonly verifier: BlockVerifier;
  readonly mainChain: Pick<MainChain, "readAt">;
  readonly entries: EntrySource;
  readonly operator: Pick<OperatorSource, "blocks">;
  /** Other servers that may have the blocks; asked one after another where the one before has not. */
  readonly mirrors: readonly Pick<OperatorSource, "blocks">[];
  /** Where the bytes of what was taken are kept; nowhere unless given. */
  readonly archive?: BlockArchive | undefined;
};

/**
 * Check what is new of a chain against the main-chain header `at`: blocks as the operator serves them, and
 * entries as soon as their blocks are there, so that blocks never pile up. Ends when there is no more, or
 * after `blocksMax` blocks. After a breach no block is taken, but the records of those that were: what stood
 * before it stays provable. Nor does it need anybody who serves: the records of blocks that were taken before
 * their operator fell silent are taken, and one that names a block which was not is withheld.
 *
 * Rejects with a `SourceError` when the main chain cannot be read.
 */
export async function syncChain(
  start: ChainBook,
  at: HeaderState,
  tools: SyncTools,
  blocksMax: number,
): Promise<ChainProgress> {
  const reader = createBlockReader(tools.verifier, start.chain, (hash) => findOwn(tools, hash));
  try {
    return await takeAll(start, at, tools, blocksMax, reader);
  } finally {
    await reader.drop();
  }
}

/** Refusals of blocks that lean on the main chain, which may be longer than it is known here. */
const LEANING = new Set(["UNKNOWN_MAIN_HEADER", "NOT_LATE"]);

/** A main-chain header of the best chain. */
function findOwn({ headers }: SyncTools, hash: Uint8Array): Header | undefined {
  return findHeader(headers, hash)?.header;
}

async function takeAll(
  start: ChainBook,
  at: HeaderState,
  tools: SyncTools,
  blocksMax: number,
  reader: BlockReader,
): Promise<ChainProgress> {
  let book = start;
  let unusable: Unusable | undefined;
  /** The same of the operator's own bytes, as long as nobody has served others. */
  let spoilt: Unusable | undefined;
  let isOperatorDown = false;
  let isUnserved = false;
  const servers = [tools.operator, ...tools.mirrors];
  let next: EntryState = { kind: "unread" };
  const heightMax = start.tip.height + blocksMax;
  const found = () => ({ unusable: unusable ?? spoilt, isOperatorDown, isUnserved });
  for (;;) {
    next = await takeEntry(book, next, at, tools);
    if (next.kind === "taken") {
      book = next.book;
      continue;
    }
    if (next.kind === "misfit") unusable ??= next.unusable;
    if (book.breach !== undefined || unusable !== undefined) break;
    // Where the recorded block is not among the first, more blocks would not help.
    const isAhead = next.kind === "waiting" && book.run.length >= RUN_MAX;
    const isOver = next.kind === "none" && tools.entries.isEnded === true;
    if (isAhead || isOver || isFull(book)) break;
    // Where the history has an end, what comes after its last entry is not taken.
    const atOnce = tools.entries.isEnded === true ? 1 : BLOCKS_AT_ONCE;
    const count = Math.min(atOnce, heightMax - book.tip.height);
    if (count <= 0) {
      return { ...found(), book, withheldSince: undefined, isBehind: true };
    }
    const [server] = servers;
    if (server === undefined) break;
    const question = { server, from: book.tip.height + 1, count };
    const nextCount = Math.min(atOnce, heightMax - book.tip.height - count);
    const served = await answerOf(reader.read(question, nextCount));
    isOperatorDown ||= served === undefined && server === tools.operator;
    isUnserved = served === undefined && isOperatorDown;
    if (served === undefined || served === 0) {
      // Who has no more is believed, unless a record says that there is more.
      if (served !== undefined && next.kind !== "waiting") break;
      servers.shift();
      continue;
    }
    const before = book.tip.height;
    ({ book, unusable } = await takeBlocks(book, served, reader, tools));
    const isTaken = book.tip.height > before || book.breach !== undefined;
    // What leans on a main chain longer than ours is waited for.
    if (unusable === undefined && !isTaken) break;
    // Wrong bytes cost a server its turn, and nobody more; those of a mirror say nothing of the operator.
    if (unusable !== undefined) {
      if (server === tools.operator) spoilt = unusable;
      servers.shift();
      isUnserved = isOperatorDown && !isTaken;
      unusable = undefined;
    } else if (isTaken) spoilt = undefined;
    if (book.breach !== undefined) await reader.drop();
    if (book.breach?.rule === "NOT_LINKED") {
      const named = await seekOtherBlock({ ...book, breach: undefined }, tools);
      if (named.breach !== undefined) book = named;
    }
  }
  const isWaiting = next.kind === "waiting" && book.breach === undefined;
  await reader.drop();
  if (isWaiting) book = await seekOtherBlock(book, tools);
  const withheldSince =
    isWaiting && book.breach === undefined ? next.entry?.record.height : undefined;
  return { ...found(), book, withheldSince, isBehind: false };
}

/** What a server answers; undefined where it fails. */
async function answerOf<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return undefined;
  }
}

/** What is known of the entry after the last one taken. */
type EntryState =
  | { readonly kind: "unread" | "none"; readonly entry?: undefined }
  | { readonly kind: "misfit"; readonly unusable: Unusable; readonly entry?: undefined }
  | { readonly kind: "waiting"; readonly entry: HistoryEntry }
  | { readonly kind: "taken"; readonly book: ChainBook; readonly entry?: undefined };

/** Take the next entry, where there is one and its block has been taken. */
async function takeEntry(
  book: ChainBook,
  state: EntryState,
  at: HeaderState,
  tools: SyncTools,
): Promise<EntryState> {
  if (state.kind === "none" || state.kind === "misfit") return state;
  const entry = state.entry ?? (await tools.entries.entry(book.postCount));
  if (entry === undefined) return { kind: "none" };
  const taken = await takeChecked(book, entry, at, tools);
  if (taken.ok) {
    // Records go on to be taken after a breach, but a breach by a record is the end of them.
    const isEnd = taken.value.breach !== undefined && taken.value.postCount === book.postCount;
    return isEnd && book.breach !== undefined
      ? { kind: "none" }
      : { kind: "taken", book: taken.value };
  }
  if (taken.code === "NOT_RESUMED")
    return { kind: "misfit", unusable: describeMisfit(book, taken) };
  return taken.code === "NEEDS_BLOCKS" ? { kind: "waiting", entry } : { kind: "none" };
}

/** That a chain's posts do not go on where they stopped, for which no signature is at fault. */
export function describeMisfit({ lastPost }: ChainBook, { code, message }: Failure): Unusable {
  return { blockHeight: (lastPost?.blockHeight ?? 0) + 1, rule: code, message };
}

/**
 * As `takeRecord`, with all that it has to know read from the main chain.
 *
 * @param tail - as there. Rejects with a `SourceError` when the main chain cannot be read.
 */
export async function takeChecked(
  book: ChainBook,
  entry: HistoryEntry,
  at: HeaderState,
  tools: Pick<SyncTools, "headers" | "mainChain">,
  tail: readonly BlockHeader[] = [],
): Promise<Verdict<ChainBook>> {
  const under = tools.headers.states[entry.record.height]?.hash;
  if (under === undefined) {
    throw new SourceError("BAD_ANSWER", "an entry stands above the newest main-chain block");
  }
  const run = tail.length > 0 ? book.run : (findRun(book, entry) ?? []);
  const results = await readResults(run, at, tools.mainChain);
  return takeRecord(book, entry, under, results, tail);
}

/**
 * A record, or a block, names none of the blocks taken: perhaps what was served in its place was never posted. Ask again
 * for the blocks above the last record; two that are signed for one height are a breach, bytes alone are none.
 */
async function seekOtherBlock(book: ChainBook, tools: SyncTools): Promise<ChainBook> {
  const count = Math.min(BLOCKS_AT_ONCE, book.run.length);
  const [first] = book.run;
  if (first === undefined) return book;
  let compared = book;
  const served = await answerOf(tools.operator.blocks(first.header.height, count));
  for (const bytes of served ?? []) {
    compared = compareBlock(compared, bytes, tools.rules);
    if (compared.breach !== undefined) break;
  }
  return compared;
}

function isFull({ run }: ChainBook): boolean {
  const closes = run.reduce((sum, { closed }) => sum + closed.length, 0);
  return run.length >= AHEAD_BLOCKS_MAX || closes >= AHEAD_CLOSES_MAX;
}

/** Take so many of the blocks that were read, up to the first that cannot be taken. */
async function takeBlocks(
  start: ChainBook,
  count: number,
  reader: BlockReader,
  tools: SyncTools,
): Promise<Pick<ChainProgress, "book" | "unusable">> {
  const context: CheckContext = {
    rules: tools.rules,
    mainHeader: (hash) => findOwn(tools, hash),
  };
  const archived: ArchivedBlock[] = [];
  let book = start;
  let unusable: Unusable | undefined;
  for (let taken = 0; taken < count && book.breach === undefined; taken++) {
    const { bytes, ahead } = await reader.take();
    const next = takeBlock(book, bytes, context, ahead);
    if (!next.ok) {
      // A record is taken before the blocks after it, but for what was read together with them.
      if (next.code === "NOT_LATE" && taken > 0) break;
      if (LEANING.has(next.code) && isAhead(bytes, tools.headers)) break;
      const blockHeight = book.tip.height + 1;
      unusable = { blockHeight, rule: next.code, message: next.message };
      break;
    }
    book = next.value;
    const { height, hash } = book.tip;
    if (book.breach === undefined) archived.push({ height, hash, bytes });
  }
  if (archived.length > 0) await tools.archive?.keep(start.chain.id, archived);
  return { book, unusable };
}

/** Whether a block leans on a main chain that is longer than ours: then it is we who are behind, or our nodes. */
function isAhead(bytes: Uint8Array, headers: HeaderBook): boolean {
  const block = decodeBlock(bytes);
  return block.ok && block.value.header.mainHeight > tipOf(headers).header.height;
}

/** The result heights of the oracles that blocks bet on, each read with its proof. */
async function readResults(
  run: readonly TakenBlock[],
  at: HeaderState,
  mainChain: Pick<MainChain, "readAt">,
): Promise<(oracle: Uint8Array) => number> {
  const oracles = run.flatMap(({ deadlines }) => deadlines.flatMap((each) => each.oracles));
  const heights: { key: Uint8Array; height: number }[] = [];
  for (const key of oracles) {
    if (heights.some((each) => equalBytes(each.key, key))) continue;
    const record = await mainChain.readAt(at, "oracles", key, readOracleRecord);
    heights.push({ key, height: record?.resultHeight ?? 0 });
  }
  return (oracle) => heights.find((each) => equalBytes(each.key, oracle))?.height ?? 0;
}
