import { Link } from "wouter";
import type { DisputeView } from "../../workers/disputeViews.ts";
import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { Empty, Panel } from "../parts/Panel.tsx";
import { Screen } from "../parts/Screen.tsx";
import "../styles/settle.css";
import { DisputeCard } from "./disputes/DisputeCard.tsx";
import { TowerPanel } from "./disputes/TowerPanel.tsx";
import { WatchedPanel } from "./disputes/WatchedPanel.tsx";
import { WatchPanel } from "./disputes/WatchPanel.tsx";
import { DownNote } from "./settle/DownNote.tsx";

/** What others do on the main chain against the reader's contracts, and his answers. */
export function DisputesScreen({ wallet }: { readonly wallet: WalletSnapshot }) {
  const open = wallet.disputes.filter(isOpen).toSorted((a, b) => a.until - b.until);
  const rest = wallet.disputes.filter((dispute) => !isOpen(dispute));
  return (
    <Screen
      title="Disputes"
      lead="What others do on the main chain against what is yours, and how it is answered."
      aside={<Link href="/settle">Back to what is to settle</Link>}
    >
      <DownNote network={wallet.network} />
      <div className="columns">
        <div className="column">
          {open.length === 0 && <NothingOpen hasMore={rest.length > 0} />}
          {open.map((dispute, index) => (
            <DisputeCard key={dispute.id} wallet={wallet} dispute={dispute} isFirst={index === 0} />
          ))}
          {rest.map((dispute) => (
            <DisputeCard key={dispute.id} wallet={wallet} dispute={dispute} isFirst={false} />
          ))}
          <WatchedPanel wallet={wallet} />
        </div>
        <div className="column">
          <WatchPanel wallet={wallet} />
          <TowerPanel wallet={wallet} />
        </div>
      </div>
    </Screen>
  );
}

function isOpen({ state }: DisputeView): boolean {
  return state === "open";
}

function NothingOpen({ hasMore }: { readonly hasMore: boolean }) {
  return (
    <Panel title={hasMore ? "Nothing waits for an answer" : "No disputes"}>
      <Empty>
        <p>
          {hasMore
            ? "All that came up has been answered, or its time is over. It stands below."
            : "Nobody claims anything against you. If somebody does, it stands here with what your answer costs and by when it counts."}
        </p>
      </Empty>
    </Panel>
  );
}
