import type { ChainView, WithheldView } from "../../../workers/walletApi.ts";
import { Amount } from "../../parts/Amount.tsx";
import { Button } from "../../parts/Button.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { nameHost } from "../../words/names.ts";

/** Data that is recorded and served by nobody: who withholds it, what can be done, and what came of it. */
export function WithheldPanel({ chain }: { readonly chain: ChainView }) {
  const api = useWalletApi();
  const action = useAction();
  const { withheld } = chain;
  if (withheld === undefined) return null;
  const whose = withheld.chainId === chain.id ? "this chain" : "a chain that takes its posts";
  return (
    <Panel title="Withheld data">
      <Note tone={withheld.kind === "void" ? "danger" : "waiting"}>
        <p>{describe(withheld, `${nameHost(withheld.operatorUrl)}, who runs ${whose},`)}</p>
      </Note>
      {withheld.kind === "withheld" && (
        <>
          <Facts
            facts={[
              { name: "Asking costs", value: <Amount satoshi={withheld.fee} /> },
              { name: "Deposit, by you", value: <Amount satoshi={withheld.deposit} /> },
            ]}
          />
          <p className="hint">
            You ask on the main chain, where everybody can read the answer. The answer is paid out
            of your deposit, about a hundredth of it for ten kilobytes; the rest comes back. Without
            an answer all of it comes back, and the operator loses his deposit share.
          </p>
          <Button
            look="primary"
            isBusy={action.isBusy}
            onClick={() =>
              void action.run(
                () => api.requestData(withheld.chainId),
                "Asked. The answer, or its absence, will be on the main chain.",
              )
            }
          >
            Ask for the block on the main chain
          </Button>
        </>
      )}
      {withheld.kind === "void" && withheld.isOpen && (
        <Button
          look="primary"
          isBusy={action.isBusy}
          onClick={() =>
            void action.run(
              () => api.punishWithholding(withheld.chainId),
              "Sent. The deposit comes back with the next main-chain block.",
            )
          }
        >
          Take the deposit back and record it
        </Button>
      )}
      {action.failure !== undefined && <Note tone="danger">{action.failure}</Note>}
    </Panel>
  );
}

function describe(withheld: WithheldView, who: string): string {
  switch (withheld.kind) {
    case "withheld":
      return `${who} has recorded a block at main-chain height ${withheld.since} and serves it to nobody. What you held before it is safe. Nothing that depends on it is accepted. Asked for on the main chain, he has ${withheld.answerWithin} blocks to answer.`;
    case "asked":
      return `${who} is asked on the main chain for the block that he recorded at height ${withheld.since}. He has until height ${withheld.due} to answer: ${withheld.blocksLeft} more blocks. If he does not, it and all after it count for nothing.`;
    case "void":
      return `${who} did not serve his post number ${withheld.sequence} when he was asked for it. It and all after it count for nothing, and his deposit share is lost. Everything before it stays verified, and can be claimed.`;
  }
}
