import type { ChainView, MarketView, WalletSnapshot } from "../../../workers/walletApi.ts";
import { Note } from "../../parts/Note.tsx";
import { Panel } from "../../parts/Panel.tsx";
import { StandingMark } from "../../parts/StandingMark.tsx";
import { findRefusal } from "../../words/verdict.ts";
import { BetTicket } from "./BetTicket.tsx";

const resultWords: Record<Exclude<MarketView["result"], "open">, string> = {
  true: "The answer is yes. Who bet yes holds both ranges now.",
  false: "The answer is no. Who bet no holds both ranges now.",
  bad: "The question was bad. Everybody gets back exactly what he brought.",
};

type MarketPanelProps = {
  readonly wallet: WalletSnapshot;
  readonly chain: ChainView;
  readonly market: MarketView;
};

/** One question: its price while open, its answer after. */
export function MarketPanel({ wallet, chain, market }: MarketPanelProps) {
  return (
    <Panel title={market.question}>
      {market.result === "open" ? (
        <OpenMarket wallet={wallet} chain={chain} market={market} />
      ) : (
        <p className="market-result">
          <strong>{resultWords[market.result]}</strong>{" "}
          <StandingMark standing={market.resultStanding} />
        </p>
      )}
    </Panel>
  );
}

function OpenMarket({ wallet, chain, market }: MarketPanelProps) {
  const refusal = findRefusal(chain);
  return (
    <>
      <PriceBar yesPercent={market.yesPercent} />
      {wallet.key.kind === "unlocked" ? (
        <BetTicket wallet={wallet} chain={chain} market={market} refusal={refusal} />
      ) : (
        <Note tone="plain">
          <p>A bet needs your key. Unlock or make one first.</p>
        </Note>
      )}
    </>
  );
}

function PriceBar({ yesPercent }: { readonly yesPercent: number }) {
  return (
    <div className="price-bar">
      <span>yes {yesPercent} %</span>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect className="price-no" width={100} height={6} />
        <rect className="price-yes" width={yesPercent} height={6} />
      </svg>
      <span>no {100 - yesPercent} %</span>
    </div>
  );
}
