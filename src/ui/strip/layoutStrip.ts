import type { SegmentView } from "../../workers/walletApi.ts";

/** Who holds a piece of the strip: the reader, somebody else, or nobody yet (the operator's free space). */
export type Holder = "mine" | "other" | "free";

/** A drawn piece: pixels across, and one holder for each layer from the top. `first` to `last` index the segments it shows. */
export type StripPiece = {
  readonly x: number;
  readonly width: number;
  readonly holders: readonly Holder[];
  readonly first: number;
  readonly last: number;
};

/** Own pieces stay findable, however small their chance. */
const OWN_WIDTH_MIN = 4;
/** Strangers' pieces narrower than this are drawn as one. */
const CROWD_WIDTH_MAX = 1.5;

/**
 * Lay `segments` out on `width` pixels for the range `[lo, hi)`. Neighbours too small to see are
 * merged, so that the number of pieces is bounded by the pixels; own pieces never are.
 */
export function layoutStrip(
  segments: readonly SegmentView[],
  lo: bigint,
  hi: bigint,
  width: number,
): readonly StripPiece[] {
  const pieces: StripPiece[] = [];
  segments.forEach((segment, index) => {
    const piece = layoutSegment(segment, index, (at) => placeOnStrip(at, lo, hi, width), width);
    const before = pieces.at(-1);
    if (before !== undefined && belongTogether(before, piece)) {
      pieces[pieces.length - 1] = joinPieces(before, piece);
    } else {
      pieces.push(piece);
    }
  });
  return pieces;
}

/** Pixels from the left edge of coordinate `at`. */
export function placeOnStrip(at: bigint, lo: bigint, hi: bigint, width: number): number {
  if (hi <= lo) return 0;
  return (Number(((at - lo) * 1_000_000_000n) / (hi - lo)) / 1_000_000_000) * width;
}

/** The segment under pixel `x`: an own piece first, since it may be drawn wider than it is. */
export function findSegmentAt(pieces: readonly StripPiece[], x: number): number | undefined {
  const under = pieces.filter((piece) => piece.x <= x && x < piece.x + piece.width);
  return (under.find((piece) => piece.holders.includes("mine")) ?? under[0])?.first;
}

/** Who holds each layer of a segment. */
function listHolders(segment: SegmentView): readonly Holder[] {
  if (segment.crowd > 0) return ["other"];
  if (segment.layers.length === 0) return ["free"];
  return segment.layers.map((layer) => {
    if (layer.contractId === undefined) return "free";
    return layer.isMine ? "mine" : "other";
  });
}

function layoutSegment(
  segment: SegmentView,
  index: number,
  place: (at: bigint) => number,
  stripWidth: number,
): StripPiece {
  const holders = listHolders(segment);
  const exactX = place(segment.lo);
  const exactWidth = place(segment.hi) - exactX;
  const width = holders.includes("mine") ? Math.max(OWN_WIDTH_MIN, exactWidth) : exactWidth;
  const x = Math.max(0, Math.min(exactX - (width - exactWidth) / 2, stripWidth - width));
  return { x, width, holders, first: index, last: index };
}

function belongTogether(a: StripPiece, b: StripPiece): boolean {
  const isSmall = (piece: StripPiece): boolean =>
    piece.width < CROWD_WIDTH_MAX && !piece.holders.includes("mine");
  return isSmall(a) && isSmall(b);
}

function joinPieces(a: StripPiece, b: StripPiece): StripPiece {
  const isFree = [...a.holders, ...b.holders].every((holder) => holder === "free");
  return {
    x: a.x,
    width: b.x + b.width - a.x,
    holders: [isFree ? "free" : "other"],
    first: a.first,
    last: b.last,
  };
}
