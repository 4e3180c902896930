import type { ReactNode } from "react";
import { Link } from "wouter";
import { PRICE_PARTS } from "../../../protocol/limits.ts";
import type { PositionView } from "../../../workers/marketViews.ts";
import type { ChainView } from "../../../workers/walletApi.ts";
import { computeHolding } from "../../figures/holding.ts";
import { Amount } from "../../parts/Amount.tsx";
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Note.tsx";
import { Empty, Panel } from "../../parts/Panel.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { formatVeo } from "../../words/amount.ts";
import { outcomeWords } from "../../words/answer.ts";
import { formatChance, formatPercent } from "../../words/chance.ts";
import { actionNames, doneWords } from "../../words/contract.ts";

type PositionPanelProps = {
  readonly chain: ChainView;
  readonly positions: readonly PositionView[];
  /** Orders are taken, so that it can be sold. */
  readonly isOpen: boolean;
  /** Ids of contracts that can be redeemed now. */
  readonly redeemable: readonly string[];
  readonly onSell: (position: PositionView) => void;
};

/** What the reader holds on this outcome: what it cost, is worth, may win and lose. */
export function PositionPanel({
  chain,
  positions,
  isOpen,
  redeemable,
  onSell,
}: PositionPanelProps) {
  return (
    <Panel title="My positions here">
      {positions.length === 0 ? (
        <Empty>
          <p>
            {isOpen
              ? "None yet. What you buy stands here once this device has checked its block."
              : "You hold nothing of it."}
          </p>
        </Empty>
      ) : (
        <ul className="rows">
          {positions.map((position) => (
            <PositionItem
              key={position.side}
              chain={chain}
              position={position}
              redeemable={position.contractIds.filter((id) => redeemable.includes(id))}
              onSell={isOpen && position.outcome === "open" ? () => onSell(position) : undefined}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

type Fact = { readonly name: string; readonly value: ReactNode; readonly hint?: string };

/** What is decided for the reader becomes plain space again, all of it in one block. */
function RedeemButton({ contractIds }: { readonly contractIds: readonly string[] }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  return (
    <>
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      <Button
        isBusy={isBusy}
        onClick={() => void run(() => api.redeem(contractIds), doneWords.redeem)}
      >
        {actionNames.redeem}
      </Button>
    </>
  );
}

type PositionItemProps = {
  readonly chain: ChainView;
  readonly position: PositionView;
  readonly onSell: (() => void) | undefined;
  /** Those of its contracts that are decided for the reader, while the chain runs. */
  readonly redeemable: readonly string[];
};

function PositionItem({ chain, position, onSell, redeemable }: PositionItemProps) {
  const { side, quantity, cost, backIfBad, chance, outcome, contractIds } = position;
  const { value, expected, canWin } = computeHolding(position, chain);
  const prize = chain.prize.amount;
  const unknown = "not known before the first batch";
  const paid = {
    name: "Cost",
    value: cost === undefined ? "not known here" : <Amount satoshi={cost} />,
  };
  const worth = {
    name: "Expected value",
    value: expected === undefined ? unknown : <Amount satoshi={expected} />,
    hint: "after the operator’s share",
  };
  const ways = [
    {
      name: "If right, you hold",
      value: <Amount satoshi={quantity} />,
      hint: `wins ${formatVeo(canWin)}, ${formatChance(quantity, prize)}`,
    },
    {
      name: "If wrong, you lose",
      value: cost === undefined ? "all of it" : <Amount satoshi={cost} />,
      hint: `a bad question gives back ${formatVeo(backIfBad)}`,
    },
  ];
  const now = [
    { name: "Value now", value: value === undefined ? unknown : <Amount satoshi={value} /> },
    {
      name: `Chance of ${side}`,
      value: chance === undefined ? unknown : formatPercent(BigInt(chance), BigInt(PRICE_PARTS)),
    },
  ];
  // What is decided has no chance any more, and no price.
  const shown: readonly Fact[] =
    outcome === "open" ? [paid, ...now, worth, ...ways] : [paid, worth];
  return (
    <li className="row position">
      <div className="position-head">
        <p className="row-title">
          <Link href={`/contract/${contractIds[0]}`}>
            {formatVeo(quantity)} of {side}
          </Link>
          {outcomeWords[outcome]}
        </p>
        {onSell !== undefined && <Button onClick={onSell}>Sell {side}</Button>}
        {redeemable.length > 0 && <RedeemButton contractIds={redeemable} />}
      </div>
      <dl className="card-facts">
        {shown.map(({ name, value: figure, hint }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {figure}
              {hint !== undefined && <span className="row-hint fact-hint">{hint}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </li>
  );
}
