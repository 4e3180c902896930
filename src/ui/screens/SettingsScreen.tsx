import type { KeyView, NodeView, WalletSnapshot } from "../../workers/walletApi.ts";
import { Button } from "../parts/Button.tsx";
import { CopyText } from "../parts/CopyText.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Note } from "../parts/Note.tsx";
import { Empty, Panel } from "../parts/Panel.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useAction } from "../parts/useAction.ts";
import { useWalletApi } from "../walletContext.ts";
import { groupThousands } from "../words/amount.ts";
import { formatDuration } from "../words/time.ts";

/** The key, the nodes, the network's rules and the storage of this device. */
export function SettingsScreen({ wallet }: { readonly wallet: WalletSnapshot }) {
  return (
    <Screen title="Settings">
      <div className="columns">
        <div className="column">
          <KeyPanel walletKey={wallet.key} />
          <StoragePanel storage={wallet.storage} />
        </div>
        <div className="column">
          <NodesPanel nodes={wallet.network.nodes} />
          <NetworkPanel network={wallet.network} />
        </div>
      </div>
    </Screen>
  );
}

function KeyPanel({ walletKey }: { readonly walletKey: KeyView }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  if (walletKey.kind === "none") {
    return (
      <Panel title="Key">
        <Empty>
          <p>No key on this device.</p>
        </Empty>
      </Panel>
    );
  }
  const facts = [{ name: "Address", value: <CopyText text={walletKey.address} name="address" /> }];
  if (walletKey.kind === "unlocked") {
    facts.push({
      name: "Public key",
      value: <CopyText text={walletKey.publicKey} name="public key" />,
    });
  }
  return (
    <Panel title="Key">
      <Facts facts={facts} />
      {walletKey.kind === "unlocked" && (
        <div className="panel-actions">
          <Button isBusy={isBusy} onClick={() => void run(() => api.lock())}>
            Lock
          </Button>
          <p className="hint">While locked, the wallet goes on checking but signs nothing.</p>
        </div>
      )}
      {failure !== undefined && <Note tone="danger">{failure}</Note>}
    </Panel>
  );
}

function StoragePanel({ storage }: { readonly storage: WalletSnapshot["storage"] }) {
  return (
    <Panel title="Storage">
      <Facts
        facts={[
          {
            name: "Kept by the browser",
            value: storage.isPersisted ? "yes, until you clear it" : "not promised",
          },
          { name: "Space", value: storage.isFull ? "full" : "enough" },
        ]}
      />
      {storage.isFull && (
        <Note tone="danger">
          <p>
            This device has no space left. Nothing new is bought or signed until there is. Free
            some, then reload.
          </p>
        </Note>
      )}
      {!storage.isPersisted && (
        <Note tone="waiting">
          <p>
            The browser may clear this wallet when the device runs out of space. Installing the
            wallet, or adding it to your bookmarks, makes browsers keep it.
          </p>
        </Note>
      )}
    </Panel>
  );
}

const nodeWords: Record<NodeView["state"], string> = {
  connecting: "connecting",
  live: "live",
  behind: "behind",
  down: "does not answer",
  refused: "refused",
};

function NodesPanel({ nodes }: { readonly nodes: readonly NodeView[] }) {
  return (
    <Panel title="Main-chain nodes">
      {nodes.length === 0 && (
        <Empty>
          <p>No node is set.</p>
        </Empty>
      )}
      <ul className="rows">
        {nodes.map((node) => (
          <li key={node.url} className="row">
            <div>
              <p className="row-title">{node.url}</p>
              <p className="row-hint">{node.note || `at block ${groupThousands(node.height)}`}</p>
            </div>
            <span className="state-word" data-state={node.state}>
              {nodeWords[node.state]}
            </span>
          </li>
        ))}
      </ul>
      <p className="hint">
        Headers are compared by their work, so one honest node is enough. No node is believed.
      </p>
    </Panel>
  );
}

function NetworkPanel({ network }: { readonly network: WalletSnapshot["network"] }) {
  return (
    <Panel title="Network">
      <Facts
        facts={[
          { name: "Name", value: network.name },
          { name: "Checked up to block", value: groupThousands(network.height) },
          { name: "Work of its headers", value: <Work work={network.work} /> },
          { name: "Time of a block", value: formatDuration(network.blockPeriodMs) },
          { name: "Blocks before value counts", value: network.confirmations },
        ]}
      />
    </Panel>
  );
}

/** Work in decimal, which may be very long. */
function Work({ work }: { readonly work: string }) {
  return <span className="long-number">{groupThousands(work)}</span>;
}
