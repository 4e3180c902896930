import type { Hop } from "../blocks/hops.ts";
import { assert } from "../lib/assert.ts";
import { formatHex } from "../lib/hex.ts";
import { proveKey } from "../lib/map/mapProof.ts";
import { mapRoot } from "../lib/map/merkleMap.ts";
import { computeDescendantKey } from "../protocol/post.ts";
import type { ChainBook } from "./chainBook.ts";
import type { Entry } from "./entry.ts";

/**
 * The history of a descendant as its anchor's checked book shows it: for each record of the anchor the
 * last post that its recorded state holds, where that is a new one.
 *
 * @see docs/PROTOCOL.md section 4, posts and history
 */
export function findEntries(
  anchor: ChainBook,
  descendant: { readonly id: Uint8Array; readonly operator: Uint8Array },
): Entry[] {
  const key = computeDescendantKey(descendant.operator, descendant.id);
  const updates = anchor.descendants.get(formatHex(key)) ?? [];
  const entries: Entry[] = [];
  for (const { record, top, hops, blockHeight } of anchor.posts) {
    const last = updates.findLast((update) => update.madeIn <= blockHeight);
    if (last === undefined || last.post.sequence === entries.at(-1)?.sequence) continue;
    const { sequence, blockHash: hash } = last.post;
    entries.push({
      sequence,
      record: { height: record.height, index: record.index, hash },
      top,
      hops: [...hops, createHop(anchor, blockHeight, key)],
    });
  }
  return entries;
}

/** What the posted block of this height says of a descendant. */
function createHop(anchor: ChainBook, blockHeight: number, key: Uint8Array): Hop {
  const block = anchor.blocks[blockHeight - 1];
  assert(block !== undefined, "a recorded block has been taken");
  const { header, contractsRoot, posts } = block;
  return { header, contractsRoot, rootsRoot: mapRoot(posts), proof: proveKey(posts, key) };
}
