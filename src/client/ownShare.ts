import { createTipAfter } from "../blocks/validateBlock.ts";
import { type ChainBook, createChainBook } from "./chainBook.ts";
import type { DescendantPosts } from "./descendantPosts.ts";

/**
 * The book of who checks only his own share: it goes from post to post, and holds nothing but the owner's
 * contracts, those that followed chains inside are made of, and the posts of those that post here. It begins where a
 * whole check has come to, at the last entry; undefined while there is none, or something of that waits for one.
 *
 * @param posting - hex keys of the followed chains that post in this one.
 */
export function startShare(full: ChainBook, posting: readonly string[]): ChainBook | undefined {
  const { lastPost, posted, chain, scope } = full;
  const last = posted.at(-1);
  if (lastPost === undefined || last === undefined) return undefined;
  const isAbove = (height: number | undefined) =>
    height !== undefined && height > lastPost.blockHeight;
  const kept = [...full.own.values(), ...full.inside.values()];
  if (kept.some(({ madeIn, closedIn }) => isAbove(madeIn) || isAbove(closedIn))) return undefined;
  const descendants = new Map<string, DescendantPosts>();
  for (const key of posting) {
    const posts = full.descendants.get(key);
    if (posts?.hop === undefined) return undefined;
    descendants.set(key, { ...posts, taken: posts.recorded, proof: posts.hop.proof });
  }
  return {
    ...createChainBook(chain, scope),
    shareSince: full.postCount,
    tip: createTipAfter(last.header),
    lastBlock: last,
    posted: [last],
    postCount: full.postCount,
    lastPost,
    anchoredBlocks: full.anchoredBlocks,
    descendants,
    live: new Map([...full.live].filter(([id]) => isHeld(full, id))),
    own: full.own,
    inside: full.inside,
    conditions: full.conditions,
    frozen: full.frozen,
    recorded: full.recorded,
    trades: full.trades,
    fills: full.fills,
  };
}

/** Whether a share keeps a contract: an own one, or a followed chain's. By hex id. */
export function isHeld({ own, inside }: Pick<ChainBook, "own" | "inside">, id: string): boolean {
  return own.has(id) || inside.has(id);
}

/** Whether a share goes on with the posts of all these chains, by hex key; a book of all blocks has them anyway. */
export function hasPosting(
  { shareSince, descendants }: ChainBook,
  keys: readonly string[],
): boolean {
  return shareSince === undefined || keys.every((key) => descendants.has(key));
}
