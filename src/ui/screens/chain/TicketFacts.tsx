import type { Ticket } from "../../figures/ticket.ts";
import { Amount } from "../../parts/Amount.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { formatVeo } from "../../words/amount.ts";
import { formatChance, formatPercent } from "../../words/chance.ts";

type TicketFactsProps = {
  readonly ticket: Ticket;
  readonly prize: bigint;
  readonly depositBps: number;
  readonly side: "yes" | "no";
};

/** What a bet costs, what it may bring, and how likely that is. */
export function TicketFacts({ ticket, prize, depositBps, side }: TicketFactsProps) {
  return (
    <>
      <Facts
        facts={[
          { name: "You pay", value: <Amount satoshi={ticket.pays} /> },
          { name: "You can win", value: <Amount satoshi={ticket.canWin} /> },
          {
            name: `Chance, if ${side} is right`,
            value: formatChance(ticket.holdsIfRight, prize),
            hint: `you then hold ${formatVeo(ticket.holdsIfRight)} of the space`,
          },
          { name: "Chance as of now", value: formatChance(ticket.pays, prize) },
          { name: "Expected value", value: <Amount satoshi={ticket.expected} /> },
          {
            name: "Operator’s share",
            value: formatPercent(BigInt(depositBps), 10_000n),
            hint: `${formatVeo(ticket.operatorShare)} of the prize`,
          },
        ]}
      />
      <p className="hint">
        The price is what the operator offers. The wallet signs only terms that it has worked out
        itself, and pays only for space it has checked.
      </p>
    </>
  );
}
