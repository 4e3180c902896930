import type { RehearsalView } from "../../workers/disputeViews.ts";
import { Amount } from "./Amount.tsx";
import { Facts } from "./Facts.tsx";
import { Icon } from "./Icon.tsx";
import { Note } from "./Note.tsx";

type RehearsalFactsProps = {
  /** Undefined while it is under way. */
  readonly rehearsal: RehearsalView | undefined;
  /** What the reward is, and when it comes. */
  readonly rewardHint: string;
  /** When the deposit comes back. */
  readonly depositHint?: string;
  /** Whether it counts only up to some block: then the wallet offers more for it while full blocks leave it out. */
  readonly isUrgent: boolean;
};

const FEES = "fees to the miner, gone";
const URGENT_FEES = `${FEES}; if full blocks leave it out, the wallet offers more, at most half of the smallest deposit of a claim`;

const CLAIM_DEPOSIT = "comes back at the end, unless somebody shows that the claim is wrong";

/** What a transaction would cost and bring, before it is sent. */
export function RehearsalFacts({
  rehearsal,
  rewardHint,
  depositHint = CLAIM_DEPOSIT,
  isUrgent,
}: RehearsalFactsProps) {
  if (rehearsal === undefined) {
    return (
      <p className="hint" role="status">
        This device tries it out first, with the main chain’s own rules…
      </p>
    );
  }
  switch (rehearsal.kind) {
    case "succeeds":
      return (
        <Costs
          rehearsal={rehearsal}
          rewardHint={rewardHint}
          depositHint={depositHint}
          costHint={isUrgent ? URGENT_FEES : FEES}
        />
      );
    case "fails":
      return (
        <Note tone="danger">
          <p>
            Tried out on this device, the main chain would refuse it now: {rehearsal.message} (
            {rehearsal.code}). Nothing is sent.
          </p>
        </Note>
      );
    case "incomplete":
      return (
        <Note tone="waiting">
          <p>What it costs, and whether it succeeds, cannot be said now: {rehearsal.missing}.</p>
        </Note>
      );
  }
}

type CostsProps = {
  readonly rehearsal: RehearsalView & { readonly kind: "succeeds" };
  readonly rewardHint: string;
  readonly depositHint: string;
  readonly costHint: string;
};

function Costs({ rehearsal, rewardHint, depositHint, costHint }: CostsProps) {
  const { cost, deposit, reward } = rehearsal;
  const facts = [
    { name: "It costs", value: <Amount satoshi={cost} />, hint: costHint },
    ...(deposit === 0n
      ? []
      : [
          {
            name: "Deposit",
            value: <Amount satoshi={deposit} />,
            hint: depositHint,
          },
        ]),
    ...(reward === 0n
      ? []
      : [{ name: "It brings", value: <Amount satoshi={reward} />, hint: rewardHint }]),
  ];
  return (
    <div className="rehearsal">
      <p className="rehearsal-verdict">
        <Icon name="verified" />
        Tried out on this device: it will succeed.
      </p>
      <Facts facts={facts} />
    </div>
  );
}
