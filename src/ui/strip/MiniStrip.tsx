import type { ChainView } from "../../workers/walletApi.ts";
import { formatVeo } from "../words/amount.ts";
import { getPoint } from "../words/phase.ts";
import { DrawMarker } from "./DrawMarker.tsx";
import { layoutStrip, placeOnStrip } from "./layoutStrip.ts";
import { StripPieces } from "./StripPieces.tsx";
import { useWidth } from "./useWidth.ts";

const HEADROOM = 18;
const HEIGHT = 20;
const NOTHING = -1;

type MiniStripProps = {
  readonly chain: ChainView;
  /** Index of the segment that is framed. */
  readonly selected?: number;
};

/** A chain's space at a glance, with the point once it is drawn; the chain's own screen has the strip to walk on. */
export function MiniStrip({ chain, selected = NOTHING }: MiniStripProps) {
  const { segments, lo, hi, phase } = chain;
  const [frame, width] = useWidth();
  if (segments.length === 0) return null;
  const point = getPoint(phase);
  const isShown = point !== undefined && lo <= point && point < hi;
  const top = isShown ? HEADROOM : 0;
  return (
    <div className="mini-strip" ref={frame}>
      <svg
        width={width}
        height={top + HEIGHT}
        role="img"
        aria-label={`The probability space${isShown ? `, with the point at ${formatVeo(point)}` : ""}`}
      >
        <g transform={`translate(0 ${top})`}>
          <StripPieces
            pieces={layoutStrip(segments, lo, hi, width)}
            height={HEIGHT}
            selected={selected}
          />
        </g>
        {isShown && (
          <DrawMarker
            x={placeOnStrip(point, lo, hi, width)}
            tip={HEADROOM}
            foot={HEADROOM + HEIGHT}
          />
        )}
      </svg>
    </div>
  );
}
