import { useId, useState } from "react";
import type { ChainView, MarketView, WalletSnapshot } from "../../../workers/walletApi.ts";
import { computeTicket, findStakeProblem } from "../../figures/ticket.ts";
import { Button } from "../../parts/Button.tsx";
import { AmountField } from "../../parts/Field.tsx";
import { Form } from "../../parts/Form.tsx";
import { Note } from "../../parts/Note.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { formatVeo, parseAmount } from "../../words/amount.ts";
import { SidePicker } from "./SidePicker.tsx";
import { TicketFacts } from "./TicketFacts.tsx";

type BetTicketProps = {
  readonly wallet: WalletSnapshot;
  readonly chain: ChainView;
  readonly market: MarketView;
  /** Why no bet can be placed now, or undefined. */
  readonly refusal: string | undefined;
};

/** Bet yes or no with a stake: what it costs and may bring is said before it is placed. */
export function BetTicket({ wallet, chain, market, refusal }: BetTicketProps) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const refusalId = useId();
  const [side, setSide] = useState<"yes" | "no">("yes");
  const [typed, setTyped] = useState("");
  const [hasTried, setHasTried] = useState(false);
  const stake = parseAmount(typed);
  const terms = { side, yesPercent: market.yesPercent, depositBps: chain.depositBps };
  const prize = chain.prize.amount;
  const ticket = stake.ok ? computeTicket({ ...terms, stake: stake.value, prize }) : undefined;
  const limit =
    ticket === undefined ? undefined : findStakeProblem(ticket, wallet.balance.amount, prize);
  const limitWords = {
    "over-balance": `You have ${formatVeo(wallet.balance.amount)} on the main chain.`,
    "over-prize": "Both stakes together would be more than the whole prize. Bet less.",
  };
  const isTyped = typed.trim() !== "";
  const problem = stake.ok
    ? limit && limitWords[limit]
    : hasTried || (isTyped && stake.code !== "NOT_AN_AMOUNT")
      ? stake.message
      : undefined;
  const submit = async (): Promise<void> => {
    setHasTried(true);
    if (!stake.ok || limit !== undefined || refusal !== undefined) return;
    const isDone = await run(
      () => api.placeBet(chain.id, market.id, side, stake.value),
      "Bet placed. It is listed under your positions.",
    );
    if (isDone) {
      setTyped("");
      setHasTried(false);
    }
  };
  return (
    <Form look="ticket" onSubmit={submit}>
      <SidePicker side={side} onChange={setSide} />
      <AmountField label="Stake" value={typed} onChange={setTyped} problem={problem} />
      {ticket === undefined ? (
        <p className="hint">
          You put your stake beside somebody else’s. Who is right owns both stakes’ part of the
          prize, and can sell it or hold it to the draw.
        </p>
      ) : (
        <TicketFacts ticket={ticket} prize={prize} depositBps={chain.depositBps} side={side} />
      )}
      {refusal !== undefined && (
        <p id={refusalId} className="refusal">
          {refusal}
        </p>
      )}
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      <Button
        type="submit"
        look="primary"
        isBusy={isBusy}
        isDisabled={refusal !== undefined}
        describedBy={refusal === undefined ? undefined : refusalId}
      >
        Place bet
      </Button>
    </Form>
  );
}
