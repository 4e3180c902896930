import type { WalletSnapshot } from "../../../workers/walletApi.ts";
import { Note } from "../../parts/Note.tsx";
import { Empty, Panel } from "../../parts/Panel.tsx";
import { groupThousands } from "../../words/amount.ts";
import { nameHost } from "../../words/names.ts";
import { describeReceipts, towerStates, warnOfTowers } from "../../words/tower.ts";

/** Who acts while the reader sleeps, how far he has read, and what he has signed for. */
export function TowerPanel({ wallet: { towers } }: { readonly wallet: WalletSnapshot }) {
  const warning = warnOfTowers(towers);
  return (
    <Panel title="Watchtowers">
      {warning !== undefined && (
        <Note tone="danger">
          <p>{warning}</p>
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
            <li key={tower.url} className="row">
              <div>
                <p className="row-title">{nameHost(tower.url)}</p>
                <p className="row-hint">
                  {tower.scannedHeight === 0
                    ? "has not said how far it has read"
                    : `has read up to block ${groupThousands(tower.scannedHeight)}`}
                  , {describeReceipts(tower)}
                </p>
                {tower.note !== "" && <p className="row-hint">{tower.note}</p>}
              </div>
              <span className="state-word" data-state={tower.state}>
                {towerStates[tower.state]}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
