import { Link } from "wouter";
import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { computeOutcomes, isInPlay } from "../figures/outcomes.ts";
import { KitPanel } from "../kit/KitPanel.tsx";
import { FigureText } from "../parts/Amount.tsx";
import { Histogram } from "../parts/Histogram.tsx";
import { Empty, Panel } from "../parts/Panel.tsx";
import { Screen } from "../parts/Screen.tsx";
import { addFigures } from "../words/standing.ts";
import { GetCoins } from "./portfolio/GetCoins.tsx";
import { PositionList } from "./portfolio/PositionList.tsx";
import { StorageNotes } from "./portfolio/StorageNotes.tsx";
import { TodoList } from "./portfolio/TodoList.tsx";

/** Home: what all is worth, how it may end, what needs doing. */
export function PortfolioScreen({ wallet }: { readonly wallet: WalletSnapshot }) {
  return (
    <Screen title="Portfolio">
      <StorageNotes storage={wallet.storage} />
      <div className="columns">
        <div className="column">
          <Worth wallet={wallet} />
          <TodoList wallet={wallet} />
          <Positions wallet={wallet} />
        </div>
        <div className="column">
          <Spread wallet={wallet} />
          {wallet.kit !== undefined && <KitPanel kit={wallet.kit} />}
        </div>
      </div>
    </Screen>
  );
}

function Worth({ wallet }: { readonly wallet: WalletSnapshot }) {
  const held = wallet.contracts.filter(isInPlay).map((contract) => contract.expected);
  const inChains = addFigures(held);
  const total = addFigures([wallet.balance, ...held]) ?? wallet.balance;
  return (
    <Panel title="Expected value">
      <p className="worth-total">
        <FigureText figure={total} />
      </p>
      <dl className="worth-parts">
        <div>
          <dt>On the main chain</dt>
          <dd>
            <FigureText figure={wallet.balance} />
          </dd>
        </div>
        <div>
          <dt>In chains, not paid yet</dt>
          <dd>{inChains === undefined ? "nothing yet" : <FigureText figure={inChains} />}</dd>
        </div>
      </dl>
      {wallet.hasFaucet && wallet.key.kind === "unlocked" && (
        <GetCoins isFirst={wallet.balance.amount === 0n} />
      )}
    </Panel>
  );
}

function Spread({ wallet }: { readonly wallet: WalletSnapshot }) {
  const outcomes = computeOutcomes(wallet.chains, wallet.contracts);
  return (
    <Panel title="How it may end">
      {outcomes.length === 1 && outcomes[0]?.amount === 0n ? (
        <Empty>
          <p>
            You hold no part of any prize, so no draw can change what you have. The spread of
            outcomes stands here once you do.
          </p>
        </Empty>
      ) : (
        <>
          <Histogram outcomes={outcomes} />
          <p className="hint">
            This is what your contracts pay if you hold all of them to the draws. Each prize pays
            all or nothing; most people sell before the draw.
          </p>
        </>
      )}
    </Panel>
  );
}

function Positions({ wallet }: { readonly wallet: WalletSnapshot }) {
  return (
    <Panel title="Positions">
      {wallet.contracts.every(({ state }) => state === "closed") ? (
        <Empty>
          <p>No positions yet. A bet begins in a chain.</p>
          <Link className="button button-plain" href="/chains">
            See what there is
          </Link>
        </Empty>
      ) : (
        <PositionList contracts={wallet.contracts} />
      )}
    </Panel>
  );
}
