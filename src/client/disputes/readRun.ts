import type { BlockEffects, ChainFacts } from "../../blocks/applyTransactions.ts";
import { decodeBlock, type SortitionBlock } from "../../blocks/block.ts";
import { createClaimedTip, validateBlock } from "../../blocks/validateBlock.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { type BlockHeader, hashBlockHeader } from "../../protocol/blockHeader.ts";
import { RUN_MAX } from "../../protocol/limits.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { SpaceTree } from "../../space/tree.ts";
import { decodeWitness } from "../../space/witness.ts";
import type { ChainHistory, TrackedChain } from "../chainTracker.ts";
import type { HistoryEntry } from "../entry.ts";
import { SourceError } from "../ports.ts";

/**
 * One block of a chain's history, read again, and what stands around it.
 *
 * - `entry`: the one over it. - `run`: every header after the entry before, up to the entry's block. - `at`: which is the block's.
 * - `before`: the header of the entry before; undefined for the first. - `stateBefore`: as far as the block shows it.
 */
export type PlacedBlock = {
  readonly entry: HistoryEntry;
  readonly run: readonly BlockHeader[];
  readonly at: number;
  readonly before: BlockHeader | undefined;
  readonly block: SortitionBlock;
  readonly stateBefore: SpaceTree;
  readonly effects: BlockEffects;
};

/** Blocks that are held opened: contracts that were traded together look for the same ones. */
const OPENED_MAX = 8;

/** Reads blocks of one chain again by their heights. Nobody is believed: what is served links to a record that is proven. */
export type RunReader = {
  /** Refuses where nobody serves what is needed, or it does not link; rejects with a `SourceError` where no node proves a record. */
  read(height: number): Promise<Verdict<PlacedBlock>>;
};

export function createRunReader(
  {
    followed: { facts },
    book,
    checkpoints,
  }: Pick<TrackedChain, "followed" | "book" | "checkpoints">,
  { entries, servers, holders }: ChainHistory,
  rules: Rules,
): RunReader {
  /** Heights of the blocks of entries, by the entry's number from 0. */
  const heights = new Map<number, number>();
  const { postCount } = book;
  for (const { lastPost, postCount: count } of [...checkpoints, book]) {
    if (lastPost !== undefined) heights.set(count - 1, lastPost.blockHeight);
  }

  async function fetchByHash(hash: Uint8Array): Promise<Fetched | undefined> {
    for (const holder of holders) {
      const found = open(await answerOf(holder.block(hash)));
      if (found !== undefined && equalBytes(found.hash, hash)) return found;
    }
    return undefined;
  }

  /** The block of entry number `index`: its header, as it is known to be recorded. */
  async function readEntry(index: number): Promise<Verdict<PostedBlock>> {
    const entry = await entries.entry(index);
    if (entry === undefined) return refuse("NO_ENTRY", `the chain has no entry number ${index}`);
    const fetched = await fetchByHash(entry.record.hash);
    if (fetched === undefined) return refuse("NOT_SERVED", "a recorded block is served by nobody");
    heights.set(index, fetched.block.header.height);
    return { ok: true, value: { entry, header: fetched.block.header } };
  }

  async function heightOf(index: number): Promise<Verdict<number>> {
    const known = heights.get(index);
    if (known !== undefined) return { ok: true, value: known };
    const read = await readEntry(index);
    return read.ok ? { ok: true, value: read.value.header.height } : read;
  }

  /** The number of the first entry of a block at or above a height. */
  async function findEntry(height: number): Promise<Verdict<number>> {
    if (height > (book.lastPost?.blockHeight ?? 0)) {
      return refuse("NOT_POSTED", `no record stands over block ${height} yet`);
    }
    let low = 0;
    let high = postCount - 1;
    for (const [index, known] of heights) {
      if (known < height) low = Math.max(low, index + 1);
      else high = Math.min(high, index);
    }
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const found = await heightOf(middle);
      if (!found.ok) return found;
      if (found.value >= height) high = middle;
      else low = middle + 1;
    }
    return { ok: true, value: low };
  }

  /** Blocks from one height on to the one of this hash, checked by their links alone. */
  async function readBlocks(
    from: number,
    to: number,
    last: Uint8Array,
  ): Promise<readonly Fetched[] | undefined> {
    for (const server of servers) {
      const served = (await answerOf(server.blocks(from, to - from + 1))) ?? [];
      const found = served.slice(0, to - from + 1).map(open);
      const run = found.filter((each) => each !== undefined);
      const isWhole =
        run.length === to - from + 1 && equalBytes(run.at(-1)?.hash ?? facts.id, last);
      if (isWhole && isLinked(run)) return run;
    }
    const run: Fetched[] = [];
    for (let hash = last; run.length < to - from + 1; ) {
      const fetched = await fetchByHash(hash);
      if (fetched === undefined) return undefined;
      run.unshift(fetched);
      hash = fetched.block.header.previousHash;
    }
    return run;
  }

  const opened = new Map<number, PlacedBlock>();

  async function readPlaced(height: number): Promise<Verdict<PlacedBlock>> {
    const index = await findEntry(height);
    if (!index.ok) return index;
    const posted = await readEntry(index.value);
    if (!posted.ok) return posted;
    const before = index.value === 0 ? undefined : await readEntry(index.value - 1);
    if (before?.ok === false) return before;
    const from = (before?.value.header.height ?? 0) + 1;
    const to = posted.value.header.height;
    if (height < from || to - from >= RUN_MAX) {
      return refuse("NOT_LINKED", `block ${height} is not between two records of the chain`);
    }
    const run = await readBlocks(from, to, posted.value.entry.record.hash);
    const [first] = run ?? [];
    if (run === undefined || first === undefined) {
      return refuse("NOT_SERVED", `a block from ${from} to ${to} is served by nobody`);
    }
    const isNext = equalBytes(
      first.block.header.previousHash,
      before?.value.entry.record.hash ?? facts.id,
    );
    const fetched = run[height - from];
    if (!isNext || fetched === undefined) {
      return refuse("NOT_LINKED", "the blocks do not link to the record before");
    }
    const states = openBlock(fetched.block, facts, rules);
    if (!states.ok) return states;
    const headers = run.map(({ block }) => block.header);
    const place = { entry: posted.value.entry, run: headers, at: height - from };
    return {
      ok: true,
      value: { ...place, before: before?.value.header, block: fetched.block, ...states.value },
    };
  }

  return {
    async read(height) {
      const held = opened.get(height);
      if (held !== undefined) return accept(held);
      const placed = await readPlaced(height);
      if (!placed.ok) return placed;
      for (const oldest of [...opened.keys()].slice(0, opened.size + 1 - OPENED_MAX)) {
        opened.delete(oldest);
      }
      opened.set(height, placed.value);
      return placed;
    },
  };
}

type PostedBlock = { readonly entry: HistoryEntry; readonly header: BlockHeader };

/** A block as it was served, with the hash that its header has. */
type Fetched = { readonly block: SortitionBlock; readonly hash: Uint8Array };

function open(bytes: Uint8Array | undefined): Fetched | undefined {
  const block = bytes && decodeBlock(bytes);
  return block?.ok ? { block: block.value, hash: hashBlockHeader(block.value.header) } : undefined;
}

function isLinked(run: readonly Fetched[]): boolean {
  return run.every(
    ({ block }, index) =>
      index === 0 ||
      equalBytes(block.header.previousHash, run[index - 1]?.hash ?? block.header.chainId),
  );
}

/** The states before and after a block, as far as it touches them. */
function openBlock(
  block: SortitionBlock,
  chain: ChainFacts,
  rules: Rules,
): Verdict<Pick<PlacedBlock, "stateBefore" | "effects">> {
  const stateBefore = decodeWitness(block.witness, chain.lo, chain.hi);
  if (!stateBefore.ok) return stateBefore;
  const tip = createClaimedTip(block.header);
  const held = validateBlock(block, tip, { rules, chain, mainHeader: "believed" });
  if (!held.ok) return refuse(held.code, held.message);
  return { ok: true, value: { stateBefore: stateBefore.value, effects: held.value.effects } };
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
