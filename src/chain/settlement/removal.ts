import type { Rank } from "../../blocks/anchoredProof.ts";
import type { ResultRecord } from "./resultRecord.ts";
import { beginsWith, leavesOf, type ShownLeaf, type ShownLine } from "./shownLine.ts";

/** Whether a close was posted under an earlier record than a sealed leaf: only then does it touch it. */
export function isPostedBefore(close: Rank, sealed: Rank): boolean {
  return (
    close.height < sealed.height || (close.height === sealed.height && close.index < sealed.index)
  );
}

/**
 * Whether the close that removed `result` removes another line too, now shown for the first time: it goes
 * through the very leaf that was closed, and shows it no earlier than the close.
 */
export function isTouchedBy({ line, removal }: ResultRecord, other: ShownLine): boolean {
  if (removal === undefined) return false;
  const { level, closedAt } = removal;
  const shown = other[level];
  if (shown === undefined || !beginsWith(other, leavesOf(line.slice(0, level + 1)))) return false;
  return !shown.leaf.sealed || isPostedBefore(closedAt, shown.rank);
}

/** Whether a removed line, shown again, proves in time that the closed contract was sealed before the close. */
export function isUndoing({ removal }: ResultRecord, shown: ShownLine, height: number): boolean {
  if (removal === undefined || height > removal.openTo) return false;
  const { leaf, rank } = shown[removal.level] as ShownLeaf;
  return leaf.sealed && !isPostedBefore(removal.closedAt, rank);
}

/** Whether a removal may still be undone at `height`: what was closed is shown sealed. */
export function isUndoOpen({ line, removal }: ResultRecord, height: number): boolean {
  return (
    removal !== undefined &&
    height <= removal.openTo &&
    (line[removal.level] as ShownLeaf).leaf.sealed
  );
}
