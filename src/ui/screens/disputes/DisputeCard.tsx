import { Link } from "wouter";
import type { DisputeView } from "../../../workers/disputeViews.ts";
import type { ChainView, WalletSnapshot } from "../../../workers/walletApi.ts";
import { CopyText } from "../../parts/CopyText.tsx";
import { Facts } from "../../parts/Facts.tsx";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { TimeLeft } from "../../parts/TimeLeft.tsx";
import { MiniStrip } from "../../strip/MiniStrip.tsx";
import { nameChain } from "../../words/chain.ts";
import { dangers, describeProgress, disputeTitles } from "../../words/dispute.ts";
import { DisputeAnswer } from "./DisputeAnswer.tsx";

type DisputeCardProps = {
  readonly wallet: WalletSnapshot;
  readonly dispute: DisputeView;
  readonly isFirst: boolean;
};

/** One thing that is held against the reader: where on the strip it is, its answer with what that costs, or what came of it. */
export function DisputeCard({ wallet, dispute, isFirst }: DisputeCardProps) {
  const chain = wallet.chains.find(({ id }) => id === dispute.chainId);
  const progress = describeProgress(dispute, wallet.network.confirmations);
  if (progress !== undefined) {
    return (
      <Panel title={disputeTitles[dispute.kind]}>
        <Note tone={progress.tone}>
          <p>{progress.words}</p>
        </Note>
        <p className="hint">{dispute.words}</p>
        <details>
          <summary>Where it was</summary>
          <About wallet={wallet} dispute={dispute} />
        </details>
      </Panel>
    );
  }
  return (
    <Panel title={disputeTitles[dispute.kind]}>
      <div className="task">
        <p>
          {dispute.words} {dangers[dispute.kind]}
        </p>
        {chain !== undefined && (
          <MiniStrip chain={chain} selected={findSegment(chain, dispute.contractId)} />
        )}
        <About wallet={wallet} dispute={dispute} />
        <TimeLeft until={dispute.until} isMust network={wallet.network} />
        <DisputeAnswer wallet={wallet} dispute={dispute} isFirst={isFirst} />
      </div>
    </Panel>
  );
}

/** In which chain, about which contract, and whom it is held against. */
function About({ wallet, dispute }: Pick<DisputeCardProps, "wallet" | "dispute">) {
  const { chainId, contractId, claimant } = dispute;
  const chain = wallet.chains.find(({ id }) => id === chainId);
  const contract = wallet.contracts.find(({ id }) => id === contractId);
  const facts = [
    chain && {
      name: "Chain",
      value: <Link href={`/chain/${chain.id}`}>{nameChain(chain)}</Link>,
    },
    contract && {
      name: "Your contract",
      value: <Link href={`/contract/${contract.id}`}>{contract.title}</Link>,
    },
    claimant !== "" && {
      name: "Held against",
      value: <CopyText text={claimant} name="their key" />,
    },
  ];
  return <Facts facts={facts.filter((fact) => fact !== undefined && fact !== false)} />;
}

/** The segment that the own contract stands in, or -1 where it is not on the strip. */
function findSegment({ segments }: ChainView, contractId: string | undefined): number {
  if (contractId === undefined) return -1;
  return segments.findIndex(({ layers }) =>
    layers.some((layer) => layer.contractId === contractId),
  );
}
