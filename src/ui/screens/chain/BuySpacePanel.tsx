import { useState } from "react";
import type { ChainView, WalletSnapshot } from "../../../workers/walletApi.ts";
import { Button } from "../../parts/Button.tsx";
import { AmountField } from "../../parts/Field.tsx";
import { Form } from "../../parts/Form.tsx";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { formatVeo, parseAmount } from "../../words/amount.ts";
import { findRefusal } from "../../words/verdict.ts";

type BuySpacePanelProps = { readonly wallet: WalletSnapshot; readonly chain: ChainView };

/** Buy plain space of a chain: a share of the prize that hangs on nothing but the draw. */
export function BuySpacePanel({ wallet, chain }: BuySpacePanelProps) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const [typed, setTyped] = useState("");
  const [hasTried, setHasTried] = useState(false);
  if (chain.phase.kind !== "trading" || wallet.key.kind !== "unlocked") return null;
  const refusal = findRefusal(chain);
  const width = parseAmount(typed);
  const isOver = width.ok && width.value > wallet.balance.amount;
  const problem = width.ok
    ? isOver
      ? `You have ${formatVeo(wallet.balance.amount)} on the main chain.`
      : undefined
    : hasTried
      ? width.message
      : undefined;
  const submit = async (): Promise<void> => {
    setHasTried(true);
    if (!width.ok || isOver || refusal !== undefined) return;
    const isDone = await run(
      () => api.buySpace(chain.id, width.value),
      "Space asked for. The wallet pays once it has checked that it is posted under your name.",
    );
    if (!isDone) return;
    setTyped("");
    setHasTried(false);
  };
  return (
    <Panel title="Buy a share">
      <Form onSubmit={submit}>
        <AmountField
          label="Width of the space"
          value={typed}
          onChange={setTyped}
          hint={`1 VEO of space wins the whole ${formatVeo(chain.prize.amount)} with a chance that is worth 1 VEO. You can sell it, bet with it, or run a chain inside it.`}
          problem={problem}
        />
        {refusal !== undefined && <p className="refusal">{refusal}</p>}
        {failure !== undefined && <Note tone="danger">{failure}</Note>}
        <Button type="submit" isBusy={isBusy} isDisabled={refusal !== undefined}>
          Buy space
        </Button>
      </Form>
    </Panel>
  );
}
