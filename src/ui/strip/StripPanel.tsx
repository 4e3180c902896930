import { useState } from "react";
import type { ChainView } from "../../workers/walletApi.ts";
import { Empty, Panel } from "../parts/Panel.tsx";
import { getPoint } from "../words/phase.ts";
import { formatRange } from "../words/strip.ts";
import { Strip } from "./Strip.tsx";
import { StripLegend } from "./StripLegend.tsx";
import { StripTable } from "./StripTable.tsx";
import { listLevels, type StripLevel } from "./stripLevels.ts";

const WIDE_SCREEN = "(min-width: 60rem)";

type StripPanelProps = {
  readonly chain: ChainView;
  /** All followed chains: a segment that is one of them widens into its strip. */
  readonly chains: readonly ChainView[];
  /** The contract to begin with; otherwise the reader's first, or the first of all. */
  readonly contractId?: string;
};

/** The strip of a chain and of those inside it, with legend and tables, moving together. */
export function StripPanel({ chain, chains, contractId }: StripPanelProps) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, bigint>>(new Map());
  const [isTableOpen] = useState(() => window.matchMedia(WIDE_SCREEN).matches);
  const levels = listLevels(chain, chains, chosen, contractId);
  const onSelect = ({ chain: { id, segments } }: StripLevel, index: number): void => {
    const lo = segments[index]?.lo;
    if (lo !== undefined) setChosen(new Map(chosen).set(id, lo));
  };
  if (chain.segments.length === 0) {
    return (
      <Panel title="Probability space">
        <Empty>The space is shown once this device has checked the chain’s first block.</Empty>
      </Panel>
    );
  }
  const spaceWidth = chain.hi - chain.lo;
  return (
    <Panel title="Probability space" aside={<StripLegend />}>
      <p className="hint">
        The strip is the space of this chain. One point is drawn for the whole prize, and who holds
        that point gets everything. A wider piece is a better chance.
        {chain.segments.some(({ crowd }) => crowd > 0) &&
          " There are more contracts here than this device keeps one by one: small ones of others are only counted. Yours are exact."}
      </p>
      <div className="strip-both">
        <Icicle levels={levels} spaceWidth={spaceWidth} onSelect={onSelect} />
        <div>
          {levels.map((level, depth) => (
            <details key={level.chain.id} className="strip-details" open={isTableOpen}>
              <summary>
                {depth === 0
                  ? "The same as a table"
                  : `${formatRange(level.chain.lo, level.chain.hi)} as a table`}
              </summary>
              <StripTable
                segments={level.chain.segments}
                spaceWidth={spaceWidth}
                selected={level.selected}
                onSelect={(index) => onSelect(level, index)}
              />
            </details>
          ))}
        </div>
      </div>
    </Panel>
  );
}

type IcicleProps = {
  readonly levels: readonly StripLevel[];
  readonly spaceWidth: bigint;
  readonly onSelect: (level: StripLevel, index: number) => void;
};

/** The first strip, and all others beneath the segment that they are inside of. */
function Icicle({ levels, spaceWidth, onSelect }: IcicleProps) {
  const [level, ...inner] = levels;
  if (level === undefined) return null;
  const [below] = inner;
  const { segments, lo, hi, phase } = level.chain;
  return (
    <Strip
      segments={segments}
      lo={lo}
      hi={hi}
      spaceWidth={spaceWidth}
      selected={level.selected}
      onSelect={(index) => onSelect(level, index)}
      point={getPoint(phase)}
      inside={
        below && {
          path: `/chain/${below.chain.id}`,
          strip: <Icicle levels={inner} spaceWidth={spaceWidth} onSelect={onSelect} />,
        }
      }
    />
  );
}
