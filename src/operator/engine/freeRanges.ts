import type { Place } from "../../protocol/place.ts";

/** A half-open range of free space, in satoshi. */
export type FreeRange = { readonly lo: bigint; readonly hi: bigint };

/** The ranges of `[lo, hi)` that none of `held` meets, ascending. Work: sorts them. */
export function computeFreeRanges(lo: bigint, hi: bigint, held: Iterable<Place>): FreeRange[] {
  const taken = [...held].sort((a, b) => (a.lo < b.lo ? -1 : a.lo > b.lo ? 1 : 0));
  const free: FreeRange[] = [];
  let from = lo;
  for (const place of taken) {
    if (place.lo > from) free.push({ lo: from, hi: place.lo });
    if (place.hi > from) from = place.hi;
  }
  if (from < hi) free.push({ lo: from, hi });
  return free;
}

/**
 * Cut `width` from the low end of the first free range that is wide enough.
 *
 * @returns the range and what is left free, or undefined if no range is wide enough.
 */
export function cutFreeRange(
  free: readonly FreeRange[],
  width: bigint,
): { readonly range: FreeRange; readonly rest: readonly FreeRange[] } | undefined {
  const at = free.findIndex(({ lo, hi }) => hi - lo >= width);
  const found = free[at];
  if (found === undefined) return undefined;
  const range = { lo: found.lo, hi: found.lo + width };
  const left = range.hi < found.hi ? [{ lo: range.hi, hi: found.hi }] : [];
  return { range, rest: [...free.slice(0, at), ...left, ...free.slice(at + 1)] };
}
