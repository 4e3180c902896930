import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { decodeBook, encodeBook } from "./bookRow.ts";
import { type ChainBook, createChainBook, type Scope } from "./chainBook.ts";
import type { StoreOperation, WalletStore } from "./ports.ts";

/**
 * What is kept of one chain: its book, the books to come back to after a reorg, the oldest first, and one
 * that begins anew because more is to be kept of the chain than was.
 */
export type KeptBooks = {
  readonly book: ChainBook;
  readonly checkpoints: readonly ChainBook[];
  readonly rereading: ChainBook | undefined;
};

const NEWEST = "newest";
const REREADING = "rereading";
const NUMBER_DIGITS = 10;

/** The rows of every chain's books, taken from the store once. */
export async function loadBooks(
  store: WalletStore,
): Promise<(chain: ChainFacts, id: string, scope: Scope) => KeptBooks> {
  const rows = new Map(await store.rows("books"));
  return (chain, id, scope) => {
    const read = (name: string): ChainBook | undefined => {
      const bytes = rows.get(`${id}:${name}`);
      const book = bytes && decodeBook(bytes, chain);
      return book?.ok ? book.value : undefined;
    };
    const names = [...rows.keys()]
      .filter((key) => key.startsWith(`${id}:`))
      .map((key) => key.slice(id.length + 1))
      .filter((name) => name !== NEWEST && name !== REREADING);
    const checkpoints = names.toSorted().flatMap((name) => read(name) ?? []);
    // A damaged row costs no more than reading on from the checkpoint before it.
    const book = read(NEWEST) ?? checkpoints.at(-1) ?? createChainBook(chain, scope);
    return { book, checkpoints, rereading: read(REREADING) };
  };
}

/** What to write so that the store holds `after` where it held `before`. */
export function describeChange(id: string, before: KeptBooks, after: KeptBooks): StoreOperation[] {
  const table = "books";
  const put = (name: string, book: ChainBook): StoreOperation => {
    return { kind: "put", table, key: `${id}:${name}`, value: encodeBook(book) };
  };
  const remove = (name: string): StoreOperation => {
    return { kind: "delete", table, key: `${id}:${name}` };
  };
  const operations: StoreOperation[] = [];
  if (after.book !== before.book) operations.push(put(NEWEST, after.book));
  for (const each of before.checkpoints) {
    if (!after.checkpoints.includes(each)) operations.push(remove(nameOf(each)));
  }
  for (const each of after.checkpoints) {
    if (!before.checkpoints.includes(each)) operations.push(put(nameOf(each), each));
  }
  if (after.rereading !== before.rereading) {
    const { rereading } = after;
    operations.push(rereading === undefined ? remove(REREADING) : put(REREADING, rereading));
  }
  return operations;
}

function nameOf({ postCount }: ChainBook): string {
  return String(postCount).padStart(NUMBER_DIGITS, "0");
}
