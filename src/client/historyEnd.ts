import type { Entry } from "./entry.ts";

/** Where an entry stands: its number in the chain's own count, and the main-chain record that shows it. */
export type EntryPlace = {
  readonly sequence: number;
  readonly height: number;
  readonly index: number;
};

/**
 * From where on a chain's entries are in doubt, or void: from its own post number `sequence`, and from the main-chain
 * record at `height` and `index`, at which one of a chain that takes its posts is. What is on neither
 * side is `NEVER`.
 */
export type HistoryEnd = EntryPlace;

export const NEVER = Number.MAX_SAFE_INTEGER;

export function placeOf({ sequence, record: { height, index } }: Entry): EntryPlace {
  return { sequence, height, index };
}

/** Whether an entry is at or after an end; never where there is none. */
export function isBeyond(end: HistoryEnd | undefined, at: EntryPlace): boolean {
  if (end === undefined) return false;
  return at.sequence >= end.sequence || !isRecordedBefore(at, end);
}

/** Whether one main-chain record stands before another. */
export function isRecordedBefore(
  a: Pick<EntryPlace, "height" | "index">,
  b: Pick<EntryPlace, "height" | "index">,
): boolean {
  return a.height === b.height ? a.index < b.index : a.height < b.height;
}
