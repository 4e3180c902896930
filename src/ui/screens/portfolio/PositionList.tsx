import { Link } from "wouter";
import type { ContractView } from "../../../workers/walletApi.ts";
import { isInPlay } from "../../figures/outcomes.ts";
import { FigureText } from "../../parts/Amount.tsx";
import { kindWords, stateWords } from "../../words/contract.ts";

/** Contracts, those in play first; each leads to its own screen. */
export function PositionList({ contracts }: { readonly contracts: readonly ContractView[] }) {
  // What was given up for something else is in its history, not among what is held.
  const shown = contracts.filter(({ state }) => state !== "closed");
  const sorted = [...shown].sort((a, b) => Number(isInPlay(b)) - Number(isInPlay(a)));
  return (
    <ul className="rows">
      {sorted.map((contract) => (
        <li key={contract.id} className="row" data-faded={!isInPlay(contract)}>
          <div>
            <p className="row-title">
              <Link className="row-link" href={`/contract/${contract.id}`}>
                {contract.title}
              </Link>
            </p>
            <p className="row-hint">
              {kindWords[contract.kind]}, {stateWords[contract.state]} · {contract.chanceWords}
            </p>
          </div>
          <div className="row-figure">
            <FigureText figure={contract.expected} />
          </div>
        </li>
      ))}
    </ul>
  );
}
