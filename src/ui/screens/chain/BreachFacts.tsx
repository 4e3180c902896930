import type { VerdictView } from "../../../workers/walletApi.ts";
import { CopyText } from "../../parts/CopyText.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { groupThousands } from "../../words/amount.ts";
import { nameHost } from "../../words/names.ts";
import { describeRule } from "../../words/rules.ts";

type BreachFactsProps = {
  readonly chainId: string;
  readonly verdict: VerdictView & { readonly kind: "broken" };
};

/** Which rule broke, and where: chain, block, transaction. */
export function BreachFacts({ chainId, verdict }: BreachFactsProps) {
  const { culprit, rule, message, blockHeight, transactionIndex, lastRecord } = verdict;
  const where =
    culprit === undefined
      ? "this one"
      : `${culprit.label} above this one, run by ${nameHost(culprit.operatorUrl)}`.trim();
  return (
    <>
      <div className="broken-rule">
        <p>{describeRule(rule)}.</p>
        <code>{rule}</code>
        <span className="hint">{message}</span>
      </div>
      <Facts
        facts={[
          {
            name: "Chain",
            value: <CopyText text={culprit?.id ?? chainId} name="id of the chain at fault" />,
            hint: where,
          },
          { name: "Block", value: groupThousands(blockHeight) },
          {
            name: "Transaction",
            value:
              transactionIndex === undefined
                ? "the block as a whole"
                : `number ${groupThousands(transactionIndex + 1)}`,
          },
          {
            name: "Stands against",
            value:
              lastRecord === undefined
                ? "the chain’s beginning"
                : `record ${groupThousands(lastRecord)}`,
          },
        ]}
      />
    </>
  );
}
