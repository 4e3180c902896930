import { equalBytes } from "../lib/bytes.ts";
import type { ChainBook } from "./chainBook.ts";
import type { HeaderBook } from "./headerBook.ts";
import { type HistoryEnd, isBeyond, placeOf } from "./historyEnd.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import type { SignedHeader } from "./signedHeader.ts";

/** How deep in main-chain blocks a reorg is looked behind; what is recorded deeper is settled. */
const SETTLED_DEPTH = 200;

/** Blocks that a reorg has undone of which the headers are kept. */
const FALLEN_MAX = 256;

/**
 * Whether all that a book says of records is so on the best main chain: what it took last stands in a block
 * of it, and so does everything before.
 */
export function isStanding({ lastPost }: ChainBook, { states }: HeaderBook): boolean {
  if (lastPost === undefined) return true;
  const state = states[lastPost.record.height];
  return state !== undefined && equalBytes(state.hash, lastPost.under);
}

/**
 * The books to come back to after a reorg, the oldest first: the newest, and before it ever fewer the
 * further back, to one that is settled: about three for each doubling of the depth.
 *
 * @param tipHeight - of the main chain. @param inDoubt - from where on entries may become void: the last book before
 *   that is kept, too.
 */
export function keepCheckpoints(
  kept: readonly ChainBook[],
  book: ChainBook,
  tipHeight: number,
  inDoubt?: HistoryEnd,
): readonly ChainBook[] {
  if (book.lastPost === undefined || book.postCount === kept.at(-1)?.postCount) return kept;
  const all = [...kept, book];
  const settled = all.findLastIndex((each) => tipHeight - heightOf(each) >= SETTLED_DEPTH);
  const safe = all.findLast(
    ({ lastPost }) => lastPost !== undefined && !isBeyond(inDoubt, placeOf(lastPost)),
  );
  const taken = new Set<string>();
  return all.slice(Math.max(0, settled)).filter((each, index) => {
    const height = heightOf(each);
    // Steps stand at fixed heights, so that what is kept now is not in the way of what is kept later.
    const step = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, tipHeight - height))) - 1);
    const name = `${step}:${Math.floor(height / step)}`;
    const isKept = index === 0 || each === book || each === safe || !taken.has(name);
    taken.add(name);
    return isKept;
  });
}

/**
 * The newest book that still stands. Own leaves of the one before are kept with their proofs: a proof that
 * was right holds again as soon as its block is recorded again.
 *
 * @param origin - where to begin when none stands.
 */
export function rollBack(
  fallen: ChainBook,
  kept: readonly ChainBook[],
  headers: HeaderBook,
  origin: ChainBook,
): { readonly book: ChainBook; readonly checkpoints: readonly ChainBook[] } {
  const checkpoints = kept.filter((each) => isStanding(each, headers));
  const base = checkpoints.at(-1) ?? origin;
  const book = {
    ...keepOwn(base, fallen),
    fallen: findFallen(fallen, base),
    breach: fallen.breach,
  };
  return { book, checkpoints };
}

/** The headers of a book above where it is taken back to: a fork below one of them differs there, too. */
function findFallen({ fallen, posted, run }: ChainBook, { tip }: ChainBook): SignedHeader[] {
  const signed = new Map<number, SignedHeader>();
  for (const { header, signature } of [...fallen, ...posted, ...run]) {
    if (header.height > tip.height) signed.set(header.height, { header, signature });
  }
  return [...signed.values()]
    .toSorted((a, b) => a.header.height - b.header.height)
    .slice(-FALLEN_MAX);
}

/**
 * The newest book below a height at which two blocks are signed, so that neither can be relied on, nor
 * anything after. What was made below is kept with its proofs.
 */
export function dropBlocks(
  fallen: ChainBook,
  kept: readonly ChainBook[],
  height: number,
  origin: ChainBook,
): { readonly book: ChainBook; readonly checkpoints: readonly ChainBook[] } {
  const checkpoints = kept.filter(({ tip }) => tip.height < height);
  const base = checkpoints.at(-1) ?? origin;
  const below = [...fallen.own].flatMap(([id, own]) => {
    if (own.madeIn >= height) return [];
    const isOpen = own.closedIn !== undefined && own.closedIn >= height;
    const { leaf, place, madeIn } = own;
    return isOpen
      ? [
          {
            id,
            own: { ...own, closedIn: undefined, closedUnder: undefined },
            live: { leaf, place, madeIn },
          },
        ]
      : [{ id, own, live: fallen.live.get(id) }];
  });
  const own = new Map(below.map((each) => [each.id, each.own]));
  const live = new Map(below.flatMap((each) => (each.live ? [[each.id, each.live]] : [])));
  return { book: keepOwn(base, { own, live }), checkpoints };
}

/** A book with the own leaves of a newer one, as far as those stood there. */
function keepOwn(base: ChainBook, newer: Pick<ChainBook, "own" | "live">): ChainBook {
  const own = new Map(base.own);
  const live = new Map(base.live);
  for (const [id, leaf] of newer.own) {
    own.set(id, forgetRecord(leaf, base));
    const contract = newer.live.get(id);
    if (contract === undefined) live.delete(id);
    else live.set(id, contract);
  }
  return { ...base, own, live };
}

/** A leaf whose record is gone waits for it anew; the headers of its proof still lead to the posted block. */
function forgetRecord(leaf: OwnLeaf, { lastPost }: ChainBook): OwnLeaf {
  const isGone = (leaf.post?.blockHeight ?? 0) > (lastPost?.blockHeight ?? 0);
  return isGone ? { ...leaf, post: undefined, closedUnder: undefined } : leaf;
}

function heightOf({ lastPost }: ChainBook): number {
  return lastPost?.record.height ?? 0;
}
