import type { ExistenceRecord } from "../protocol/post.ts";
import type { MainChain } from "./mainChain.ts";
import type { OwnLeaf } from "./ownLeaves.ts";

/** Whether the block that made a leaf is recorded under enough confirmations. */
export function isBuried({ post }: OwnLeaf, mainChain: Pick<MainChain, "book" | "tip">): boolean {
  return post !== undefined && isRecordBuried(post.record, mainChain);
}

/** The same of a record itself. */
export function isRecordBuried(
  { height }: Pick<ExistenceRecord, "height">,
  mainChain: Pick<MainChain, "book" | "tip">,
): boolean {
  const { confirmations } = mainChain.book().parameters;
  return height + confirmations <= mainChain.tip().header.height + 1;
}
