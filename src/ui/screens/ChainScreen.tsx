import type { WalletSnapshot } from "../../workers/walletApi.ts";
import { Crumbs } from "../parts/Crumbs.tsx";
import { Note } from "../parts/Note.tsx";
import { Screen } from "../parts/Screen.tsx";
import { Timeline } from "../parts/Timeline.tsx";
import { useNow } from "../parts/useNow.ts";
import { VerdictMark } from "../parts/VerdictMark.tsx";
import { StripPanel } from "../strip/StripPanel.tsx";
import { listCrumbs, nameChain } from "../words/chain.ts";
import { nameHost } from "../words/names.ts";
import { formatAge } from "../words/time.ts";
import { AncestorsPanel } from "./chain/AncestorsPanel.tsx";
import { BooksPanel } from "./chain/BooksPanel.tsx";
import { BuySpacePanel } from "./chain/BuySpacePanel.tsx";
import { ChainFacts } from "./chain/ChainFacts.tsx";
import { MarketPanel } from "./chain/MarketPanel.tsx";
import { OwnInChain } from "./chain/OwnInChain.tsx";
import { VerdictPanel } from "./chain/VerdictPanel.tsx";
import { WithheldPanel } from "./chain/WithheldPanel.tsx";
import { MissingScreen } from "./MissingScreen.tsx";

type ChainScreenProps = { readonly wallet: WalletSnapshot; readonly id: string };

/** One chain: its strip, its life, its markets, and what checking it found. */
export function ChainScreen({ wallet, id }: ChainScreenProps) {
  const nowMs = useNow();
  const chain = wallet.chains.find((candidate) => candidate.id === id);
  if (chain === undefined) return <MissingScreen what="chain" />;
  const title = nameChain(chain);
  return (
    <Screen
      title={title}
      crumbs={<Crumbs crumbs={listCrumbs(chain, wallet.chains)} here={title} />}
      lead={`Run by ${nameHost(chain.operatorUrl)}, checked ${formatAge(chain.checkedAtMs, nowMs)}.`}
      aside={<VerdictMark verdict={chain.verdict} />}
    >
      {chain.connection === "down" && chain.withheld === undefined && (
        <Note tone="waiting">
          <p>
            The operator does not answer. You see the chain as it was{" "}
            {formatAge(chain.checkedAtMs, nowMs)}. What you hold is safe; the wallet keeps asking.
          </p>
        </Note>
      )}
      <Timeline phase={chain.phase} network={wallet.network} />
      <StripPanel chain={chain} chains={wallet.chains} />
      <div className="columns">
        <div className="column">
          <WithheldPanel wallet={wallet} chain={chain} />
          <BooksPanel wallet={wallet} chain={chain} />
          {chain.markets.map((market) => (
            <MarketPanel key={market.id} wallet={wallet} chain={chain} market={market} />
          ))}
          <BuySpacePanel wallet={wallet} chain={chain} />
          <OwnInChain wallet={wallet} chain={chain} />
        </div>
        <div className="column">
          <VerdictPanel chain={chain} />
          <AncestorsPanel chain={chain} chains={wallet.chains} />
          <ChainFacts chain={chain} chains={wallet.chains} />
        </div>
      </div>
    </Screen>
  );
}
