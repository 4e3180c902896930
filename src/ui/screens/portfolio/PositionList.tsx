import { Link } from "wouter";
import type { ContractView } from "../../../workers/walletApi.ts";
import { isDecidedAgainst, isInPlay } from "../../figures/outcomes.ts";
import { FigureText } from "../../parts/Amount.tsx";
import { formatChance } from "../../words/chance.ts";
import { kindWords, nameState } from "../../words/contract.ts";
import { addFigures } from "../../words/standing.ts";

/** Positions, those in play first; each leads to the screen of its first contract. */
export function PositionList({ contracts }: { readonly contracts: readonly ContractView[] }) {
  const positions = groupPositions(contracts);
  const sorted = positions.toSorted(([a], [b]) => Number(isInPlay(b)) - Number(isInPlay(a)));
  return (
    <ul className="rows">
      {sorted.map((position) => (
        <PositionRow key={position[0].id} position={position} />
      ))}
    </ul>
  );
}

/** The contracts of one position that stand alike, never none. */
type Position = readonly [ContractView, ...ContractView[]];

/** What was given up for something else is in its history, not among what is held. */
function groupPositions(contracts: readonly ContractView[]): Position[] {
  const groups = new Map<string, Position>();
  for (const contract of contracts) {
    if (contract.state === "closed") continue;
    // After the draw one half of a bet has won and the other has not: two rows again.
    const key = `${contract.positionId} ${contract.state}`;
    const group = groups.get(key);
    groups.set(key, group === undefined ? [contract] : [...group, contract]);
  }
  return [...groups.values()];
}

function PositionRow({ position }: { readonly position: Position }) {
  const [contract] = position;
  const width = position.reduce((sum, { lo, hi }) => sum + hi - lo, 0n);
  const expected = addFigures(position.map((each) => each.expected)) ?? contract.expected;
  return (
    <li className="row row-leads" data-faded={!isInPlay(contract) || isDecidedAgainst(contract)}>
      <div>
        <p className="row-title">
          <Link className="row-link" href={`/contract/${contract.id}`}>
            {contract.title}
          </Link>
        </p>
        <p className="row-hint">
          {kindWords[contract.kind]}, {nameState(contract)} ·{" "}
          {formatChance(width, contract.prizeWidth)}
          {position.length > 1 && `, on ${position.length} ranges`}
        </p>
      </div>
      <div className="row-figure">
        <FigureText figure={expected} />
      </div>
    </li>
  );
}
