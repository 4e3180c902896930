import type { ContractView } from "../../../workers/walletApi.ts";
import { Amount, FigureText } from "../../parts/Amount.tsx";
import { CopyText } from "../../parts/CopyText.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { formatVeo } from "../../words/amount.ts";
import { formatChance } from "../../words/chance.ts";
import { formatRange } from "../../words/strip.ts";

type ContractFactsProps = {
  readonly contract: ContractView;
  readonly prize: bigint | undefined;
};

/** Range, chance and value of a contract. */
export function ContractFacts({ contract, prize }: ContractFactsProps) {
  return (
    <Panel title="What it is worth">
      <Facts
        facts={[
          { name: "Expected value", value: <FigureText figure={contract.expected} /> },
          {
            name: "Chance of the prize",
            value: formatChance(contract.hi - contract.lo, contract.prizeWidth),
          },
          { name: "You paid", value: <Amount satoshi={contract.cost} /> },
          {
            name: "Range",
            value: formatRange(contract.lo, contract.hi),
            hint: `${formatVeo(contract.hi - contract.lo)} wide`,
          },
          { name: "Contract", value: <CopyText text={contract.id} name="contract id" /> },
        ]}
      />
      {prize !== undefined && (
        <p className="hint">
          Either it pays the whole prize of {formatVeo(prize)}, less the operator’s share, or
          nothing. Most people sell before the draw.
        </p>
      )}
    </Panel>
  );
}
