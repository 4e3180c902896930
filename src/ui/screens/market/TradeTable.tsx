import { useState } from "react";
import type { TradeView } from "../../../workers/marketViews.ts";
import { formatVeo, groupThousands } from "../../words/amount.ts";
import { formatPrice } from "../../words/price.ts";
import { formatAge } from "../../words/time.ts";

const ROWS_STEP = 20;

type TradeTableProps = { readonly trades: readonly TradeView[]; readonly nowMs: number };

/** What has traded in words, the newest batch first. */
export function TradeTable({ trades, nowMs }: TradeTableProps) {
  const [rows, setRows] = useState(ROWS_STEP);
  return (
    <>
      <table>
        <caption className="hidden-words">Prices of yes, batch by batch, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Batch</th>
            <th scope="col" className="column-figure">
              Price
            </th>
            <th scope="col" className="column-figure">
              Traded
            </th>
            <th scope="col" className="column-figure">
              When
            </th>
          </tr>
        </thead>
        <tbody>
          {trades
            .toReversed()
            .slice(0, rows)
            .map(({ height, price, volume, timeMs }) => (
              <tr key={height}>
                <td>{groupThousands(height)}</td>
                <td className="column-figure">{formatPrice(price)}</td>
                <td className="column-figure">{formatVeo(volume)}</td>
                <td className="column-figure">{formatAge(timeMs, nowMs)}</td>
              </tr>
            ))}
        </tbody>
      </table>
      {rows < trades.length && (
        <button type="button" className="link-button" onClick={() => setRows(rows + ROWS_STEP)}>
          Show more batches
        </button>
      )}
    </>
  );
}
