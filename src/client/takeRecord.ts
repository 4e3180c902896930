import { judgeRecord, judgeStep } from "../blocks/history.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, insist, judge, Refusal, refuse, type Verdict } from "../lib/verdict.ts";
import { type BlockHeader, hashBlockHeader } from "../protocol/blockHeader.ts";
import { RUN_MAX } from "../protocol/limits.ts";

import { type ChainBook, type TakenBlock, withBreach } from "./chainBook.ts";
import { type CheckedPost, toCheckedPost } from "./checkedPost.ts";
import { recordUpdates } from "./descendantPosts.ts";
import type { Entry, HistoryEntry } from "./entry.ts";
import { placeOf } from "./historyEnd.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import type { SignedHeader } from "./signedHeader.ts";
import { type FrozenSpace, isVoid } from "./standing.ts";

/**
 * Spaces that stay frozen singly. Beyond that neighbours are joined, so that more is refused, never less; no operator can sweep
 * such a one, so nothing that was made since can be traded any more.
 */
const FROZEN_MAX = 1_024;

/** Posted blocks whose headers are kept: a post of one of them again is shown with it. */
export const POSTED_MAX = 4;

const NEEDS_BLOCKS = "the recorded block is not among those served";

/** Blocks that a book keeps the hashes of for `takeAgain`: a run may be unrecorded, and the block before it. */
const ANCHORED_MAX = RUN_MAX + 1;

/**
 * Check the next entry against the blocks taken so far and take it; also after a breach, as far as blocks were
 * taken before it. `NEEDS_BLOCKS` is no breach: the block that the entry names has not been served yet. Nor is
 * `POSTED_TOO_LATE`: no operator knows when his post will be recorded, and one at the expiry just does not count.
 *
 * @param under - hash of the main-chain block that the entry stands in.
 * @param tail - headers from the last block taken on to the recorded one, where its operator posted over it what
 *   breaks a rule: what holds below stands under that record, and nothing that stands in the tail is taken.
 */
export function takeRecord(
  book: ChainBook,
  entry: HistoryEntry,
  under: Uint8Array,
  resultHeight: (oracle: Uint8Array) => number,
  tail: readonly BlockHeader[] = [],
): Verdict<ChainBook> {
  return judge(() => {
    const { record } = entry;
    const again = insist(takeAgain(book, entry, under));
    if (again !== undefined) return again;
    const run = tail.length > 0 ? book.run : findRun(book, entry);
    const shown = run?.at(-1) ?? findPosted(book, record.hash);
    if (shown === undefined) throw new Refusal("NEEDS_BLOCKS", NEEDS_BLOCKS);
    const { header: posted, signature } = shown;
    if (tail.length === 0) {
      const broken = breakAtStep(book, entry, posted);
      if (broken !== undefined) return broken;
      const step = judgeStep(findHeightBefore(book), posted.height);
      // Nobody can be shown the block of a post before that only said again an old one.
      if (!step.ok) throw new Refusal("NOT_RESUMED", step.message);
    }
    if (run === undefined) throw new Refusal("NEEDS_BLOCKS", NEEDS_BLOCKS);
    // Where the last post said an old block again, the run goes on from the newest recorded one.
    const entryBefore = book.anchoredBlocks.at(-1) ?? book.lastPost?.record.hash ?? book.chain.id;
    const late = insist(judgeRecord(run, book.chain, record, entryBefore, resultHeight, tail));
    const post = toCheckedPost(entry, posted.height + tail.length, under);
    const { hopsBefore } = entry;
    const hashes = [...run.map(({ header }) => header), ...tail].map(hashBlockHeader);
    const taken: ChainBook = {
      ...book,
      posted: [...book.posted, { header: posted, signature }].slice(-POSTED_MAX),
      run: book.run.slice(run.length),
      postCount: book.postCount + 1,
      lastPost: post,
      anchoredBlocks: keepAnchored(book, entry, hashes),
      own: recordLeaves(book.own, run, tail, post),
      inside: recordLeaves(book.inside, run, tail, post),
      // What the map of posts holds after the tail is the word of him who broke a rule.
      descendants:
        tail.length > 0
          ? book.descendants
          : recordUpdates(book.descendants, run, { ...post, hopsBefore }),
    };
    return undoCloses(taken, run, late);
  });
}

/** What is kept of the blocks recorded in an anchor, after an entry that has recorded `hashes`. */
export function keepAnchored(
  { anchoredBlocks }: ChainBook,
  { hops }: Entry,
  hashes: readonly Uint8Array[],
): readonly Uint8Array[] {
  return hops.length > 0 ? [...anchoredBlocks, ...hashes].slice(-ANCHORED_MAX) : [];
}

/**
 * The book after a post that only says again what is recorded already, as the first ones do after a switch to the main
 * chain; undefined where the post is another one. Refuses a first one that does not go on from there.
 *
 * @see docs/PROTOCOL.md section 4, the switch
 */
export function takeAgain(
  book: ChainBook,
  entry: Entry,
  under: Uint8Array,
): Verdict<ChainBook | undefined> {
  const { lastPost, anchoredBlocks } = book;
  if (entry.hops.length > 0) return accept(undefined);
  const at = anchoredBlocks.findIndex((hash) => equalBytes(hash, entry.record.hash));
  const isFirst = lastPost === undefined ? entry.sequence > 1 : lastPost.hops.length > 0;
  if (at === -1 || lastPost === undefined) {
    return isFirst
      ? refuse("NOT_RESUMED", "its first post there is of no block that it had posted before")
      : accept(undefined);
  }
  const height = lastPost.blockHeight - (anchoredBlocks.length - 1 - at);
  if (!isFirst && height <= findHeightBefore(book)) return accept(undefined);
  if (entry.record.height >= book.chain.expiry) {
    return refuse("POSTED_TOO_LATE", `expected a record below height ${book.chain.expiry}`);
  }
  const { postCount } = book;
  const { blockHeight } = lastPost;
  return accept({
    ...book,
    postCount: postCount + 1,
    lastPost: toCheckedPost(entry, blockHeight, under),
  });
}

/** The height of the block of the last entry, which is not the last recorded one where it says an old one again. */
function findHeightBefore({ lastPost, anchoredBlocks }: ChainBook): number {
  if (lastPost === undefined) return 0;
  const at = anchoredBlocks.findIndex((hash) => equalBytes(hash, lastPost.record.hash));
  return at === -1 ? lastPost.blockHeight : lastPost.blockHeight - (anchoredBlocks.length - 1 - at);
}

/** One of the last posted blocks, by its hash. */
function findPosted({ posted }: ChainBook, wanted: Uint8Array): SignedHeader | undefined {
  return posted.find(({ header }) => equalBytes(hashBlockHeader(header), wanted));
}

/**
 * The book with the breach, where the posted block of an entry stands too near or too far from the one posted
 * before; undefined where it may stand there.
 *
 * @param posted - of the very hash that the entry names.
 */
export function breakAtStep(
  book: ChainBook,
  entry: Entry,
  posted: BlockHeader,
): ChainBook | undefined {
  const before = book.lastPost && findPosted(book, book.lastPost.record.hash)?.header;
  const step = judgeStep(findHeightBefore(book), posted.height);
  if (step.ok || (before === undefined && book.lastPost !== undefined)) return undefined;
  const { code: rule, message } = step;
  const finding = { blockHeight: posted.height, transactionIndex: undefined, rule, message };
  return withBreach(book, finding, { kind: "record", before, posted, entry });
}

/** The blocks that an entry records, the posted one last; undefined while that has not been taken. */
export function findRun(
  { run, tip }: ChainBook,
  { record }: Entry,
): readonly TakenBlock[] | undefined {
  // A block's hash is what its child names.
  const hashAt = (index: number) => run[index + 1]?.header.previousHash ?? tip.hash;
  const to = run.findIndex((_, index) => equalBytes(hashAt(index), record.hash));
  return to < 0 ? undefined : run.slice(0, to + 1);
}

/** What the entry says of the kept leaves: those made under it have their proofs now. */
function recordLeaves(
  leaves: ReadonlyMap<string, OwnLeaf>,
  run: readonly TakenBlock[],
  tail: readonly BlockHeader[],
  post: CheckedPost,
): ReadonlyMap<string, OwnLeaf> {
  const to = post.blockHeight - tail.length;
  const from = to - run.length;
  const isUnder = (height: number | undefined) =>
    height !== undefined && height > from && height <= to;
  const kept = new Map<string, OwnLeaf>();
  let isChanged = false;
  for (const [id, own] of leaves) {
    let next = own;
    if (isUnder(own.madeIn)) {
      const under = run.slice(own.madeIn - from - 1).map(({ header }) => header);
      const headers = [...under, ...tail];
      next = { ...next, headers, post };
    }
    if (isUnder(own.closedIn)) next = { ...next, closedUnder: placeOf(post) };
    isChanged ||= next !== own;
    kept.set(id, next);
  }
  return isChanged ? kept : leaves;
}

/** Let contracts stand again whose closes do not count, and drop what was made in their place. */
function undoCloses(
  book: ChainBook,
  run: readonly TakenBlock[],
  late: readonly Uint8Array[],
): ChainBook {
  if (late.length === 0) return book;
  const names = new Set(late.map(formatHex));
  const live = new Map(book.live);
  const own = new Map(book.own);
  let frozen = [...book.frozen];
  run.forEach(({ header, deadlines, closed }) => {
    deadlines.forEach(({ contractId }, index) => {
      const id = formatHex(contractId);
      const space = closed[index];
      if (space === undefined || !names.has(id)) return;
      const { contract, place } = space;
      if (contract !== undefined && !isVoid(frozen, contract)) live.set(id, contract);
      const mine = own.get(id);
      if (mine !== undefined) own.set(id, { ...mine, closedIn: undefined, closedUnder: undefined });
      const late = { place, since: header.height, isSwept: false };
      for (const [other, each] of live) if (isVoid([late], each)) live.delete(other);
      frozen = joinNearest([...frozen, late]);
    });
  });
  return { ...book, live, own, frozen };
}

/** At most `FROZEN_MAX` spaces that cover all of these: the two with the narrowest gap become one. */
function joinNearest(spaces: readonly FrozenSpace[]): FrozenSpace[] {
  if (spaces.length <= FROZEN_MAX) return [...spaces];
  const sorted = spaces.toSorted(({ place: a }, { place: b }) =>
    a.lo < b.lo ? -1 : Number(a.lo > b.lo),
  );
  let nearest = 1;
  const placeAt = (at: number) => (sorted[at] as FrozenSpace).place;
  const gap = (at: number) => placeAt(at).lo - placeAt(at - 1).hi;
  for (let at = 2; at < sorted.length; at++) if (gap(at) < gap(nearest)) nearest = at;
  const [a, b] = sorted.slice(nearest - 1, nearest + 1) as [FrozenSpace, FrozenSpace];
  const hi = a.place.hi > b.place.hi ? a.place.hi : b.place.hi;
  const place = { lo: a.place.lo, hi, conditions: [] };
  const joined = { place, since: Math.min(a.since, b.since), isSwept: false };
  return [...sorted.slice(0, nearest - 1), joined, ...sorted.slice(nearest + 1)];
}
