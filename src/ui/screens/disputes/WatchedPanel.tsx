import { Link } from "wouter";
import type { WatchView } from "../../../workers/disputeViews.ts";
import type { WalletSnapshot } from "../../../workers/walletApi.ts";
import { Icon } from "../../parts/Icon.tsx";
import { Empty, Panel } from "../../parts/Panel.tsx";
import { nameChainById } from "../../words/chain.ts";
import { describeTrail } from "../../words/dispute.ts";
import { shorten } from "../../words/names.ts";

type Watched = WatchView["watched"][number];

/** So many are listed at once; those that lack something come first. */
const SHOWN_MAX = 6;
const order = { incomplete: 0, collecting: 1, complete: 2 } as const;
const icons = { safe: "verified", waiting: "pending", danger: "danger" } as const;

/** Every contract that is watched, with what it is defended by. */
export function WatchedPanel({ wallet }: { readonly wallet: WalletSnapshot }) {
  const watched = wallet.watch.watched.toSorted(
    (a, b) => order[a.trail.kind] - order[b.trail.kind],
  );
  const rest = watched.slice(SHOWN_MAX);
  return (
    <Panel title="What is watched">
      {watched.length === 0 ? (
        <Empty>
          <p>Contracts that you hold, or have sold and that can still be disputed, stand here.</p>
        </Empty>
      ) : (
        <>
          <WatchedList wallet={wallet} watched={watched.slice(0, SHOWN_MAX)} />
          {rest.length > 0 && (
            <details>
              <summary>{rest.length} more</summary>
              <WatchedList wallet={wallet} watched={rest} />
            </details>
          )}
          <p className="hint">
            To defend a contract, the wallet keeps the closes by which all those gave theirs up who
            stood on its range before. Each was read from the chain’s blocks and checked here.
          </p>
        </>
      )}
    </Panel>
  );
}

type WatchedListProps = {
  readonly wallet: WalletSnapshot;
  readonly watched: readonly Watched[];
};

function WatchedList({ wallet, watched }: WatchedListProps) {
  return (
    <ul className="rows">
      {watched.map(({ contractId, chainId, trail }) => {
        const contract = wallet.contracts.find(({ id }) => id === contractId);
        const { tone, words } = describeTrail(trail);
        return (
          <li key={contractId} className="row">
            <div>
              <p className="row-title">
                {contract === undefined ? (
                  `Contract ${shorten(contractId)}`
                ) : (
                  <Link href={`/contract/${contractId}`}>{contract.title}</Link>
                )}
              </p>
              <p className="row-hint">in {nameChainById(chainId, wallet.chains)}</p>
              <p className="trail" data-tone={tone}>
                <Icon name={icons[tone]} />
                {words}
              </p>
              {trail.kind === "incomplete" && (
                <p className="row-hint">
                  It can still be claimed. What is missing can be asked for on the main chain: open
                  the contract, or its chain.
                </p>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
