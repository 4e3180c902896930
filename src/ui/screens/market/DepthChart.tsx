import { useId } from "react";
import type { BookView } from "../../../workers/marketViews.ts";
import { layoutDepth } from "../../figures/depth.ts";
import { useWidth } from "../../strip/useWidth.ts";
import { formatPrice } from "../../words/price.ts";

const HEIGHT = 84;

/** How much is asked for and offered up to each price, as two stairs; the table beneath says the same. */
export function DepthChart({ book }: { readonly book: BookView }) {
  const [frame, width] = useWidth();
  const hatchId = useId();
  const shape = layoutDepth(book, { width, height: HEIGHT });
  if (shape === undefined) return null;
  return (
    <div className="depth" ref={frame}>
      <svg width={width} height={HEIGHT} aria-hidden="true" focusable="false">
        <defs>
          <pattern
            id={hatchId}
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <line className="depth-hatch" y2="6" />
          </pattern>
        </defs>
        <path className="depth-bids" d={shape.bids} />
        <path className="depth-asks" d={shape.asks} />
        <path d={shape.asks} fill={`url(#${hatchId})`} />
      </svg>
      <p className="chart-axis" aria-hidden="true">
        <span>{formatPrice(shape.low)}</span>
        <span>to buy yes | to sell yes</span>
        <span>{formatPrice(shape.high)}</span>
      </p>
    </div>
  );
}
