import type { PostingChain } from "../blocks/hops.ts";
import type { ChainBook } from "./chainBook.ts";
import { keyOf } from "./descendantPosts.ts";
import type { EntrySource } from "./entrySource.ts";
import type { Switched } from "./readSwitch.ts";

/**
 * How many entries an anchor's book shows of a chain below a height; undefined where it has not come so far, or has
 * let go of them.
 *
 * @param entries - of the anchor itself.
 */
export async function countAnchored(
  chain: PostingChain,
  height: number,
  anchor: ChainBook,
  entries: EntrySource,
): Promise<number | undefined> {
  const next = await entries.entry(anchor.postCount);
  const posts = anchor.descendants.get(keyOf(chain));
  const isRead = next === undefined || next.record.height >= height;
  if (!isRead || posts === undefined) return undefined;
  const count = posts.entries.filter(({ record }) => record.height < height).length;
  return count === 0 && posts.first > 0 ? undefined : posts.first + count;
}

/**
 * Whether a book that has gone on to the posts after the switch has taken just those entries in the anchor before that
 * count: some of them may have become void since.
 */
export function isResumed(
  { lastPost, postCount }: Pick<ChainBook, "lastPost" | "postCount">,
  { record, anchored }: Switched,
): boolean {
  if (lastPost === undefined || lastPost.hops.length > 0 || anchored === undefined) return true;
  return postCount - (lastPost.sequence - record.first + 1) === anchored;
}
