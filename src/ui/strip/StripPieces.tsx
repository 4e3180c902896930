import { useId } from "react";
import type { Holder, StripPiece } from "./layoutStrip.ts";

type StripPiecesProps = {
  readonly pieces: readonly StripPiece[];
  readonly height: number;
  readonly selected: number;
};

/** The pieces of a strip as rectangles, a layer for each outcome, the selected one framed. */
export function StripPieces({ pieces, height, selected }: StripPiecesProps) {
  const hatchId = useId();
  const framed = pieces.find((piece) => piece.first <= selected && selected <= piece.last);
  return (
    <>
      <HatchPattern id={hatchId} />
      {pieces.map((piece) => (
        <g key={piece.first}>
          {piece.holders.map((holder, layer) => {
            const layerHeight = height / piece.holders.length;
            const box = {
              x: piece.x,
              y: layer * layerHeight,
              width: Math.max(0, piece.width - (piece.width > 3 ? 1 : 0)),
              height: Math.max(0, layerHeight - (piece.holders.length > 1 ? 1 : 0)),
            };
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: the layers of a piece have no other name
              <HolderBox key={layer} holder={holder} box={box} hatchId={hatchId} />
            );
          })}
        </g>
      ))}
      {framed !== undefined && (
        <rect
          className="strip-frame"
          x={framed.x}
          y={0}
          width={Math.max(2, framed.width)}
          height={height}
        />
      )}
    </>
  );
}

type HolderBoxProps = {
  readonly holder: Holder;
  readonly box: { x: number; y: number; width: number; height: number };
  readonly hatchId: string;
};

function HolderBox({ holder, box, hatchId }: HolderBoxProps) {
  return (
    <>
      <rect className={`strip-${holder}`} {...box} />
      {holder === "free" && <rect {...box} fill={`url(#${hatchId})`} />}
    </>
  );
}

/** The hatching of free space. */
export function HatchPattern({ id }: { readonly id: string }) {
  return (
    <defs>
      <pattern id={id} width={6} height={6} patternUnits="userSpaceOnUse">
        <path className="strip-hatch" d="M-1 7 7 -1M-1 1 1 -1M5 7 7 5" />
      </pattern>
    </defs>
  );
}
