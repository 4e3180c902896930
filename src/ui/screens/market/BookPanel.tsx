import type { BookView, OrderView } from "../../../workers/marketViews.ts";
import { Note } from "../../parts/Note.tsx";
import { Empty, Panel } from "../../parts/Panel.tsx";
import { StandingMark } from "../../parts/StandingMark.tsx";
import { describeFeed, explainFeed, type FeedState, judgeFeed } from "../../words/feed.ts";
import { BookTable } from "./BookTable.tsx";
import { DepthChart } from "./DepthChart.tsx";

type BookPanelProps = {
  readonly book: BookView;
  readonly orders: readonly OrderView[];
  readonly lastHeardMs: number | undefined;
  readonly nowMs: number;
  /** A price of `yes`, in thousandths, that the reader wants as his limit. */
  readonly onPrice: (price: number) => void;
};

/** What stands in the book for the next batch, as the operator says, and how old his word is. */
export function BookPanel({ book, orders, lastHeardMs, nowMs, onPrice }: BookPanelProps) {
  const state = judgeFeed(book.heardAtMs, nowMs);
  const stale = explainFeed(state);
  const isEmpty = book.bids.length === 0 && book.asks.length === 0;
  return (
    <Panel
      title="Book for the next batch"
      aside={<StandingMark standing={{ kind: "claimed", by: "the operator" }} />}
    >
      {stale !== undefined && (
        <Note tone={state === "cut" ? "danger" : "waiting"}>
          <p>
            {describeFeed(book, lastHeardMs, nowMs)}. {stale}
          </p>
        </Note>
      )}
      {isEmpty ? (
        <Empty>
          <p>{describeEmpty(book, state)}</p>
        </Empty>
      ) : (
        <div className="book" data-stale={state !== "live"}>
          <DepthChart book={book} />
          <BookTable book={book} orders={orders} onPrice={onPrice} />
        </div>
      )}
    </Panel>
  );
}

function describeEmpty({ closed }: BookView, state: FeedState): string {
  if (closed !== undefined) return "Nothing stands in it.";
  return state === "live"
    ? "No order stands in it. Yours would be the first: it waits for somebody who wants the other side at your price."
    : "What stands in it is not known now.";
}
