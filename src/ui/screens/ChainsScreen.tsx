import { Link } from "wouter";
import type { ChainView, NetworkView, WalletSnapshot } from "../../workers/walletApi.ts";
import { FigureText } from "../parts/Amount.tsx";
import { LabelMark } from "../parts/LabelMark.tsx";
import { Empty, Panel } from "../parts/Panel.tsx";
import { Screen } from "../parts/Screen.tsx";
import { VerdictMark } from "../parts/VerdictMark.tsx";
import { groupThousands } from "../words/amount.ts";
import { describeNesting, nameChain } from "../words/chain.ts";
import { formatPercent } from "../words/chance.ts";
import { nameHost } from "../words/names.ts";
import { summarisePhase } from "../words/phase.ts";
import { AddChainForm } from "./chain/AddChainForm.tsx";

/** All chains that this wallet follows. */
export function ChainsScreen({ wallet }: { readonly wallet: WalletSnapshot }) {
  return (
    <Screen
      title="Chains"
      lead="Each is one prize, run by one operator, checked block by block here."
    >
      <div className="columns">
        <div className="column">
          {wallet.chains.length === 0 ? (
            <Empty>
              <p>
                You follow no chain yet. Add one by the address of its operator; the wallet then
                reads and checks all of it.
              </p>
            </Empty>
          ) : (
            <ul className="cards">
              {wallet.chains.map((chain) => (
                <ChainCard
                  key={chain.id}
                  chain={chain}
                  chains={wallet.chains}
                  network={wallet.network}
                />
              ))}
            </ul>
          )}
        </div>
        <div className="column">
          <Panel title="Follow another">
            <AddChainForm />
          </Panel>
        </div>
      </div>
    </Screen>
  );
}

type ChainCardProps = {
  readonly chain: ChainView;
  readonly chains: readonly ChainView[];
  readonly network: NetworkView;
};

/** Cards deeper than this are set in no further. */
const DEPTH_SHOWN_MAX = 4;

function ChainCard({ chain, chains, network }: ChainCardProps) {
  const nesting = describeNesting(chain, chains);
  return (
    <li className="card" data-depth={Math.min(chain.ancestors.length, DEPTH_SHOWN_MAX)}>
      <div className="card-head">
        <h2>
          <Link className="row-link" href={`/chain/${chain.id}`}>
            {nameChain(chain)}
          </Link>{" "}
          <LabelMark label={chain.label} />
        </h2>
        <VerdictMark verdict={chain.verdict} />
        {nesting !== undefined && <p className="card-nesting">{nesting}</p>}
      </div>
      <dl className="card-facts">
        <div>
          <dt>Prize</dt>
          <dd>
            <FigureText figure={chain.prize} />
          </dd>
        </div>
        <div>
          <dt>Operator</dt>
          <dd>
            {nameHost(chain.operatorUrl)}
            {chain.connection === "down" && ", does not answer"}
            {chain.connection === "connecting" && ", connecting"}
          </dd>
        </div>
        <div>
          <dt>Now</dt>
          <dd>{summarisePhase(chain.phase, network)}</dd>
        </div>
        <div>
          <dt>Operator’s share</dt>
          <dd>{formatPercent(BigInt(chain.depositBps), 10_000n)} of the prize</dd>
        </div>
        <div>
          <dt>Expires</dt>
          <dd>at block {groupThousands(chain.expiry)}</dd>
        </div>
        <div>
          <dt>Behaviour</dt>
          <dd>
            {groupThousands(chain.blocks)} blocks, {groupThousands(chain.posts)} posts
          </dd>
        </div>
      </dl>
    </li>
  );
}
