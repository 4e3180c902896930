import type { SegmentView } from "../../workers/walletApi.ts";

/**
 * The segment that a key leads to from segment `at`, or undefined for keys that are not the strip's.
 * Arrows step, Home and End go to the ends, Page Up and Page Down to the reader's own segments.
 */
export function stepStrip(
  key: string,
  at: number,
  segments: readonly SegmentView[],
): number | undefined {
  const last = segments.length - 1;
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return Math.min(last, at + 1);
    case "ArrowLeft":
    case "ArrowDown":
      return Math.max(0, at - 1);
    case "Home":
      return 0;
    case "End":
      return last;
    case "PageDown":
      return findOwn(segments, at, 1);
    case "PageUp":
      return findOwn(segments, at, -1);
    default:
      return undefined;
  }
}

/** Whether the reader holds a layer of the segment. */
export function isMine(segment: SegmentView): boolean {
  return segment.layers.some((layer) => layer.isMine);
}

function findOwn(segments: readonly SegmentView[], at: number, step: 1 | -1): number {
  for (let index = at + step; index >= 0 && index < segments.length; index += step) {
    const segment = segments[index];
    if (segment !== undefined && isMine(segment)) return index;
  }
  return at;
}
