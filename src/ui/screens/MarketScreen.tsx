import { useRef, useState } from "react";
import type { BookView, PositionView } from "../../workers/marketViews.ts";
import type { ChainView, WalletSnapshot } from "../../workers/walletApi.ts";
import { Crumbs } from "../parts/Crumbs.tsx";
import { Note } from "../parts/Note.tsx";
import { Screen } from "../parts/Screen.tsx";
import { useNow } from "../parts/useNow.ts";
import { describeAudit } from "../words/audit.ts";
import { listCrumbs, nameChain } from "../words/chain.ts";
import { MissingScreen } from "./MissingScreen.tsx";
import { BookPanel } from "./market/BookPanel.tsx";
import { changeSide, type Draft, draftOrder, takePrice } from "./market/draft.ts";
import { FeedMark } from "./market/FeedMark.tsx";
import { MarketHead } from "./market/MarketHead.tsx";
import { OrderList } from "./market/OrderList.tsx";
import { OrderNews } from "./market/OrderNews.tsx";
import { OrderTicket } from "./market/OrderTicket.tsx";
import { OutcomeNav } from "./market/OutcomeNav.tsx";
import { PositionPanel } from "./market/PositionPanel.tsx";
import { PricePanel } from "./market/PricePanel.tsx";
import { useLastHeard } from "./market/useLastHeard.ts";
import "../styles/market.css";

type MarketScreenProps = {
  readonly wallet: WalletSnapshot;
  readonly chainId: string;
  readonly bookId: string;
};

/** Trading on one outcome of a question: one price for all in a batch. */
export function MarketScreen({ wallet, chainId, bookId }: MarketScreenProps) {
  const chain = wallet.chains.find(({ id }) => id === chainId);
  const book = wallet.books.find((each) => each.id === bookId && each.chainId === chainId);
  if (chain === undefined || book === undefined) return <MissingScreen what="market" />;
  return <Market wallet={wallet} chain={chain} book={book} />;
}

type MarketProps = {
  readonly wallet: WalletSnapshot;
  readonly chain: ChainView;
  readonly book: BookView;
};

function Market({ wallet, chain, book }: MarketProps) {
  const nowMs = useNow();
  const lastHeardMs = useLastHeard(book.heardAtMs);
  const [draft, setDraft] = useState<Draft>(() => draftOrder(book, "buyYes"));
  const ticket = useRef<HTMLDivElement>(null);
  const isHere = (each: { readonly chainId: string; readonly bookId: string }) =>
    each.chainId === chain.id && each.bookId === book.id;
  const orders = wallet.orders.filter(isHere);
  const positions = wallet.positions.filter(isHere);
  const redeemable =
    wallet.key.kind === "unlocked"
      ? wallet.contracts.filter(({ actions }) => actions.includes("redeem")).map(({ id }) => id)
      : [];
  const siblings = wallet.books.filter(
    ({ chainId, question }) => chainId === chain.id && question === book.question,
  );
  const sell = ({ side }: PositionView): void => {
    setDraft(changeSide(draft, book, side === "yes" ? "sellYes" : "sellNo"));
    ticket.current?.scrollIntoView({ block: "start" });
    // The price is the first thing to look at; the radio of the new side is not the chosen one yet.
    ticket.current
      ?.querySelector<HTMLInputElement>("input:not([type=radio])")
      ?.focus({ preventScroll: true });
  };
  return (
    <Screen
      title={book.question}
      crumbs={
        <Crumbs
          crumbs={[
            ...listCrumbs(chain, wallet.chains),
            { title: nameChain(chain), path: `/chain/${chain.id}` },
          ]}
          here={siblings.length > 1 ? book.outcome : "Market"}
        />
      }
      lead={`Yes is right if the answer is “${book.outcome}”. Orders are collected and cleared together, at one price for all.`}
      aside={<FeedMark book={book} lastMs={lastHeardMs} nowMs={nowMs} />}
    >
      {book.audit?.kind === "different" && (
        <Note tone="danger">
          <p>{describeAudit(book.audit).sentence}</p>
        </Note>
      )}
      <OutcomeNav books={siblings} here={book} />
      <MarketHead book={book} nowMs={nowMs} />
      <div className="market">
        <PricePanel chain={chain} book={book} nowMs={nowMs} />
        <div className="market-side" ref={ticket}>
          <OrderTicket
            wallet={wallet}
            chain={chain}
            book={book}
            positions={positions}
            draft={draft}
            onChange={setDraft}
            nowMs={nowMs}
          />
          <PositionPanel
            chain={chain}
            positions={positions}
            isOpen={book.closed === undefined}
            redeemable={redeemable}
            onSell={sell}
          />
        </div>
        <BookPanel
          book={book}
          orders={orders}
          lastHeardMs={lastHeardMs}
          nowMs={nowMs}
          onPrice={(price) => setDraft(takePrice(draft, price))}
        />
        <OrderNews orders={orders} />
        <OrderList orders={orders} keyKind={wallet.key.kind} nowMs={nowMs} />
      </div>
    </Screen>
  );
}
