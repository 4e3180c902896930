import type { ReactNode } from "react";
import { Link } from "wouter";
import type { LayerView, SegmentView } from "../../workers/walletApi.ts";
import { formatVeo } from "../words/amount.ts";
import { formatChance } from "../words/chance.ts";
import { describeLayers, formatRange, nameHolder } from "../words/strip.ts";

const JOIN_HEIGHT = 26;

/** A strip beneath another, and the path of its chain's screen. */
export type InsideStrip = { readonly path: string; readonly strip: ReactNode };

type StripLensProps = {
  readonly segment: SegmentView;
  /** The segment's edges on the strip above, pixels. */
  readonly left: number;
  readonly right: number;
  readonly width: number;
  readonly spaceWidth: bigint;
  readonly point: bigint | undefined;
  readonly inside: InsideStrip | undefined;
};

/** The selected segment widened to the whole width: its layers in words, and its own strip if it is a chain. */
export function StripLens(props: StripLensProps) {
  const { segment, left, right, width, spaceWidth, point, inside } = props;
  const isHit = point !== undefined && segment.lo <= point && point < segment.hi;
  return (
    <div className="lens">
      <svg
        className="lens-join"
        width={width}
        height={JOIN_HEIGHT}
        aria-hidden="true"
        focusable="false"
      >
        <path className="lens-beam" d={`M${left} 0H${right}L${width - 0.5} ${JOIN_HEIGHT}H0.5z`} />
        <path
          className="lens-line"
          d={`M${left} 0 0.5 ${JOIN_HEIGHT}M${right} 0 ${width - 0.5} ${JOIN_HEIGHT}`}
        />
      </svg>
      <div className="lens-body">
        <ul className="lens-layers">
          {segment.layers.map((layer, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the layers of a segment have no other name
            <LensLayer key={index} layer={layer} />
          ))}
          {segment.crowd > 0 && (
            <li className="lens-layer" data-holder="other">
              <span>{describeLayers(segment)}</span>
            </li>
          )}
        </ul>
        <p className="lens-words">
          <span>{formatRange(segment.lo, segment.hi)}</span>
          <span>{formatVeo(segment.hi - segment.lo)} of the space</span>
          <span>{formatChance(segment.hi - segment.lo, spaceWidth)}</span>
          {isHit && <strong>The point fell here.</strong>}
          {inside !== undefined && <Link href={inside.path}>Open chain</Link>}
        </p>
        {inside?.strip}
      </div>
    </div>
  );
}

function LensLayer({ layer }: { readonly layer: LayerView }) {
  const words = `${nameHolder(layer)}${layer.when === "" ? "" : ` ${layer.when}`}`;
  const holder = layer.contractId === undefined ? "free" : layer.isMine ? "mine" : "other";
  return (
    <li className="lens-layer" data-holder={holder}>
      <span>{words}</span>
      {layer.isMine && layer.contractId !== undefined && (
        <Link href={`/contract/${layer.contractId}`}>Open contract</Link>
      )}
    </li>
  );
}
