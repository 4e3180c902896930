import type { NetworkView, PhaseView } from "../../workers/walletApi.ts";
import { describePhase, phaseSteps } from "../words/phase.ts";

type TimelineProps = { readonly phase: PhaseView; readonly network: NetworkView };

/** The life of a chain in five steps, the present one in words. */
export function Timeline({ phase, network }: TimelineProps) {
  const here = phaseSteps.findIndex((step) => step.kind === phase.kind);
  return (
    <section className="timeline" aria-label="Life of the chain">
      <ol>
        {phaseSteps.map((step, index) => (
          <li
            key={step.kind}
            data-when={index < here ? "past" : index === here ? "now" : "later"}
            aria-current={index === here ? "step" : undefined}
          >
            <span className="timeline-title">{step.title}</span>
            <span className="timeline-gist">{step.gist}</span>
          </li>
        ))}
      </ol>
      <p>{describePhase(phase, network)}</p>
    </section>
  );
}
