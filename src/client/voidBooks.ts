import type { KeptBooks } from "./bookStore.ts";
import { type ChainBook, createChainBook } from "./chainBook.ts";
import { type HistoryEnd, isBeyond, isLeafVoid, placeOf } from "./historyEnd.ts";
import { isVoid } from "./standing.ts";

/**
 * The books of a chain whose history has ended: back at the newest one that took no entry beyond the end. Own
 * leaves that were recorded below it are kept with their proofs, and stand again where only a close beyond it gave
 * them up. Those made beyond it are kept too, for a reorg may bring their post back, but stand no more.
 *
 * @param isShown - whether an answer has shown a leaf on the main chain, by hex id: it counts though its post is void.
 * @param isHistory - whether a book has taken no entry before the end but those that still count.
 */
export function endBooks(
  kept: KeptBooks,
  end: HistoryEnd,
  isShown: (id: string) => boolean,
  isHistory: (book: ChainBook) => boolean = () => true,
): KeptBooks {
  const { book } = kept;
  const isWithin = (each: ChainBook) =>
    each.lastPost === undefined || (!isBeyond(end, placeOf(each.lastPost)) && isHistory(each));
  const checkpoints = kept.checkpoints.every(isWithin)
    ? kept.checkpoints
    : kept.checkpoints.filter(isWithin);
  const base = isWithin(book)
    ? book
    : (checkpoints.at(-1) ?? createChainBook(book.chain, book.scope));
  const rereading = kept.rereading && isWithin(kept.rereading) ? kept.rereading : undefined;
  const ended = endLeaves({ ...base, breach: book.breach }, book, end, isShown);
  return { book: isSame(book, ended) ? book : ended, checkpoints, rereading };
}

function endLeaves(
  base: ChainBook,
  newer: ChainBook,
  end: HistoryEnd,
  isShown: (id: string) => boolean,
): ChainBook {
  const own = new Map(base.own);
  const live = new Map(base.live);
  for (const [id, leaf] of newer.own) {
    if (isLeafVoid(leaf, end) && !isShown(id)) {
      const before = base.own.get(id);
      // Sealed beyond the end: what stood there before still does.
      if (before !== undefined && !isLeafVoid(before, end)) continue;
      own.set(id, leaf);
      live.delete(id);
      continue;
    }
    const { closedIn, closedUnder } = leaf;
    const isClosed = closedUnder !== undefined && !isBeyond(end, closedUnder);
    own.set(id, isClosed ? leaf : { ...leaf, closedIn: undefined, closedUnder: undefined });
    const stood = newer.live.get(id) ?? (closedIn !== undefined && !isVoid(newer.frozen, leaf));
    if (isClosed || stood === false) live.delete(id);
    else live.set(id, { leaf: leaf.leaf, place: leaf.place, madeIn: leaf.madeIn });
  }
  const inside = new Map([...base.inside].filter(([, leaf]) => !isLeafVoid(leaf, end)));
  return { ...base, own, live, inside };
}

/** Whether nothing had to be changed, so that nothing has to be written. */
function isSame(before: ChainBook, after: ChainBook): boolean {
  return (
    before.tip === after.tip &&
    before.postCount === after.postCount &&
    before.inside.size === after.inside.size &&
    before.live.size === after.live.size &&
    [...after.live.keys()].every((id) => before.live.has(id)) &&
    [...after.own].every(([id, { closedIn }]) => before.own.get(id)?.closedIn === closedIn)
  );
}
