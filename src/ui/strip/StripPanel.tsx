import { useState } from "react";
import type { ChainView } from "../../workers/walletApi.ts";
import { Empty, Panel } from "../parts/Panel.tsx";
import { getPoint } from "../words/phase.ts";
import { Strip } from "./Strip.tsx";
import { StripLegend } from "./StripLegend.tsx";
import { StripTable } from "./StripTable.tsx";
import { isMine } from "./stepStrip.ts";

const WIDE_SCREEN = "(min-width: 60rem)";

type StripPanelProps = {
  readonly chain: ChainView;
  /** The contract to begin with; otherwise the reader's first, or the first of all. */
  readonly contractId?: string;
};

/** The strip of a chain with its legend and its table, moving together. */
export function StripPanel({ chain, contractId }: StripPanelProps) {
  const { segments, lo, hi } = chain;
  const [choice, setChoice] = useState<bigint>();
  const [isTableOpen] = useState(() => window.matchMedia(WIDE_SCREEN).matches);
  const chosen = segments.findIndex((segment) => segment.lo === choice);
  const selected = chosen >= 0 ? chosen : findFirst(chain, contractId);
  const onSelect = (index: number): void => setChoice(segments[index]?.lo);
  if (segments.length === 0) {
    return (
      <Panel title="Probability space">
        <Empty>The space is shown once this device has checked the chain’s first block.</Empty>
      </Panel>
    );
  }
  return (
    <Panel title="Probability space" aside={<StripLegend />}>
      <p className="hint">
        The whole strip is the prize. One point of it is drawn, and who holds that point gets
        everything. A wider piece is a better chance.
      </p>
      <div className="strip-both">
        <Strip
          segments={segments}
          lo={lo}
          hi={hi}
          selected={selected}
          onSelect={onSelect}
          point={getPoint(chain.phase)}
        />
        <details className="strip-details" open={isTableOpen}>
          <summary>The same as a table</summary>
          <StripTable
            segments={segments}
            spaceWidth={hi - lo}
            selected={selected}
            onSelect={onSelect}
          />
        </details>
      </div>
    </Panel>
  );
}

function findFirst(chain: ChainView, contractId: string | undefined): number {
  const point = getPoint(chain.phase);
  const wanted = [
    chain.segments.findIndex((segment) =>
      segment.layers.some((layer) => contractId !== undefined && layer.contractId === contractId),
    ),
    chain.segments.findIndex(
      (segment) => point !== undefined && segment.lo <= point && point < segment.hi,
    ),
    chain.segments.findIndex(isMine),
  ];
  return wanted.find((index) => index >= 0) ?? 0;
}
