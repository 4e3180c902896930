import type { ChainFacts } from "../blocks/applyTransactions.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { computePostKey, readExistenceRecord } from "../protocol/post.ts";
import { computeSwitchedPostKey } from "../protocol/switch.ts";
import type { KeptBooks } from "./bookStore.ts";
import { keyOf } from "./descendantPosts.ts";
import type { HistoryEntry } from "./entry.ts";
import type { MainChain } from "./mainChain.ts";
import { SourceError } from "./ports.ts";
import type { Switched } from "./readSwitch.ts";

/** Where a chain's history is read: its entries one after another, as records on the main chain show them. */
export type EntrySource = {
  /** Nothing after the last entry counts: no block is worth asking for but those under an entry. */
  readonly isEnded?: boolean;
  /** Entry number `index`, from 0; undefined where there is none under the header that is checked against. */
  entry(index: number): Promise<HistoryEntry | undefined>;
};

/** A whole history, in which a post can be looked for by its number. */
export type HistorySource = EntrySource & {
  /** The first entry that is of post number `sequence` or a later one. */
  find(sequence: number): Promise<HistoryEntry | undefined>;
};

type Reader = (sequence: number) => Promise<HistoryEntry | undefined>;

/** Read a chain's post number `sequence` on the main chain itself, with its proof. */
function createReader(
  { id, operator }: Pick<ChainFacts, "id" | "operator">,
  at: HeaderState,
  mainChain: Pick<MainChain, "readAt">,
  computeKey: typeof computePostKey,
): Reader {
  return async (sequence) => {
    const key = computeKey(operator, id, sequence);
    const record = await mainChain.readAt(at, "existence", key, readExistenceRecord);
    const top = record && { sequence, key, hash: record.hash };
    return top && { sequence, record, top, hops: [], hopsBefore: [] };
  };
}

/** The entries of a chain that posts on the main chain: its records, each read with its proof. */
export function createRecordSource(
  chain: Pick<ChainFacts, "id" | "operator">,
  at: HeaderState,
  mainChain: Pick<MainChain, "readAt">,
): HistorySource {
  const read = createReader(chain, at, mainChain, computePostKey);
  return { entry: (index) => read(index + 1), find: read };
}

/**
 * The entries of a chain that posts in another, whose book has been checked before. Rejects while the
 * book has not kept them, because it was begun before the chain was followed or has gone on too far
 * without it, and the one that is read once more for them has not come so far.
 */
export function createAnchorSource(
  chain: Pick<ChainFacts, "id" | "operator">,
  { book, rereading }: Pick<KeptBooks, "book" | "rereading">,
): HistorySource {
  const key = keyOf(chain);
  const find = (index: number) => {
    const posts = book.descendants.get(key);
    if (posts !== undefined && index >= posts.first) return posts.entries[index - posts.first];
    const again = rereading?.descendants.get(key);
    const entry = again?.entries[index - again.first];
    if (entry !== undefined) return entry;
    throw new SourceError("DOWN", "the chain that it posts in is read once more");
  };
  return {
    entry: async (index) => find(index),
    async find(sequence) {
      // Of several posts under one record only the last is an entry, so a number may be left out.
      return book.descendants.get(key)?.entries.find((entry) => entry.sequence >= sequence);
    },
  };
}

/**
 * The entries of a chain that has switched to the main chain: those that its anchor shows below the height of
 * that, and then its own records. Ends before these while the anchor is not read up to there.
 */
export function createSwitchedSource(
  chain: Pick<ChainFacts, "id" | "operator">,
  { record: { height, first }, anchored }: Switched,
  before: HistorySource,
  at: HeaderState,
  mainChain: Pick<MainChain, "readAt">,
): HistorySource {
  const read = createReader(chain, at, mainChain, computeSwitchedPostKey);
  const counts = (entry: HistoryEntry | undefined) =>
    entry !== undefined && entry.record.height < height ? entry : undefined;
  return {
    async entry(index) {
      if (anchored === undefined || index < anchored) return counts(await before.entry(index));
      return read(first + index - anchored);
    },
    async find(sequence) {
      const early = counts(await before.find(sequence));
      return early ?? (anchored === undefined ? undefined : read(Math.max(first, sequence)));
    },
  };
}
