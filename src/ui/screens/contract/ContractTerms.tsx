import type { ContractView } from "../../../workers/walletApi.ts";
import { Facts } from "../../parts/Facts.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { formatBytes } from "../../words/names.ts";

const outcomeWords = {
  open: "not decided",
  for: "came out for you",
  against: "came out against you",
} as const;

/** Conditions, script and signatures: what was agreed, as both have it. */
export function ContractTerms({ contract }: { readonly contract: ContractView }) {
  return (
    <Panel title="Terms">
      <ul className="conditions">
        {contract.conditions.map((condition) => (
          <li key={condition.words} data-outcome={condition.outcome}>
            <span>{condition.words}</span>
            <span className="state-word" data-state={condition.outcome}>
              {outcomeWords[condition.outcome]}
            </span>
          </li>
        ))}
        {contract.conditions.length === 0 && (
          <li>No conditions: the space is yours whatever happens.</li>
        )}
      </ul>
      <Facts
        facts={[
          {
            name: "State number",
            value: contract.nonce,
            hint: "the higher one replaces the lower",
          },
          { name: "Signed by", value: nameSigners(contract) },
          {
            name: "Proof",
            value: contract.proofBytes === 0 ? "none yet" : formatBytes(contract.proofBytes),
            hint: "all that is needed to show that this range is yours",
          },
        ]}
      />
      <details className="receipt">
        <summary>The script</summary>
        <pre className="script">{contract.script}</pre>
      </details>
    </Panel>
  );
}

function nameSigners({ signedBy, nonce }: ContractView): string {
  if (signedBy.length === 2) return "you and the operator";
  if (signedBy[0] === "you") return "you; the operator has not yet";
  if (signedBy[0] === "operator") return "the operator; you have not yet";
  return nonce === 0 ? "nobody; the first terms need no signature" : "nobody yet";
}
