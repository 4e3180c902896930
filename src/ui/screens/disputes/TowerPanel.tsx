import type { TowerView } from "../../../workers/towerView.ts";
import type { WalletSnapshot } from "../../../workers/walletApi.ts";
import { Note } from "../../parts/Note.tsx";
import { Empty, Panel } from "../../parts/Panel.tsx";
import { useAction } from "../../parts/useAction.ts";
import { useWalletApi } from "../../walletContext.ts";
import { groupThousands } from "../../words/amount.ts";
import { nameHost } from "../../words/names.ts";
import { describeReceipts, describeTrouble, towerStates, warnOfTowers } from "../../words/tower.ts";
import { AddTowerForm } from "./AddTowerForm.tsx";

/** Who acts while the reader sleeps, how far he has read, and what he has signed for. */
export function TowerPanel({ wallet: { towers } }: { readonly wallet: WalletSnapshot }) {
  const warning = warnOfTowers(towers);
  return (
    <Panel title="Watchtowers">
      {warning !== undefined && (
        <Note tone={warning.tone}>
          <p>{warning.words}</p>
        </Note>
      )}
      {towers.length === 0 ? (
        <Empty>
          <p>
            No watchtower is set. One acts while this wallet is closed: it keeps evidence that it
            cannot read until somebody cheats, and it cannot take anything.
          </p>
        </Empty>
      ) : (
        <ul className="rows">
          {towers.map((tower) => (
            <TowerRow key={tower.url} tower={tower} />
          ))}
        </ul>
      )}
      <AddTowerForm />
    </Panel>
  );
}

function TowerRow({ tower }: { readonly tower: TowerView }) {
  const api = useWalletApi();
  const { isBusy, failure, run } = useAction();
  const trouble = describeTrouble(tower);
  const host = nameHost(tower.url);
  return (
    <li className="row">
      <div>
        <p className="row-title">{host}</p>
        <p className="row-hint">
          {tower.scannedHeight === 0
            ? "has not said how far it has read"
            : `has read up to block ${groupThousands(tower.scannedHeight)}, which it has signed`}
          ; {describeReceipts(tower)}
        </p>
        {trouble !== "" && <p className="row-hint">{trouble}</p>}
        {failure !== undefined && <Note tone="danger">{failure}</Note>}
        <button
          type="button"
          className="link-button"
          aria-disabled={isBusy || undefined}
          aria-label={`Hand nothing more to ${host}`}
          onClick={() =>
            void run(() => api.removeTower(tower.url), "Nothing more is handed to it.")
          }
        >
          Remove
        </button>
      </div>
      <span className="state-word" data-state={tower.state}>
        {towerStates[tower.state]}
      </span>
    </li>
  );
}
