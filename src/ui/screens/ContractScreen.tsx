import type { ContractView, WalletSnapshot } from "../../workers/walletApi.ts";
import { Crumbs } from "../parts/Crumbs.tsx";
import { Empty, Panel } from "../parts/Panel.tsx";
import { Screen } from "../parts/Screen.tsx";
import { StandingMark } from "../parts/StandingMark.tsx";
import { Timeline } from "../parts/Timeline.tsx";
import { StripPanel } from "../strip/StripPanel.tsx";
import { groupThousands } from "../words/amount.ts";
import { listCrumbs, nameChain } from "../words/chain.ts";
import { kindWords, nameState } from "../words/contract.ts";
import { ContractActions } from "./contract/ContractActions.tsx";
import { ContractFacts } from "./contract/ContractFacts.tsx";
import { ContractTerms } from "./contract/ContractTerms.tsx";
import { ProofPanel } from "./contract/ProofPanel.tsx";
import { ShowingPanel } from "./contract/ShowingPanel.tsx";
import { MissingScreen } from "./MissingScreen.tsx";

type ContractScreenProps = { readonly wallet: WalletSnapshot; readonly id: string };

/** One contract: where it lies, what it is worth, its terms, and what can be done with it. */
export function ContractScreen({ wallet, id }: ContractScreenProps) {
  const contract = wallet.contracts.find((candidate) => candidate.id === id);
  const chain = wallet.chains.find((candidate) => candidate.id === contract?.chainId);
  if (contract === undefined) return <MissingScreen what="contract" />;
  const crumbs =
    chain === undefined
      ? [{ title: "Main chain", path: "/chains" }]
      : [
          ...listCrumbs(chain, wallet.chains),
          { title: nameChain(chain), path: `/chain/${chain.id}` },
        ];
  return (
    <Screen
      title={contract.title}
      crumbs={<Crumbs crumbs={crumbs} here={contract.title} />}
      lead={`${kindWords[contract.kind]}, ${nameState(contract)}.`}
      aside={<StandingMark standing={contract.standing} />}
    >
      {chain !== undefined && (
        <Timeline phase={contract.ownChain ?? chain.phase} network={wallet.network} />
      )}
      <div className="columns">
        <div className="column">
          <ContractActions wallet={wallet} contract={contract} />
          <ShowingPanel wallet={wallet} contract={contract} />
          <ContractFacts contract={contract} prize={chain?.prize.amount} />
        </div>
        <div className="column">
          <ContractTerms contract={contract} />
          <ProofPanel contract={contract} />
          <History history={contract.history} />
        </div>
      </div>
      {chain !== undefined && (
        <StripPanel chain={chain} chains={wallet.chains} contractId={contract.id} />
      )}
    </Screen>
  );
}

function History({ history }: Pick<ContractView, "history">) {
  return (
    <Panel title="History">
      {history.length === 0 ? (
        <Empty>
          <p>Nothing is recorded yet.</p>
        </Empty>
      ) : (
        <ol className="rows">
          {history.map((entry) => (
            <li key={`${entry.height} ${entry.words}`} className="row">
              <span className="row-time">block {groupThousands(entry.height)}</span>
              <p className="row-words">{entry.words}</p>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
