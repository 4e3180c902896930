import { useState } from "react";
import type { BookView } from "../../../workers/marketViews.ts";
import type { ChainView } from "../../../workers/walletApi.ts";
import { Empty, Panel } from "../../parts/Panel.tsx";
import { StandingMark } from "../../parts/StandingMark.tsx";
import { AuditLine } from "./AuditLine.tsx";
import { PriceChart } from "./PriceChart.tsx";
import { TradeTable } from "./TradeTable.tsx";

type PricePanelProps = {
  readonly chain: ChainView;
  readonly book: BookView;
  readonly nowMs: number;
};

/** What has traded, batch by batch, as a picture and as a table. */
export function PricePanel({ chain, book, nowMs }: PricePanelProps) {
  const [chosen, setChosen] = useState<number>();
  const { verdict } = chain;
  const at = book.trades.findIndex(({ height }) => height === chosen);
  const selected = at < 0 ? book.trades.length - 1 : at;
  const select = (index: number): void => setChosen(book.trades[index]?.height);
  return (
    <Panel
      title="Price of yes"
      aside={
        verdict.kind === "honest" && (
          <StandingMark standing={{ kind: "verified", height: verdict.height }} />
        )
      }
    >
      {book.trades.length === 0 ? (
        <Empty>
          <p>
            Nothing has traded yet. The first batch in which a buyer of yes and a buyer of no agree
            makes the first price.
          </p>
        </Empty>
      ) : (
        <>
          <PriceChart trades={book.trades} selected={selected} onSelect={select} nowMs={nowMs} />
          <details className="chart-table">
            <summary>The same as a table</summary>
            <TradeTable trades={book.trades} nowMs={nowMs} />
          </details>
        </>
      )}
      <AuditLine audit={book.audit} />
    </Panel>
  );
}
