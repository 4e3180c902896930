import type { ReactNode } from "react";

type Fact = { readonly name: string; readonly value: ReactNode; readonly hint?: string };

/** Names and figures in two columns. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(({ name, value, hint }) => (
        <div key={name} className="fact">
          <dt>
            {name}
            {hint !== undefined && <span className="fact-hint">{hint}</span>}
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
