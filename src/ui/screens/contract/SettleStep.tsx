import { useState } from "react";
import type {
  ActionResult,
  ContractView,
  SettleAction,
  WalletApi,
  WalletSnapshot,
} from "../../../workers/walletApi.ts";
import { Button } from "../../parts/Button.tsx";
import { Note } from "../../parts/Note.tsx";
import { RehearsalFacts } from "../../parts/RehearsalFacts.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useRehearsal } from "../../parts/useRehearsal.ts";
import { useWalletApi } from "../../walletContext.ts";
import { actionNames, doneWords } from "../../words/contract.ts";

type SettleStepProps = {
  readonly wallet: WalletSnapshot;
  readonly contract: ContractView;
  readonly action: SettleAction;
  readonly isFirst: boolean;
};

/** One step of getting paid: what it costs and brings, then the button. */
export function SettleStep({ wallet, contract, action, isFirst }: SettleStepProps) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const { height, confirmations } = wallet.network;
  /** Height at which it was sent: what a block does not hold by then may be sent again. */
  const [sentAt, setSentAt] = useState<number>();
  const isAble = wallet.key.kind === "unlocked";
  const rehearsal = useRehearsal(contract.id, action, height, isAble);
  if (!isAble) return <p className="hint">The key is locked. Unlock it to do this.</p>;
  if (sentAt !== undefined && height <= sentAt + confirmations) {
    return (
      <Note tone="waiting">
        <p>{doneWords[action]}</p>
      </Note>
    );
  }
  const send = async (): Promise<void> => {
    if (await run(() => ask(api, action, contract), doneWords[action])) setSentAt(height);
  };
  return (
    <>
      <RehearsalFacts
        rehearsal={rehearsal}
        rewardHint={rewardHints[action]}
        isUrgent={action === "claim"}
      />
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      <Button
        look={isFirst ? "primary" : "plain"}
        isBusy={isBusy}
        isDisabled={rehearsal?.kind !== "succeeds"}
        onClick={() => void send()}
      >
        {actionNames[action]}
      </Button>
    </>
  );
}

const rewardHints: Record<SettleAction, string> = {
  claim: "once the delays are over, unless somebody shows a better claim",
  collect: "prize and deposit, with the next block",
  collectOwnChain: "with the next block",
};

function ask(api: WalletApi, action: SettleAction, contract: ContractView): Promise<ActionResult> {
  switch (action) {
    case "claim":
      return api.claim(contract.id);
    case "collect":
      return api.collect(contract.chainId);
    case "collectOwnChain":
      return api.collectOwnChain(contract.id);
  }
}
