import type { BookView, LevelView } from "../../workers/marketViews.ts";

export type DepthBox = { readonly width: number; readonly height: number };

/** The depth of a book as two stairs, each an area from its best price outwards; `low` and `high` in thousandths of `yes`. */
export type DepthShape = {
  readonly low: number;
  readonly high: number;
  readonly bids: string;
  readonly asks: string;
};

/** Prices that the picture shows on each side of the best ones, at least. */
const ROOM = 50;

/** Undefined for an empty book. */
export function layoutDepth(
  { bids, asks }: Pick<BookView, "bids" | "asks">,
  { width, height }: DepthBox,
): DepthShape | undefined {
  const all = [...bids, ...asks];
  if (all.length === 0) return undefined;
  const prices = all.map(({ price }) => price);
  const low = Math.max(0, Math.min(...prices) - ROOM);
  const high = Math.min(1_000, Math.max(...prices) + ROOM);
  const most = all.reduce((largest, { total }) => (total > largest ? total : largest), 1n);
  const place = (price: number) => ((price - low) / (high - low)) * width;
  const tall = (total: bigint) => height - (Number((total * 1_000n) / most) / 1_000) * height;
  return {
    low,
    high,
    bids: drawStairs(bids, 0, height, place, tall),
    asks: drawStairs(asks, width, height, place, tall),
  };
}

function drawStairs(
  levels: readonly LevelView[],
  edge: number,
  height: number,
  place: (price: number) => number,
  tall: (total: bigint) => number,
): string {
  const [best] = levels;
  if (best === undefined) return "";
  const stairs = levels.map(({ total }, index) => {
    const next = levels[index + 1];
    const end = next === undefined ? edge : place(next.price);
    return `V${round(tall(total))}H${round(end)}`;
  });
  return `M${round(place(best.price))} ${height}${stairs.join("")}V${height}Z`;
}

/** How much of the bar a level fills, in percent: all lots up to it of the most that either side has. */
export function fillLevel(total: bigint, { bids, asks }: Pick<BookView, "bids" | "asks">): number {
  const deepest = [bids.at(-1), asks.at(-1)].reduce(
    (most, level) => (level !== undefined && level.total > most ? level.total : most),
    1n,
  );
  return Number((total * 1_000n) / deepest) / 10;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
