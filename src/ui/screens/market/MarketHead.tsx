import type { ReactNode } from "react";
import { PRICE_PARTS } from "../../../protocol/limits.ts";
import type { BookView } from "../../../workers/marketViews.ts";
import { lastPriceOf } from "../../figures/orderTicket.ts";
import { formatVeo, groupThousands } from "../../words/amount.ts";
import { answerWords } from "../../words/answer.ts";
import { formatPercent } from "../../words/chance.ts";
import { formatPrice } from "../../words/price.ts";
import { BatchClock } from "./BatchClock.tsx";

type MarketHeadProps = { readonly book: BookView; readonly nowMs: number };

/** The newest price, or the answer; what stands in the book, and when the next batch is made. */
export function MarketHead({ book, nowMs }: MarketHeadProps) {
  const { answer, trades, bids, asks, lot } = book;
  const last = trades.at(-1);
  const price = lastPriceOf(book);
  return (
    <section className="panel market-head" aria-label="Now">
      <dl>
        {answer === "open" ? (
          <Figure name="Price of yes" isLarge={price !== undefined}>
            {price === undefined ? "none yet" : formatPrice(price)}
            {price !== undefined && (
              <span className="market-head-hint">
                {describeMove(book)}a chance of {formatPercent(BigInt(price), BigInt(PRICE_PARTS))}
              </span>
            )}
          </Figure>
        ) : (
          <Figure name="Decided" isLarge={true}>
            {answerWords[answer]}
            <span className="market-head-hint">
              {price === undefined
                ? "it was never traded"
                : `the last price of yes was ${formatPrice(price)}`}
            </span>
          </Figure>
        )}
        <Figure name="Newest batch">
          {last === undefined ? "nothing traded yet" : formatVeo(last.volume)}
          {last !== undefined && (
            <span className="market-head-hint">in batch {groupThousands(last.height)}</span>
          )}
        </Figure>
        {answer === "open" && (
          <Figure name="Best offers">
            {describeBest(book)}
            <span className="market-head-hint">
              {describeStanding((bids.at(-1)?.total ?? 0n) + (asks.at(-1)?.total ?? 0n), lot)}
            </span>
          </Figure>
        )}
      </dl>
      {book.closed === undefined && <BatchClock book={book} nowMs={nowMs} />}
    </section>
  );
}

type FigureProps = {
  readonly name: string;
  readonly isLarge?: boolean;
  readonly children: ReactNode;
};

function Figure({ name, isLarge = false, children }: FigureProps) {
  return (
    <div data-large={isLarge}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** `up 0.02, `: against the batch before. */
function describeMove({ trades }: BookView): string {
  const [before, last] = trades.slice(-2);
  if (before === undefined || last === undefined || before.price === last.price) return "";
  const move = formatPrice(Math.abs(last.price - before.price));
  return `${last.price > before.price ? "up" : "down"} ${move}, `;
}

function describeBest({ bids, asks }: BookView): string {
  const [bid] = bids;
  const [ask] = asks;
  if (bid === undefined && ask === undefined) return "none";
  const name = (price: number | undefined) => (price === undefined ? "none" : formatPrice(price));
  return `${name(bid?.price)} / ${name(ask?.price)}`;
}

function describeStanding(lots: bigint, lot: bigint): string {
  return lots === 0n ? "to buy and to sell yes" : `${formatVeo(lots * lot)} in the book`;
}
