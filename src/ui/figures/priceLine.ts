import type { TradeView } from "../../workers/marketViews.ts";

/** Where a batch stands in the picture, in pixels, and how high its volume is. */
export type PricePoint = { readonly x: number; readonly y: number; readonly volume: number };

/** Prices from `low` to `high`, in thousandths, with the marks between them. */
export type PriceScale = {
  readonly low: number;
  readonly high: number;
  readonly marks: readonly number[];
};

export type PriceBox = {
  readonly width: number;
  /** Of the line, and beneath it of the volumes. */
  readonly height: number;
  readonly volumeHeight: number;
};

const MARK_STEPS = [1, 2, 5, 10, 20, 50, 100, 200] as const;
const MARKS_MAX = 6;

/** A scale around all prices, with room above and below, on round marks. */
export function scalePrices(prices: readonly number[]): PriceScale {
  const least = Math.min(...prices);
  const most = Math.max(...prices);
  const room = Math.max(20, (most - least) * 0.15);
  const [from, to] = [Math.max(0, least - room), Math.min(1_000, most + room)];
  const step = MARK_STEPS.find((each) => (to - from) / each <= MARKS_MAX - 1) ?? 200;
  const low = Math.floor(from / step) * step;
  const high = Math.ceil(to / step) * step;
  const marks = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => {
    return low + index * step;
  });
  return { low, high, marks };
}

/** Lay the batches out by their times; where all are of one time, by their order. */
export function layoutPrices(
  trades: readonly TradeView[],
  scale: PriceScale,
  { width, height, volumeHeight }: PriceBox,
): PricePoint[] {
  const [from, to] = [trades[0]?.timeMs ?? 0, trades.at(-1)?.timeMs ?? 0];
  const largest = trades.reduce((most, { volume }) => (volume > most ? volume : most), 1n);
  return trades.map(({ timeMs, price, volume }, index) => {
    const share =
      to > from
        ? Math.min(1, Math.max(0, (timeMs - from) / (to - from)))
        : index / Math.max(1, trades.length - 1);
    return {
      x: share * width,
      y: placePrice(price, scale, height),
      volume: (Number((volume * 1_000n) / largest) / 1_000) * volumeHeight,
    };
  });
}

export function placePrice(price: number, { low, high }: PriceScale, height: number): number {
  return height - ((price - low) / (high - low)) * height;
}

/** A line that stays at a price until the next batch changes it. */
export function drawSteps(points: readonly PricePoint[]): string {
  return points
    .map(({ x, y }, index) =>
      index === 0 ? `M${round(x)} ${round(y)}` : `H${round(x)}V${round(y)}`,
    )
    .join("");
}

/** Index of the batch nearest to a place, or undefined where there is none. */
export function findNearest(points: readonly PricePoint[], x: number): number | undefined {
  let best: number | undefined;
  points.forEach((point, index) => {
    if (best === undefined || Math.abs(point.x - x) < Math.abs((points[best]?.x ?? 0) - x)) {
      best = index;
    }
  });
  return best;
}

/** The batch that a key leads to from `at`; undefined for keys that are not the chart's. */
export function stepBatch(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return Math.min(count - 1, at + 1);
    case "ArrowLeft":
    case "ArrowDown":
      return Math.max(0, at - 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
