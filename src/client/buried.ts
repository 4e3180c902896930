import { findCertain } from "../blocks/lateSpaces.ts";
import type { ExistenceRecord } from "../protocol/post.ts";
import type { TrackedChain } from "./chainTracker.ts";
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

/** Height of a chain's block up to which all are recorded under enough confirmations, as far as it is kept; 0 for none. */
export function findBuried({ book, checkpoints }: TrackedChain, mainChain: MainChain): number {
  const { confirmations } = mainChain.book().parameters;
  const heightMax = mainChain.tip().header.height + 1 - confirmations;
  const last = [...checkpoints, book].findLast(
    ({ lastPost }) => lastPost !== undefined && lastPost.record.height <= heightMax,
  );
  return last?.lastPost?.blockHeight ?? 0;
}

/**
 * Height of a chain's block up to which whatever still stands does so for certain: all is recorded under enough confirmations,
 * and nothing stands where a close came too late.
 */
export function findSettled(chain: TrackedChain, mainChain: MainChain): number {
  return findCertain(chain.book.frozen, findBuried(chain, mainChain));
}
