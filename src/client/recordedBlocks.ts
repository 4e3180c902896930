import { decodeBlock } from "../blocks/block.ts";
import { verifyServedBlock } from "../blocks/servedData.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { equalBytes } from "../lib/bytes.ts";
import { type BlockHeader, hashBlockHeader } from "../protocol/blockHeader.ts";
import { BLOCK_BYTES_MAX, RUN_MAX } from "../protocol/limits.ts";
import type { Breach } from "./breach.ts";
import type { ChainBook } from "./chainBook.ts";
import { type ChainProgress, type SyncTools, syncChain, takeChecked } from "./chainSync.ts";
import type { HistoryEntry } from "./entry.ts";
import { type OperatorSource, SourceError } from "./ports.ts";
import { breakAtStep } from "./takeRecord.ts";

/** What a chain is checked with where blocks may be asked for by their hashes, too. */
export type RecordedTools = SyncTools & {
  /** Servers that may have a block of a hash, whatever they know of its chain; asked one after another. */
  readonly holders: readonly Pick<OperatorSource, "block">[];
};

/** Bytes of a run's blocks that are held while its beginning is sought: the last ones are asked for again. */
const HELD_BYTES_MAX = 8 * BLOCK_BYTES_MAX;

/**
 * As `syncChain`. Where no server goes on to the recorded block, that one and those before it are asked for by
 * their hashes from whoever has the bytes. A block that was taken in its place shows its operator's second
 * signature then, and one that is posted where it may not stand shows that. After a breach the blocks below it are
 * taken again where a reorg has undone them, and the record over them is taken whatever its operator has posted there.
 *
 * @param served - what `syncChain` has come to from `start`, where it was asked already.
 */
export async function syncRecorded(
  start: ChainBook,
  at: HeaderState,
  tools: RecordedTools,
  blocksMax: number,
  served?: ChainProgress,
): Promise<ChainProgress> {
  const { breach } = start;
  const isOfBlock = breach?.proof.kind === "block" || breach?.proof.kind === "twoBlocks";
  const below = breach === undefined ? 0 : breach.blockHeight - 1 - start.tip.height;
  if (breach === undefined || !isOfBlock || below <= 0) {
    const checked = await syncUnbroken(start, at, tools, blocksMax, served);
    return { ...checked, book: await takeBrokenPost(checked.book, at, tools) };
  }
  const count = Math.min(below, blocksMax);
  const again = await syncUnbroken({ ...start, breach: undefined }, at, tools, count);
  const isBehind = again.isBehind && again.book.tip.height < breach.blockHeight - 1;
  const book = await takeBrokenPost({ ...again.book, breach }, at, tools);
  return { ...again, book, withheldSince: undefined, unusable: undefined, isBehind };
}

async function syncUnbroken(
  start: ChainBook,
  at: HeaderState,
  tools: RecordedTools,
  blocksMax: number,
  known?: ChainProgress,
): Promise<ChainProgress> {
  const served = known ?? (await syncChain(start, at, tools, blocksMax));
  if (served.withheldSince === undefined) return served;
  const byHash = await syncChain(served.book, at, createHashTools(served.book, tools), blocksMax);
  if (byHash.book !== served.book) return { ...byHash, isOperatorDown: served.isOperatorDown };
  const broken = await judgeWaiting(served.book, tools);
  return broken === undefined ? served : { ...served, book: broken, withheldSince: undefined };
}

/** The book with the breach, where the block that an entry waits for may not stand where it is posted. */
async function judgeWaiting(book: ChainBook, tools: RecordedTools): Promise<ChainBook | undefined> {
  const entry = await tools.entries.entry(book.postCount);
  const posted = entry && (await fetchHeader(entry.record.hash, tools));
  const isOwn = posted !== undefined && equalBytes(posted.chainId, book.chain.id);
  return entry && isOwn ? breakAtStep(book, entry, posted) : undefined;
}

/**
 * The book with the record over the last blocks that held, where its operator has posted over them a block that
 * breaks a rule, or one that stands on it. The main chain looks at nothing but the links, and so does who claims.
 */
async function takeBrokenPost(
  book: ChainBook,
  at: HeaderState,
  tools: RecordedTools,
): Promise<ChainBook> {
  const { breach, run, tip } = book;
  if (breach === undefined || run.length === 0) return book;
  const entry = await tools.entries.entry(book.postCount);
  if (entry === undefined) return book;
  const tail: BlockHeader[] = [];
  for (let hash = entry.record.hash; !equalBytes(hash, tip.hash); ) {
    const header = findShown(breach.proof, hash) ?? (await fetchHeader(hash, tools));
    if (header === undefined || run.length + tail.length >= RUN_MAX) return book;
    tail.unshift(header);
    hash = header.previousHash;
  }
  const taken = tail.length === 0 ? undefined : await takeChecked(book, entry, at, tools, tail);
  return taken?.ok && taken.value.breach === breach ? taken.value : book;
}

/** A header of this hash that the evidence itself shows. */
function findShown(proof: Breach["proof"], hash: Uint8Array): BlockHeader | undefined {
  const block = proof.kind === "block" ? decodeBlock(proof.block) : undefined;
  const shown =
    proof.kind === "twoBlocks"
      ? [proof.first.header, proof.second.header]
      : block?.ok
        ? [block.value.header]
        : [];
  return shown.find((header) => equalBytes(hashBlockHeader(header), hash));
}

/** The same tools, with the blocks under the entry that waits for them in place of whatever a server has next. */
function createHashTools({ chain }: ChainBook, tools: RecordedTools): SyncTools {
  let waiting: HistoryEntry | undefined;
  return {
    ...tools,
    mirrors: [],
    entries: {
      async entry(index) {
        waiting = await tools.entries.entry(index);
        return waiting;
      },
    },
    operator: {
      async blocks(from, count) {
        if (waiting === undefined) return [];
        const run = await fetchRun(waiting.record.hash, from, chain, tools);
        return run.slice(0, count);
      },
    },
  };
}

/** The blocks from a height on to the one of hash `last`, the first of them; none where one of them is not to be had. */
async function fetchRun(
  last: Uint8Array,
  from: number,
  chain: ChainBook["chain"],
  tools: RecordedTools,
): Promise<Uint8Array[]> {
  const run: Uint8Array[] = [];
  let heldBytes = 0;
  let hash = last;
  for (let count = 0; count < RUN_MAX; count++) {
    const found = await fetchBlock(hash, chain, tools);
    if (found === undefined || found.header.height < from) return [];
    run.unshift(found.bytes);
    heldBytes += found.bytes.length;
    while (heldBytes > HELD_BYTES_MAX) heldBytes -= run.pop()?.length ?? 0;
    if (found.header.height === from) return run;
    hash = found.header.previousHash;
  }
  return [];
}

/**
 * The block of a hash from the first server whose bytes hold. What the hash leaves out anybody can change; bytes
 * that do not hold are taken from nobody but where no others are to be had: the block itself may break a rule.
 */
async function fetchBlock(
  hash: Uint8Array,
  chain: ChainBook["chain"],
  { holders, rules }: RecordedTools,
): Promise<{ readonly bytes: Uint8Array; readonly header: BlockHeader } | undefined> {
  let doubtful: { readonly bytes: Uint8Array; readonly header: BlockHeader } | undefined;
  for (const holder of holders) {
    const bytes = await askHolder(holder, hash);
    const block = bytes && decodeBlock(bytes);
    if (!bytes || !block?.ok || !equalBytes(hashBlockHeader(block.value.header), hash)) continue;
    const { header } = block.value;
    if (verifyServedBlock(bytes, hash, chain, rules).ok) return { bytes, header };
    doubtful ??= { bytes, header };
  }
  return doubtful;
}

/** The header of a hash from whoever has its block: it is what the hash is of, whatever else was changed. */
async function fetchHeader(
  hash: Uint8Array,
  { holders }: RecordedTools,
): Promise<BlockHeader | undefined> {
  for (const holder of holders) {
    const bytes = await askHolder(holder, hash);
    const block = bytes && decodeBlock(bytes);
    if (block?.ok && equalBytes(hashBlockHeader(block.value.header), hash)) {
      return block.value.header;
    }
  }
  return undefined;
}

/** What a server has of a hash; undefined where it fails. */
async function askHolder(
  holder: Pick<OperatorSource, "block">,
  hash: Uint8Array,
): Promise<Uint8Array | undefined> {
  try {
    return await holder.block(hash);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return undefined;
  }
}
