import type { KeyboardEvent, PointerEvent } from "react";
import type { SegmentView } from "../../workers/walletApi.ts";
import { formatVeo } from "../words/amount.ts";
import { describeSegment } from "../words/strip.ts";
import { DrawMarker } from "./DrawMarker.tsx";
import { findSegmentAt, layoutStrip, placeOnStrip } from "./layoutStrip.ts";
import { type InsideStrip, StripLens } from "./StripLens.tsx";
import { StripPieces } from "./StripPieces.tsx";
import { stepStrip } from "./stepStrip.ts";
import { useWidth } from "./useWidth.ts";

/** Pixels above the strip that the draw marker falls through, and the strip's own height. */
const HEADROOM = 22;
const STRIP_HEIGHT = 56;

type StripProps = {
  readonly segments: readonly SegmentView[];
  /** The range of the whole strip, satoshi. */
  readonly lo: bigint;
  readonly hi: bigint;
  /** The width that all chances are of, satoshi. */
  readonly spaceWidth: bigint;
  /** Index of the segment that is widened beneath, or -1 where there is none. */
  readonly selected: number;
  readonly onSelect: (index: number) => void;
  /** The drawn point, once it is known. */
  readonly point: bigint | undefined;
  /** The chain that the selected segment is: where its screen is, and its strip. */
  readonly inside: InsideStrip | undefined;
};

/**
 * A chain's probability space. One control with arrow keys; the selected segment widens into a strip
 * of its own beneath, joined by two fine lines.
 */
export function Strip(props: StripProps) {
  const { segments, lo, hi, spaceWidth, selected, onSelect, point, inside } = props;
  const [frame, width] = useWidth();
  const pieces = layoutStrip(segments, lo, hi, width);
  const segment = segments[selected];
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = stepStrip(event.key, selected, segments);
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
  };
  const onPointerDown = (event: PointerEvent): void => {
    const left = event.currentTarget.getBoundingClientRect().left;
    const index = findSegmentAt(pieces, event.clientX - left);
    if (index !== undefined) onSelect(index);
  };
  const edge = (at: bigint): number => placeOnStrip(at, lo, hi, width);
  return (
    <div className="strip" ref={frame}>
      <div
        className="strip-control"
        role="slider"
        tabIndex={0}
        aria-label="Probability space, segment by segment"
        aria-valuemin={1}
        aria-valuemax={Math.max(1, segments.length)}
        aria-valuenow={Math.max(1, selected + 1)}
        aria-valuetext={segment === undefined ? "no segment" : describeSegment(segment, spaceWidth)}
        onKeyDown={onKeyDown}
        onPointerDown={onPointerDown}
      >
        <svg width={width} height={HEADROOM + STRIP_HEIGHT} aria-hidden="true" focusable="false">
          <g transform={`translate(0 ${HEADROOM})`}>
            <StripPieces pieces={pieces} height={STRIP_HEIGHT} selected={selected} />
          </g>
          {point !== undefined && lo <= point && point < hi && (
            <DrawMarker x={edge(point)} tip={HEADROOM} foot={HEADROOM + STRIP_HEIGHT} />
          )}
        </svg>
      </div>
      <div className="strip-axis" aria-hidden="true">
        <span>{formatVeo(lo)}</span>
        <span>{formatVeo((lo + hi) / 2n)}</span>
        <span>{formatVeo(hi)}</span>
      </div>
      {segment !== undefined && (
        <StripLens
          segment={segment}
          left={edge(segment.lo)}
          right={edge(segment.hi)}
          width={width}
          spaceWidth={spaceWidth}
          point={point}
          inside={inside}
        />
      )}
    </div>
  );
}
