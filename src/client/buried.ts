import { type ChainBook, postOfBlock } from "./chainBook.ts";
import type { MainChain } from "./mainChain.ts";

/** Whether a chain's block of this height is recorded under enough confirmations. */
export function isBuried(
  book: ChainBook,
  blockHeight: number,
  mainChain: Pick<MainChain, "book" | "tip">,
): boolean {
  const post = postOfBlock(book, blockHeight);
  if (post === undefined) return false;
  const { confirmations } = mainChain.book().parameters;
  return post.record.height + confirmations <= mainChain.tip().header.height + 1;
}
