type DrawMarkerProps = {
  readonly x: number;
  /** Where its tip rests, and where the line through the strip ends; pixels from the top. */
  readonly tip: number;
  readonly foot: number;
};

/** The drawn point: it falls onto the strip and stands there. */
export function DrawMarker({ x, tip, foot }: DrawMarkerProps) {
  return (
    <g transform={`translate(${x} 0)`}>
      <g className="draw-marker">
        <line x1={0} x2={0} y1={tip} y2={foot} />
        <path d={`M0 ${tip + 2} -7 ${tip - 14} 7 ${tip - 14}z`} />
      </g>
    </g>
  );
}
