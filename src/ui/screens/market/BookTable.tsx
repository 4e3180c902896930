import { useState } from "react";
import { PRICE_PARTS } from "../../../protocol/limits.ts";
import { ownPrice } from "../../../protocol/price.ts";
import type { BookView, LevelView, OrderView } from "../../../workers/marketViews.ts";
import { fillLevel } from "../../figures/depth.ts";
import { formatAmount } from "../../words/amount.ts";
import { formatPrice } from "../../words/price.ts";

const LEVELS_SHOWN = 6;

type BookTableProps = {
  readonly book: BookView;
  readonly orders: readonly OrderView[];
  readonly onPrice: (price: number) => void;
};

/** The levels of the book: offers of yes above, bids for it below, the best ones in the middle. */
export function BookTable({ book, orders, onPrice }: BookTableProps) {
  const [isWhole, setIsWhole] = useState(false);
  const { asks, bids } = book;
  const show = (levels: readonly LevelView[]) => (isWhole ? levels : levels.slice(0, LEVELS_SHOWN));
  const own = new Set(
    orders.filter(({ isOpen }) => isOpen).map(({ side, limit }) => ownPrice(side, limit)),
  );
  const rows = { book, own, onPrice };
  return (
    <>
      <table className="book-table">
        <caption className="hidden-words">
          Orders for the next batch: prices of yes and of no, what stands at each, and all up to it
        </caption>
        <thead>
          <tr>
            <th scope="col">Yes at</th>
            <th scope="col" className="column-figure">
              No at
            </th>
            <th scope="col" className="column-figure">
              VEO
            </th>
            <th scope="col" className="column-figure">
              up to here
            </th>
          </tr>
        </thead>
        <LevelRows {...rows} side="ask" levels={show(asks).toReversed()} />
        <tbody>
          <tr className="book-spread">
            <td colSpan={4}>{describeSpread(book)}</td>
          </tr>
        </tbody>
        <LevelRows {...rows} side="bid" levels={show(bids)} />
      </table>
      {!isWhole && (asks.length > LEVELS_SHOWN || bids.length > LEVELS_SHOWN) && (
        <button type="button" className="link-button" onClick={() => setIsWhole(true)}>
          Show all {asks.length + bids.length} prices
        </button>
      )}
      <p className="hint">
        Press a price to take it as your limit. What pays 1 VEO if yes is right costs its price; who
        buys no pays the rest of it.
      </p>
    </>
  );
}

type LevelRowsProps = {
  readonly book: BookView;
  /** Prices of `yes` at which the reader has orders. */
  readonly own: ReadonlySet<number>;
  readonly onPrice: (price: number) => void;
  readonly side: "ask" | "bid";
  readonly levels: readonly LevelView[];
};

function LevelRows({ book, own, onPrice, side, levels }: LevelRowsProps) {
  const words = side === "ask" ? "Offers to sell yes, or to buy no" : "Bids for yes";
  return (
    <tbody data-side={side}>
      <tr className="book-group">
        <th scope="rowgroup" colSpan={4}>
          {levels.length === 0 ? `${words}: none` : words}
        </th>
      </tr>
      {levels.map(({ price, lots, total }) => (
        <tr key={price}>
          <td>
            <button type="button" className="row-button" onClick={() => onPrice(price)}>
              {formatPrice(price)}
            </button>
            {own.has(price) && <span className="book-own">yours</span>}
          </td>
          <td className="column-figure">{formatPrice(PRICE_PARTS - price)}</td>
          <td className="column-figure">{formatAmount(lots * book.lot)}</td>
          <td className="column-figure book-total">
            <svg
              viewBox="0 0 100 10"
              preserveAspectRatio="none"
              aria-hidden="true"
              focusable="false"
            >
              <LevelBar fill={fillLevel(total, book)} />
            </svg>
            <span>{formatAmount(total * book.lot)}</span>
          </td>
        </tr>
      ))}
    </tbody>
  );
}

function LevelBar({ fill }: { readonly fill: number }) {
  return <rect className="book-bar" x={100 - fill} width={fill} height={10} />;
}

function describeSpread({ bids, asks }: BookView): string {
  const [bid] = bids;
  const [ask] = asks;
  if (bid === undefined || ask === undefined) return "one side only: nothing trades as it stands";
  if (bid.price >= ask.price) return "they meet: the next batch trades";
  return `${formatPrice(ask.price - bid.price)} apart: nothing trades as it stands`;
}
