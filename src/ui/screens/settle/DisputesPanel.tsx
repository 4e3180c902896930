import { Link } from "wouter";
import type { WalletSnapshot } from "../../../workers/walletApi.ts";
import { isInPlay } from "../../figures/outcomes.ts";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { describeWatch } from "../../words/dispute.ts";
import { warnOfTowers } from "../../words/tower.ts";

/** The watch in a line, and the way to all of it. */
export function DisputesPanel({ wallet }: { readonly wallet: WalletSnapshot }) {
  const open = wallet.disputes.filter(({ state }) => state === "open").length;
  const { tone, words } = describeWatch(
    wallet.watch,
    wallet.network,
    wallet.key.kind,
    wallet.contracts.some(isInPlay),
  );
  const warning = warnOfTowers(wallet.towers);
  return (
    <Panel title="Disputes">
      {open > 0 && (
        <Note tone="danger">
          <p>
            {open === 1 ? "Something waits" : `${open} things wait`} to be answered on the main
            chain.
          </p>
        </Note>
      )}
      <Note tone={tone}>
        <p>{words}</p>
      </Note>
      {warning !== undefined && (
        <Note tone={warning.tone}>
          <p>{warning.words}</p>
        </Note>
      )}
      <Link href="/disputes">See what is watched and how</Link>
    </Panel>
  );
}
