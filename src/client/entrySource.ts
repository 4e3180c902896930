import type { ChainFacts } from "../blocks/applyTransactions.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { computePostKey, readExistenceRecord } from "../protocol/post.ts";
import type { KeptBooks } from "./bookStore.ts";
import { keyOf } from "./descendantPosts.ts";
import type { Entry } from "./entry.ts";
import type { MainChain } from "./mainChain.ts";
import { SourceError } from "./ports.ts";

/** Where a chain's history is read: its entries one after another, as records on the main chain show them. */
export type EntrySource = {
  /** Nothing after the last entry counts: no block is worth asking for but those under an entry. */
  readonly isEnded?: boolean;
  /** Entry number `index`, from 0; undefined where there is none under the header that is checked against. */
  entry(index: number): Promise<Entry | undefined>;
};

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

/**
 * The entries of a chain that posts in another, whose book has been checked before. Rejects while the
 * book has not kept them, because it was begun before the chain was followed or has gone on too far
 * without it, and the one that is read once more for them has not come so far.
 */
export function createAnchorSource(
  chain: Pick<ChainFacts, "id" | "operator">,
  { book, rereading }: Pick<KeptBooks, "book" | "rereading">,
): EntrySource {
  const key = keyOf(chain);
  const find = (index: number) => {
    const posts = book.descendants.get(key);
    if (posts !== undefined && index >= posts.first) return posts.entries[index - posts.first];
    const again = rereading?.descendants.get(key);
    const entry = again?.entries[index - again.first];
    if (entry !== undefined) return entry;
    throw new SourceError("DOWN", "the chain that it posts in is read once more");
  };
  return { entry: async (index) => find(index) };
}
