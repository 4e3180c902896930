import { useState } from "react";
import type { ContractView, QuoteView } from "../../../workers/walletApi.ts";
import { Amount } from "../../parts/Amount.tsx";
import { Button } from "../../parts/Button.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { Note } from "../../parts/Note.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { actionGists, actionNames, doneWords } from "../../words/contract.ts";
import { shorten } from "../../words/names.ts";

type SellActionProps = {
  readonly contract: ContractView;
  readonly isFirst: boolean;
  readonly onOpen: (isOpen: boolean) => void;
};

/** Ask for a price, see it, then agree or keep the position. */
export function SellAction({ contract, isFirst, onOpen }: SellActionProps) {
  const api = useWalletApi();
  const asking = useAction();
  const selling = useAction();
  const [quote, setQuote] = useState<QuoteView>();
  const show = (shown: QuoteView | undefined): void => {
    setQuote(shown);
    onOpen(shown !== undefined);
  };
  const ask = async (): Promise<void> => {
    await asking.run(async () => {
      const answer = await api.quoteSale(contract.id);
      if (!("quote" in answer)) return answer;
      show(answer.quote);
      return { ok: true };
    });
  };
  const confirm = async (agreed: QuoteView): Promise<void> => {
    if (await selling.run(() => api.sell(agreed), doneWords.sell)) show(undefined);
  };
  if (quote === undefined) {
    return (
      <>
        <p>{actionGists.sell}</p>
        {asking.failure !== undefined && <Note tone="danger">{asking.failure}</Note>}
        <Button
          look={isFirst ? "primary" : "plain"}
          isBusy={asking.isBusy}
          onClick={() => void ask()}
        >
          {actionNames.sell}
        </Button>
      </>
    );
  }
  return (
    <div className="quote">
      <h3>The offer</h3>
      <Facts facts={listQuoteFacts(quote, contract)} />
      <p className="hint">
        If you agree, the position goes to the buyer once his payment is recorded on the main chain.
        Until then it stays yours.
      </p>
      {selling.failure !== undefined && <Note tone="danger">{selling.failure}</Note>}
      <div className="button-row">
        <Button
          look={isFirst ? "primary" : "plain"}
          isBusy={selling.isBusy}
          onClick={() => void confirm(quote)}
        >
          Confirm sale
        </Button>
        <Button look="quiet" onClick={() => show(undefined)}>
          Keep it
        </Button>
      </div>
    </div>
  );
}

function listQuoteFacts(quote: QuoteView, contract: ContractView) {
  const contracts = quote.contractIds.length;
  return [
    { name: "You get", value: <Amount satoshi={quote.price} /> },
    {
      name: "Expected value of this contract",
      value: <Amount satoshi={contract.expected.amount} />,
    },
    { name: "Sold together", value: contracts === 1 ? "this contract" : `${contracts} contracts` },
    { name: "Buyer", value: <code title={quote.buyer}>{shorten(quote.buyer)}</code> },
  ];
}
