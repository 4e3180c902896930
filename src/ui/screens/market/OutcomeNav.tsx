import { Link } from "wouter";
import type { BookView } from "../../../workers/marketViews.ts";
import { lastPriceOf } from "../../figures/orderTicket.ts";
import { formatPrice } from "../../words/price.ts";

type OutcomeNavProps = { readonly books: readonly BookView[]; readonly here: BookView };

const WIDTH = 100;
const HEIGHT = 6;

/** The outcomes of one question, each with its newest price; one stake of space may stand behind all of them. */
export function OutcomeNav({ books, here }: OutcomeNavProps) {
  if (books.length < 2) return null;
  return (
    <nav aria-label="Outcomes" className="outcomes">
      <ul>
        {books.map((book) => {
          const price = lastPriceOf(book);
          return (
            <li key={book.id}>
              <Link
                className="outcome"
                href={`/chain/${book.chainId}/market/${book.id}`}
                aria-current={book.id === here.id ? "page" : undefined}
              >
                <span className="outcome-name">{book.outcome}</span>
                <span className="outcome-price">
                  {price === undefined ? "no price yet" : formatPrice(price)}
                </span>
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
