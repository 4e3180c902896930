import type { KeyboardEvent, PointerEvent } from "react";
import type { TradeView } from "../../../workers/marketViews.ts";
import {
  drawSteps,
  findNearest,
  layoutPrices,
  placePrice,
  scalePrices,
  stepBatch,
} from "../../figures/priceLine.ts";
import { useWidth } from "../../strip/useWidth.ts";
import { formatVeo, groupThousands } from "../../words/amount.ts";
import { formatPrice } from "../../words/price.ts";
import { formatAge } from "../../words/time.ts";

const HEIGHT = 176;
const VOLUME_HEIGHT = 40;
/** Pixels above and below, and on the right for the marks. */
const TOP = 10;
const GAP = 10;
const MARGIN = 40;
/** More batches than this are a line without dots. */
const DOTS_MAX = 60;

type PriceChartProps = {
  readonly trades: readonly TradeView[];
  readonly selected: number;
  readonly onSelect: (index: number) => void;
  readonly nowMs: number;
};

/** Prices as a line of steps, volumes as bars beneath. One control with arrow keys; the chosen batch is read out above. */
export function PriceChart({ trades, selected, onSelect, nowMs }: PriceChartProps) {
  const [frame, width] = useWidth();
  const inner = Math.max(0, width - MARGIN);
  const scale = scalePrices(trades.map(({ price }) => price));
  const box = { width: inner, height: HEIGHT, volumeHeight: VOLUME_HEIGHT };
  const points = layoutPrices(trades, scale, box);
  const chosen = trades[selected];
  const point = points[selected];
  const words = chosen === undefined ? "no batch" : describeTrade(chosen, nowMs);
  const foot = TOP + HEIGHT + GAP + VOLUME_HEIGHT;
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = stepBatch(event.key, selected, trades.length);
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
  };
  const onPointer = (event: PointerEvent): void => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const index = findNearest(points, event.clientX - left);
    if (index !== undefined) onSelect(index);
  };
  return (
    <div className="chart" ref={frame}>
      <p className="chart-readout">{words}</p>
      <div
        className="chart-control"
        role="slider"
        tabIndex={0}
        aria-label="Prices, batch by batch"
        aria-valuemin={1}
        aria-valuemax={trades.length}
        aria-valuenow={selected + 1}
        aria-valuetext={words}
        onKeyDown={onKeyDown}
        onPointerDown={onPointer}
        onPointerMove={onPointer}
      >
        <svg width={width} height={foot + 1} aria-hidden="true" focusable="false">
          <g transform={`translate(0 ${TOP})`}>
            {scale.marks.map((mark) => (
              <g key={mark} transform={`translate(0 ${placePrice(mark, scale, HEIGHT)})`}>
                <line className="chart-grid" x2={inner} />
                <text className="chart-mark" x={width} y={4} textAnchor="end">
                  {formatPrice(mark)}
                </text>
              </g>
            ))}
            {points.map(({ x, volume }, index) => (
              <rect
                key={trades[index]?.height}
                className="chart-volume"
                data-selected={index === selected}
                x={Math.min(inner - 2, Math.max(0, x - 1))}
                y={HEIGHT + GAP + VOLUME_HEIGHT - volume}
                width={2}
                height={volume}
              />
            ))}
            <path className="chart-line" d={`${drawSteps(points)}H${inner}`} />
            {points.length <= DOTS_MAX &&
              points.map(({ x, y }, index) => (
                <circle key={trades[index]?.height} className="chart-dot" cx={x} cy={y} r={2.5} />
              ))}
            {point !== undefined && (
              <>
                <line
                  className="chart-cursor"
                  x1={point.x}
                  x2={point.x}
                  y2={HEIGHT + GAP + VOLUME_HEIGHT}
                />
                <circle className="chart-chosen" cx={point.x} cy={point.y} r={5} />
              </>
            )}
          </g>
        </svg>
      </div>
      <p className="chart-axis" aria-hidden="true">
        <span>{trades[0] !== undefined && formatAge(trades[0].timeMs, nowMs)}</span>
        <span>bars: VEO traded in the batch</span>
      </p>
    </div>
  );
}

/** `0.62 in batch 812: 3 VEO, 2 min ago`. */
function describeTrade({ height, price, volume, timeMs }: TradeView, nowMs: number): string {
  return `${formatPrice(price)} in batch ${groupThousands(height)}: ${formatVeo(volume)} traded, ${formatAge(timeMs, nowMs)}`;
}
