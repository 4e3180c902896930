import { isBuy } from "../../../protocol/price.ts";
import type { OrderView } from "../../../workers/marketViews.ts";
import type { ChainView } from "../../../workers/walletApi.ts";
import { keepBack, type OrderTicket } from "../../figures/orderTicket.ts";
import { Amount } from "../../parts/Amount.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { formatVeo } from "../../words/amount.ts";
import { formatChance, formatPercent } from "../../words/chance.ts";
import { nameAnswer } from "../../words/order.ts";

type OrderFactsProps = {
  readonly side: OrderView["side"];
  readonly ticket: OrderTicket;
  readonly chain: ChainView;
  /** What the position that is sold has cost; undefined where it is not known, and to buy. */
  readonly cost: bigint | undefined;
};

/** What an order may cost, bring and lose, and how likely that is. */
export function OrderFacts(props: OrderFactsProps) {
  return isBuy(props.side) ? <BuyFacts {...props} /> : <SellFacts {...props} />;
}

function BuyFacts({ side, ticket, chain }: OrderFactsProps) {
  const answer = nameAnswer(side);
  const other = answer === "yes" ? "no" : "yes";
  const prize = chain.prize.amount;
  const { money, holds, gains, expected } = ticket;
  return (
    <>
      <Ways
        good={{
          name: `If ${answer} is right, you win`,
          sign: "+",
          amount: gains,
          hint: `at least: you then hold ${formatVeo(holds)}`,
        }}
        bad={{
          name: `If ${other} is right, you lose`,
          sign: "−",
          amount: money,
          hint: "at most: what you paid",
        }}
      />
      <Facts
        facts={[
          {
            name: "You pay at most",
            value: <Amount satoshi={money} />,
            hint: "of your space in this chain; less if the batch’s price is better",
          },
          {
            name: `Chance, if ${answer} is right`,
            value: formatChance(holds, prize),
            hint: `of the prize, ${formatVeo(keepBack(prize, chain.depositBps))} after the operator’s share of ${formatPercent(BigInt(chain.depositBps), 10_000n)}`,
          },
          { name: "Chance as of now", value: formatChance(money, prize) },
          ...(expected === undefined
            ? []
            : [
                {
                  name: "Expected value",
                  value: <Amount satoshi={expected} />,
                  hint: "at the newest price, after the operator’s share",
                },
              ]),
          { name: "If the question is bad", value: "you get back what you paid" },
        ]}
      />
    </>
  );
}

function SellFacts({ side, ticket, cost }: OrderFactsProps) {
  const { money, holds, expected } = ticket;
  const against = cost === undefined ? undefined : money - cost;
  return (
    <Facts
      facts={[
        {
          name: "You get at least",
          value: <Amount satoshi={money} />,
          hint: "as plain space of this chain; more if the batch’s price is better",
        },
        {
          name: "You give up",
          value: <Amount satoshi={holds} />,
          hint: `of space, if ${nameAnswer(side)} is right`,
        },
        ...(against === undefined
          ? []
          : [
              {
                name:
                  against < 0n ? "Loss against its cost, at most" : "Gain on its cost, at least",
                value: <Amount satoshi={against < 0n ? -against : against} />,
              },
            ]),
        ...(expected === undefined
          ? []
          : [
              {
                name: "Expected value if you keep it",
                value: <Amount satoshi={expected} />,
                hint: "at the newest price, after the operator’s share",
              },
            ]),
      ]}
    />
  );
}

type Way = {
  readonly name: string;
  readonly sign: "+" | "−";
  readonly amount: bigint;
  readonly hint: string;
};

/** The two ways it may end, side by side. */
function Ways({ good, bad }: { readonly good: Way; readonly bad: Way }) {
  return (
    <dl className="ways">
      {[good, bad].map(({ name, sign, amount, hint }) => (
        <div key={name} data-sign={sign}>
          <dt>{name}</dt>
          <dd>
            <span className="ways-amount">
              {sign}
              <Amount satoshi={amount} />
            </span>
            <span className="fact-hint">{hint}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
