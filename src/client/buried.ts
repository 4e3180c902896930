import type { MainChain } from "./mainChain.ts";
import type { OwnLeaf } from "./ownLeaves.ts";

/** Whether the block that made a leaf is recorded under enough confirmations. */
export function isBuried({ post }: OwnLeaf, mainChain: Pick<MainChain, "book" | "tip">): boolean {
  if (post === undefined) return false;
  const { confirmations } = mainChain.book().parameters;
  return post.record.height + confirmations <= mainChain.tip().header.height + 1;
}
