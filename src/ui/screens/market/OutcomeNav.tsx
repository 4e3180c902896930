import { Link } from "wouter";
import { PRICE_PARTS } from "../../../protocol/limits.ts";
import type { BookView } from "../../../workers/marketViews.ts";
import { lastPriceOf } from "../../figures/orderTicket.ts";
import { answerWords } from "../../words/answer.ts";
import { formatPrice } from "../../words/price.ts";

type OutcomeNavProps = { readonly books: readonly BookView[]; readonly here: BookView };

const WIDTH = 100;
const HEIGHT = 6;

/** The outcomes of one question, each with its newest price or what it has come to; one stake of space may stand behind all of them. */
export function OutcomeNav({ books, here }: OutcomeNavProps) {
  if (books.length < 2) return null;
  return (
    <nav aria-label="Outcomes" className="outcomes">
      <ul>
        {books.map((book) => {
          const price = priceOf(book);
          return (
            <li key={book.id}>
              <Link
                className="outcome"
                href={`/chain/${book.chainId}/market/${book.id}`}
                aria-current={book.id === here.id ? "page" : undefined}
              >
                <span className="outcome-name">{book.outcome}</span>
                <span className="outcome-price">{describePrice(book)}</span>
                <svg
                  viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
                  preserveAspectRatio="none"
                  aria-hidden="true"
                  focusable="false"
                >
                  <rect className="price-no" width={WIDTH} height={HEIGHT} />
                  <rect className="price-yes" width={(price ?? 0) / 10} height={HEIGHT} />
                </svg>
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

/** The newest price of `yes`, in thousandths; once it is decided, what it is worth. */
function priceOf(book: BookView): number | undefined {
  if (book.answer === "yes") return PRICE_PARTS;
  return book.answer === "no" ? 0 : lastPriceOf(book);
}

function describePrice(book: BookView): string {
  if (book.answer !== "open") return answerWords[book.answer];
  const price = lastPriceOf(book);
  return price === undefined ? "no price yet" : formatPrice(price);
}
