import { formatHex } from "../lib/hex.ts";
import type { SignedOrder } from "./batch.ts";
import { isOfYes, placeOf } from "./piece.ts";

/** The orders of one book of a batch. `bookId`: hash of the win condition. */
type BookOrders = {
  readonly bookId: Uint8Array;
  readonly orders: readonly { readonly signed: SignedOrder }[];
};

/**
 * The books of a batch in which an order names a contract that is named before, by the order itself or by any other of the
 * batch. A contract backs one order at a time, so no operator may have taken both: counted twice it would weigh twice in the
 * price, and only one of them could be filled.
 *
 * @returns hex ids, of the books of both orders.
 */
export function findSharedBooks(books: readonly BookOrders[]): ReadonlySet<string> {
  const shared = new Set<string>();
  /** By the name of a contract, the book in which it was seen first. */
  const seen = new Map<string, string>();
  for (const { bookId, orders } of books) {
    const id = formatHex(bookId);
    for (const name of orders.flatMap(({ signed }) => nameContracts(signed))) {
      const first = seen.get(name);
      if (first === undefined) seen.set(name, id);
      else shared.add(first).add(id);
    }
  }
  return shared;
}

/** In the state after one block a range and the conditions over it name one contract. */
function nameContracts({ order: { market, terms } }: SignedOrder): string[] {
  return terms.contracts.map((piece) => {
    const { lo, hi, conditions } = placeOf(market, isOfYes(terms.side), piece);
    return [lo, hi, ...conditions.map(({ hash, side }) => `${formatHex(hash)}${side}`)].join(":");
  });
}
