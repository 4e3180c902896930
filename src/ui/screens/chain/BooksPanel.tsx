import { Link } from "wouter";
import type { BookView } from "../../../workers/marketViews.ts";
import type { ChainView, WalletSnapshot } from "../../../workers/walletApi.ts";
import { lastPriceOf } from "../../figures/orderTicket.ts";
import { Panel } from "../../parts/Panel.tsx";
import { answerWords } from "../../words/answer.ts";
import { formatPrice } from "../../words/price.ts";

type BooksPanelProps = { readonly wallet: WalletSnapshot; readonly chain: ChainView };

/** The questions whose outcomes are traded in a chain; each leads to its trading screen. */
export function BooksPanel({ wallet, chain }: BooksPanelProps) {
  const books = wallet.books.filter(({ chainId }) => chainId === chain.id);
  if (books.length === 0) return null;
  return (
    <Panel title="Markets">
      <ul className="rows">
        {books.map((book) => (
          <li key={book.id} className="row row-leads">
            <div>
              <p className="row-title">
                <Link className="row-link" href={`/chain/${chain.id}/market/${book.id}`}>
                  {nameBook(book, books)}
                </Link>
              </p>
              <p className="row-hint">{describeBook(book, wallet)}</p>
            </div>
            <div className="row-figure">{describePrice(book)}</div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** The question alone, where it has one outcome to trade. */
function nameBook({ question, outcome }: BookView, books: readonly BookView[]): string {
  const isOnly = books.filter((each) => each.question === question).length === 1;
  return isOnly ? question : `${question} ${outcome}`;
}

function describeBook(book: BookView, { orders, positions }: WalletSnapshot): string {
  const isHere = (each: { readonly chainId: string; readonly bookId: string }) =>
    each.chainId === book.chainId && each.bookId === book.id;
  const open = orders.filter((order) => isHere(order) && order.isOpen).length;
  return [
    book.closed ?? "orders are taken",
    ...(open === 0 ? [] : [open === 1 ? "1 order of yours rests" : `${open} orders of yours rest`]),
    ...(positions.some(isHere) ? ["you hold a position"] : []),
  ].join(" · ");
}

function describePrice(book: BookView): string {
  if (book.answer !== "open") return answerWords[book.answer];
  const price = lastPriceOf(book);
  return price === undefined ? "no price yet" : `yes at ${formatPrice(price)}`;
}
