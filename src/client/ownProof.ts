import type { AnchoredProof } from "../blocks/anchoredProof.ts";
import { type ChainBook, type OwnLeaf, postOfBlock } from "./chainBook.ts";

/**
 * The anchored proof of an own leaf at its best rank: in the block that made it, under the first
 * record after. Undefined while no record stands over that block.
 */
export function createAnchoredProof(book: ChainBook, own: OwnLeaf): AnchoredProof | undefined {
  const post = postOfBlock(book, own.madeIn);
  if (post === undefined) return undefined;
  const headers = book.blocks.slice(own.madeIn - 1, post.blockHeight).map(({ header }) => header);
  return { sequence: post.sequence, hops: [], headers, rootsRoot: own.rootsRoot, path: own.path };
}
