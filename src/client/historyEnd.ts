import type { Entry } from "./entry.ts";

/** Where a main-chain record stands. */
export type RecordPlace = { readonly height: number; readonly index: number };

/** Where an entry stands: its number in the chain's own count, and the main-chain record that shows it. */
export type EntryPlace = RecordPlace & { readonly sequence: number };

/** Records from a place on, below a height. */
type Span = { readonly from: RecordPlace; readonly until: number };

/**
 * From where on a chain's entries are in doubt, or void: from its own post number `sequence`, and under the records of
 * `spans`, at which posts of chains are that take its posts; up to the height at which it, or one of
 * these, has switched to the main chain. What is on neither side is `NEVER`.
 */
export type HistoryEnd = { readonly sequence: number; readonly spans: readonly Span[] };

export const NEVER = Number.MAX_SAFE_INTEGER;

export function placeOf({ sequence, record: { height, index } }: Entry): EntryPlace {
  return { sequence, height, index };
}

/** Whether an entry is at or after an end; never where there is none. */
export function isBeyond(end: HistoryEnd | undefined, at: EntryPlace): boolean {
  if (end === undefined) return false;
  return at.sequence >= end.sequence || end.spans.some((span) => isWithin(span, at));
}

/** Whether an own leaf does not count in a chain whose history has ended: no entry below the end has it. */
export function isLeafVoid(
  { post }: { readonly post: Entry | undefined },
  end: HistoryEnd | undefined,
): boolean {
  return end !== undefined && (post === undefined || isBeyond(end, placeOf(post)));
}

function isWithin({ from, until }: Span, at: RecordPlace): boolean {
  const isBefore = at.height === from.height ? at.index < from.index : at.height < from.height;
  return !isBefore && at.height < until;
}

/**
 * What the end of the chain that takes a chain's posts is to that one: nothing from the height on at which it has
 * switched to the main chain.
 */
export function endBelow(
  end: HistoryEnd | undefined,
  switchedAt: number | undefined,
): HistoryEnd | undefined {
  if (end === undefined) return undefined;
  const spans = end.spans
    .map(({ from, until }) => ({ from, until: Math.min(until, switchedAt ?? NEVER) }))
    .filter(({ from, until }) => from.height < until);
  return spans.length === 0 ? undefined : { sequence: NEVER, spans };
}
