import type { ChainView, NetworkView } from "../../../workers/walletApi.ts";
import { groupThousands } from "../../words/amount.ts";
import { phaseSteps } from "../../words/phase.ts";
import { estimateMs, formatMoment } from "../../words/time.ts";

type LifeLineProps = { readonly chain: ChainView; readonly network: NetworkView };

/** The phases of a chain one after another, each with the block at which it ends and the time that this is expected. */
export function LifeLine({ chain, network }: LifeLineProps) {
  const here = phaseSteps.findIndex(({ kind }) => kind === chain.phase.kind);
  return (
    <div>
      <ol className="life-line" aria-label="Phases">
        {phaseSteps.map(({ kind, title }, index) => {
          const when = index < here ? "past" : index === here ? "now" : "later";
          return (
            <li key={kind} data-when={when} aria-current={index === here ? "step" : undefined}>
              <span className="life-title">{title}</span>
              <LifeTime chain={chain} kind={kind} when={when} network={network} />
            </li>
          );
        })}
      </ol>
      <p className="hint">
        A phase ends with the block that stands by it; times are expected ones.
      </p>
    </div>
  );
}

type When = "past" | "now" | "later";

type LifeTimeProps = LifeLineProps & {
  readonly kind: (typeof phaseSteps)[number]["kind"];
  readonly when: When;
};

/** When a phase ends, in blocks, and the time that this is expected at. */
function LifeTime({ chain: { schedule }, kind, when, network }: LifeTimeProps) {
  if (kind === "paid" && when === "now") return <span className="life-when">done</span>;
  const height = {
    trading: schedule.expiry,
    drawing: schedule.drawn,
    claims: schedule.claimsEnd,
    disputes: schedule.quiet,
    paid: schedule.quiet,
  }[kind];
  const block = `block ${groupThousands(height)}`;
  // A chain that has ended keeps no record of how long others could object.
  if (kind === "disputes" && when === "past") return <span className="life-when">over</span>;
  if (when === "past") return <span className="life-when">{block}</span>;
  if (height <= network.height) return <span className="life-when">over since {block}</span>;
  return (
    <span className="life-when">
      <span>
        <span className="life-word">{kind === "paid" ? "from " : "until "}</span>
        {block}
        <span className="life-word">,</span>
      </span>{" "}
      <span>{formatMoment(estimateMs(height, network))}</span>
    </span>
  );
}
