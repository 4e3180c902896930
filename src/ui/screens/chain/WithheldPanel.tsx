import type { ReactNode } from "react";
import { Link } from "wouter";
import type { ChainView, WalletSnapshot, WithheldView } from "../../../workers/walletApi.ts";
import { Amount } from "../../parts/Amount.tsx";
import { Button } from "../../parts/Button.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { groupThousands } from "../../words/amount.ts";
import { nameChainById } from "../../words/chain.ts";
import { nameHost } from "../../words/names.ts";
import { formatDeadline, formatDuration } from "../../words/time.ts";

type WithheldPanelProps = { readonly wallet: WalletSnapshot; readonly chain: ChainView };

/** What is recorded and served by nobody: who withholds it, what can be done, and what came of it. */
export function WithheldPanel({ wallet, chain }: WithheldPanelProps) {
  const { withheld } = chain;
  if (withheld === undefined) return null;
  return (
    <Panel title={withheld.kind === "answered" ? "Answered data" : "Withheld data"}>
      <Note tone={tones[withheld.kind]}>
        <p>
          <Culprit wallet={wallet} chain={chain} withheld={withheld} />{" "}
          {describe(withheld, `post ${groupThousands(withheld.sequence)}`)}
        </p>
      </Note>
      <Body wallet={wallet} withheld={withheld} />
    </Panel>
  );
}

const tones = {
  withheld: "waiting",
  asked: "waiting",
  doubted: "waiting",
  answered: "safe",
  void: "danger",
} as const;

/** Whose post it is: this chain's operator's, or that of a chain which takes this one's posts. */
function Culprit({
  wallet,
  chain,
  withheld,
}: WithheldPanelProps & { readonly withheld: WithheldView }) {
  const host = nameHost(withheld.operatorUrl);
  if (withheld.chainId === chain.id) return <>The operator, {host},</>;
  return (
    <>
      This chain posts by way of{" "}
      <Link href={`/chain/${withheld.chainId}`}>
        {nameChainById(withheld.chainId, wallet.chains)}
      </Link>
      , whose operator, {host},
    </>
  );
}

function describe(withheld: WithheldView, post: string): string {
  switch (withheld.kind) {
    case "withheld":
      return `recorded ${post} at main-chain block ${groupThousands(withheld.since)} and serves its block to nobody. What was recorded before is safe. Nothing that depends on it is accepted.`;
    case "asked":
      return `is asked on the main chain for ${post}, which was recorded at block ${groupThousands(withheld.since)}. Without an answer it and all after it count for nothing. What was recorded before is safe.`;
    case "doubted":
      return `is asked by somebody on the main chain for ${post}. This device was served its block and has checked it; but without an answer there, that post and all after it count for nothing, for you too.`;
    case "answered":
      return `was asked on the main chain for ${post} and answered there. Its block holds, and the chain goes on.`;
    case "void":
      return `loses his deposit share for ${post}: he was asked for it on the main chain, and did not serve it.`;
  }
}

type BodyProps = { readonly wallet: WalletSnapshot; readonly withheld: WithheldView };

function Body({ wallet, withheld }: BodyProps) {
  switch (withheld.kind) {
    case "withheld":
      return <Asking wallet={wallet} withheld={withheld} />;
    case "asked":
    case "doubted":
      return <Countdown wallet={wallet} withheld={withheld} />;
    case "void":
      return withheld.isOpen ? <TakingBack wallet={wallet} withheld={withheld} /> : null;
    case "answered":
      return null;
  }
}

/** The one click, with what it costs before it. */
function Asking({
  wallet,
  withheld,
}: BodyProps & { readonly withheld: WithheldView & { readonly kind: "withheld" } }) {
  const api = useWalletApi();
  const delay = withheld.answerWithin * wallet.network.blockPeriodMs;
  return (
    <>
      <Facts
        facts={[
          { name: "Asking costs", value: <Amount satoshi={withheld.fee} /> },
          {
            name: "Deposit, by you",
            value: <Amount satoshi={withheld.deposit} />,
            hint: "comes back, less about a hundredth for each 10 KB of the answer",
          },
          {
            name: "He has to answer within",
            value: `${groupThousands(withheld.answerWithin)} blocks, about ${formatDuration(delay)}`,
          },
        ]}
      />
      <p className="hint">
        The answer stands on the main chain, where everybody can read it. If there is none, all of
        the deposit comes back, and later at most as much again out of what the operator loses.
      </p>
      <Act
        wallet={wallet}
        done="Asked. The answer, or its absence, will be on the main chain."
        work={() => api.requestData(withheld.chainId)}
      >
        Ask for the block
      </Act>
      <p className="hint">
        To ask only for a proof of what stands in place of a contract of yours, open that contract.
      </p>
    </>
  );
}

function Countdown({
  wallet,
  withheld,
}: BodyProps & { readonly withheld: WithheldView & { readonly kind: "asked" | "doubted" } }) {
  const { height, blockPeriodMs } = wallet.network;
  const { due, answerWithin } = withheld;
  return (
    <>
      <progress
        aria-label="Time to answer"
        value={Math.min(answerWithin, Math.max(0, answerWithin - (due - height)))}
        max={answerWithin}
      />
      <Facts
        facts={[
          {
            name: "Time to answer ends",
            value: formatDeadline(due, height, blockPeriodMs),
            hint: `with main-chain block ${groupThousands(due)}`,
          },
        ]}
      />
      {withheld.kind === "doubted" && (
        <p className="hint">
          A contract of yours that is recorded since counts all the same once its proof stands on
          the main chain: open it to show it there.
        </p>
      )}
    </>
  );
}

function TakingBack({ wallet, withheld }: BodyProps) {
  const api = useWalletApi();
  return (
    <>
      <p className="hint">
        A deposit of a request that nobody answered still waits on the main chain. Anybody may have
        it paid back to who asked; it costs an ordinary fee.
      </p>
      <Act
        wallet={wallet}
        done="Sent. The deposit comes back with the next main-chain block."
        work={() => api.punishWithholding(withheld.chainId)}
      >
        Have the deposit paid back
      </Act>
    </>
  );
}

type ActProps = {
  readonly wallet: WalletSnapshot;
  readonly done: string;
  readonly work: Parameters<ReturnType<typeof useAction>["run"]>[0];
  readonly children: ReactNode;
};

function Act({ wallet, done, work, children }: ActProps) {
  const { isBusy, failure, run } = useAction();
  if (wallet.key.kind !== "unlocked") {
    return <p className="hint">The key is locked. Unlock it to do this.</p>;
  }
  return (
    <div className="panel-actions">
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
      <Button look="primary" isBusy={isBusy} onClick={() => void run(work, done)}>
        {children}
      </Button>
    </div>
  );
}
