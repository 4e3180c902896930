import { decodeBlock, type SortitionBlock } from "../blocks/block.ts";
import type { ShownClose } from "../blocks/closeProof.ts";
import { encodeBlockTransaction } from "../blocks/transaction.ts";
import { assert } from "../lib/assert.ts";
import { decode } from "../lib/codec.ts";
import { proveItem } from "../lib/merkleList.ts";
import { insist } from "../lib/verdict.ts";
import type { BlockHeader } from "../protocol/blockHeader.ts";
import { RUN_MAX } from "../protocol/limits.ts";
import type { EngineState, PostEntry } from "./engine/engineState.ts";
import { rowKey } from "./engine/rowKey.ts";
import { readShownEntry, type ShownEntry } from "./engine/shownEntry.ts";
import type { RowStore } from "./store/rowStore.ts";

/** Where an operator's own blocks are read. */
export type OwnRows = Pick<RowStore, "get">;

/** A post of ours, and how the main chain is shown it. */
export type ShownPost = { readonly post: PostEntry; readonly entry: ShownEntry };

/** An own block's bytes from disk. */
export async function readBlock(store: OwnRows, height: number): Promise<Uint8Array> {
  const bytes = await store.get(rowKey.block(height));
  assert(bytes !== undefined, `block ${height} is on disk`);
  return bytes;
}

/** The first post of ours that the main chain is shown with the block of a height under it. */
export async function findShownPost(
  state: EngineState,
  store: OwnRows,
  height: number,
): Promise<ShownPost | undefined> {
  for (const post of state.posts) {
    // After a switch an old block is posted again, so heights do not only rise.
    if (post.height < height || post.height - height >= RUN_MAX) continue;
    const entry = await readEntry(state, store, post.sequence);
    if (entry !== undefined) return { post, entry };
  }
  return undefined;
}

/** The last post before this one that the main chain is shown in the same place; undefined before the first. */
async function findPostBefore(
  state: EngineState,
  store: OwnRows,
  { post }: ShownPost,
): Promise<PostEntry | undefined> {
  for (let sequence = post.sequence - 1; sequence > 0; sequence--) {
    const entry = await readEntry(state, store, sequence);
    if (entry !== undefined) return state.posts[sequence - 1];
  }
  return undefined;
}

/** How the main chain is shown a post: its own record says it, or, in an ancestor, what was kept when it was recorded. */
async function readEntry(
  { chain, place, switched }: EngineState,
  store: OwnRows,
  sequence: number,
): Promise<ShownEntry | undefined> {
  const isSwitched = switched !== undefined && sequence >= switched.first;
  if (place.kind === "mainChain" || isSwitched) {
    const path = [{ id: chain.id, operator: chain.operator }];
    return { sequence, isSwitched, path, hops: [], hopsBefore: [] };
  }
  const row = await store.get(rowKey.entry(sequence));
  return row && insist(decode(row, readShownEntry));
}

/**
 * A block of ours under the post over it.
 *
 * - `run`: every header after the post before, up to the posted one. - `at`: which is the block's. - `before`: the header of the
 *   block posted before; undefined for the first.
 */
export type OwnRun = {
  readonly entry: ShownEntry;
  readonly run: readonly BlockHeader[];
  readonly at: number;
  readonly before: BlockHeader | undefined;
};

/** Read the run that holds our block of a height; undefined while the post over it is not recorded for good. */
export async function readOwnRun(
  state: EngineState,
  store: OwnRows,
  height: number,
): Promise<OwnRun | undefined> {
  const shown = await findShownPost(state, store, height);
  if (shown === undefined) return undefined;
  const from = (await findPostBefore(state, store, shown))?.height ?? 0;
  return {
    entry: shown.entry,
    run: await readHeaders(store, from + 1, shown.post.height),
    at: height - from - 1,
    before: from === 0 ? undefined : (await readHeaders(store, from, from))[0],
  };
}

/** The headers of our blocks of these heights, both included. */
export async function readHeaders(
  store: OwnRows,
  from: number,
  to: number,
): Promise<BlockHeader[]> {
  const headers: BlockHeader[] = [];
  for (let height = from; height <= to; height++) {
    headers.push(insist(decodeBlock(await readBlock(store, height))).header);
  }
  return headers;
}

/** A transaction of a block, with the proof that its header holds it. */
export function showTransaction({ transactions }: SortitionBlock, index: number): ShownClose {
  const encoded = transactions.map(encodeBlockTransaction);
  return { transaction: encoded[index] as Uint8Array, proof: proveItem(encoded, index) };
}
