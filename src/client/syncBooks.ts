import type { HeaderState } from "../chain/header/headerState.ts";
import type { Rules } from "../protocol/rules.ts";
import type { KeptBooks } from "./bookStore.ts";
import {
  type ChainBook,
  compareHeader,
  coversScope,
  createChainBook,
  type Scope,
} from "./chainBook.ts";
import { type ChainProgress, syncChain, type Unusable } from "./chainSync.ts";
import { type CheckProgress, measureProgress } from "./checkProgress.ts";
import { dropBlocks, isStanding, keepCheckpoints, rollBack } from "./checkpoints.ts";
import type { EntrySource } from "./entrySource.ts";
import type { HeaderBook } from "./headerBook.ts";
import type { HistoryEnd } from "./historyEnd.ts";
import type { MainChain } from "./mainChain.ts";
import { startShare } from "./ownShare.ts";
import type { Clock, OperatorSource } from "./ports.ts";
import type { RecordedTools } from "./recordedBlocks.ts";
import type { ShareTools } from "./shareSync.ts";

/** Blocks that one step of a check takes: about a second of work, after which others have their turn. */
const STEP_BLOCKS = 256;
/** Posts that one step of an own share's check takes. */
const STEP_POSTS = 64;

/** All blocks, or at each post only the proofs of what is the owner's own. */
export type CheckMode = "full" | "ownShare";

/** What one step of a chain's check is done with. */
export type StepTools = Pick<ShareTools, "hasSigned" | "onProof"> & {
  readonly mode: CheckMode;
  readonly rules: Rules;
  readonly mainChain: MainChain;
  readonly entries: EntrySource;
  readonly mirrors: RecordedTools["mirrors"];
  readonly archive?: RecordedTools["archive"];
  readonly holders: RecordedTools["holders"];
  readonly verifier: RecordedTools["verifier"];
  readonly operator: Pick<OperatorSource, "blocks" | "facts" | "holding">;
  /** What is to be kept of the chain. */
  readonly scope: Scope;
  /** Something that was to be kept has been let go, and has to be read once more. */
  readonly isMissed: boolean;
  /** From where on the entries may become void: a book that took none of them is kept. */
  readonly inDoubt: HistoryEnd | undefined;
  readonly clock: Clock;
};

/** What one step found. `progress`: undefined when nothing is left to be checked now. */
export type StepFindings = {
  readonly books: KeptBooks;
  readonly withheldSince: number | undefined;
  readonly unusable: Unusable | undefined;
  readonly isOperatorDown: boolean;
  readonly isUnserved: boolean;
  readonly progress: CheckProgress | undefined;
};

/**
 * The books as far as the main chain still has what they took: all of them, unless there was a reorg.
 *
 * @param posting - hex keys of the followed chains that post in this one.
 */
export function standOnMain(
  before: KeptBooks,
  headers: HeaderBook,
  scope: Scope,
  mode: CheckMode,
  posting: readonly string[],
): KeptBooks {
  const standing = rollBackTo(before, headers, scope);
  const { book } = standing;
  // Where a rule was broken, no other way to look at the chain mends it.
  const isBroken = before.book.breach !== undefined;
  if (mode === "full" || book.shareSince !== undefined || isBroken) return standing;
  // The book of all blocks is kept where it is, to go on from when all are to be checked again.
  const share = startShare(book, posting);
  return share === undefined ? standing : { ...standing, book: share, rereading: book };
}

function rollBackTo(before: KeptBooks, headers: HeaderBook, scope: Scope): KeptBooks {
  const { rereading } = before;
  // A breach by a record stands as long as the record does: it is found again from there.
  const isOfRecord = before.book.breach?.proof.kind === "record";
  const book = isOfRecord ? { ...before.book, breach: undefined } : before.book;
  const kept = rereading !== undefined && isStanding(rereading, headers) ? rereading : undefined;
  // A book that has taken nothing yet needs no second one beside it; after a reorg to its origin it holds own leaves.
  if (book.tip.height === 0 && book.postCount === 0 && !coversScope(book.scope, scope)) {
    const { own, live, fallen, breach } = book;
    const begun = { ...createChainBook(book.chain, scope), own, live, fallen, breach };
    return { book: begun, checkpoints: [], rereading: undefined };
  }
  if (isStanding(book, headers)) return { ...before, book, rereading: kept };
  const origin = createChainBook(book.chain, book.scope);
  const back = rollBack(book, before.checkpoints, headers, origin);
  // What its operator has signed is signed, whatever becomes of the main chain.
  return { ...back, book: { ...back.book, breach: book.breach }, rereading: kept };
}

/**
 * One step of a chain's check. A chain of which more is to be kept than was is read once more beside
 * that, and nothing is let go until it has come as far.
 */
export async function syncBooks(
  start: KeptBooks,
  before: CheckProgress | undefined,
  tools: StepTools,
): Promise<StepFindings> {
  const { mainChain, clock } = tools;
  const at = mainChain.tip();
  const startMs = clock();
  const syncTools = { ...tools, headers: mainChain.book() };
  const isShare = start.book.shareSince !== undefined;
  const checked = isShare
    ? await checkShare(start.book, at, syncTools)
    : await syncBlocks(start.book, at, syncTools, STEP_BLOCKS);
  if (isShare && tools.mode === "ownShare") {
    return describeShare(start, checked, before, at, tools, startMs);
  }
  if (checked.book.breach !== undefined && start.book.breach === undefined) {
    // A breach is kept before anybody is asked for more: with a source that fails it would be lost, and he may not lie again.
    return { ...checked, books: { ...start, book: checked.book }, progress: undefined };
  }
  const found = isShare
    ? { ...checked, checkpoints: start.checkpoints }
    : await letGo(start, checked, at, syncTools);
  const again = await reread(start, found.book, at, tools, syncTools);
  const isThere = again !== undefined && hasReached(again.book, found.book);
  // Another reading may meet the right blocks where this one has met a lie: the breach stays.
  const { breach = again?.book.breach } = compareReadings(found.book, again?.book, tools.rules);
  const { fallen } = found.book;
  const book = { ...(isThere ? again.book : found.book), fallen, breach };
  const rereading = isThere ? undefined : again?.book;
  const kept = isThere ? [] : found.checkpoints;
  const checkpoints = keepCheckpoints(kept, book, at.header.height, tools.inDoubt);
  const books = { book, checkpoints, rereading };
  const { withheldSince, unusable, isOperatorDown, isUnserved } = found;
  const state = { books, withheldSince, unusable, isOperatorDown, isUnserved };
  const isBehind = found.isBehind || (rereading !== undefined && again?.isBehind === true);
  if (!isBehind) return { ...state, progress: undefined };
  const total = isOperatorDown ? 0 : (await tools.operator.facts()).height;
  const from = again === undefined ? start.book : (start.rereading ?? createChainBook(book.chain));
  const done = { from: from.tip.height, to: (rereading ?? book).tip.height, total };
  const progress = measureProgress(before, done, startMs, clock());
  return { ...state, progress };
}

/** As `syncRecorded`. A page loads how blocks are asked for by their hashes once one is missing, or breaks a rule. */
async function syncBlocks(
  start: ChainBook,
  at: HeaderState,
  tools: RecordedTools,
  blocksMax: number,
): Promise<ChainProgress> {
  let served: ChainProgress | undefined;
  if (start.breach === undefined) {
    served = await syncChain(start, at, tools, blocksMax);
    if (served.withheldSince === undefined && served.book.breach === undefined) return served;
  }
  const { syncRecorded } = await import("./recordedBlocks.ts");
  return syncRecorded(start, at, tools, blocksMax, served);
}

/** A page loads how the own share is checked when its holder wants a chain to be checked so. */
async function checkShare(
  share: ChainBook,
  at: HeaderState,
  tools: ShareTools,
): Promise<ChainProgress> {
  const { syncShare } = await import("./shareSync.ts");
  return syncShare(share, at, tools, STEP_POSTS);
}

/** The book with the breach that another reading gives away: a block of its own for a height that this one has. */
function compareReadings(book: ChainBook, again: ChainBook | undefined, rules: Rules): ChainBook {
  let compared = book;
  for (const other of [...(again?.posted ?? []), ...(again?.run ?? [])]) {
    if (compared.breach === undefined) compared = compareHeader(compared, other, rules);
  }
  return compared;
}

/** What a step of an own share's check has found. */
function describeShare(
  start: KeptBooks,
  found: ChainProgress,
  before: CheckProgress | undefined,
  { header }: HeaderState,
  { inDoubt, clock }: StepTools,
  startMs: number,
): StepFindings {
  const { book, isBehind, withheldSince, unusable, isOperatorDown, isUnserved } = found;
  const checkpoints = keepCheckpoints(start.checkpoints, book, header.height, inDoubt);
  const done = { from: start.book.postCount, to: book.postCount, total: book.postCount + 1 };
  return {
    books: { ...start, book, checkpoints },
    withheldSince,
    unusable,
    isOperatorDown,
    isUnserved,
    progress: isBehind ? measureProgress(before, done, startMs, clock()) : undefined,
  };
}

/** Let go of a block, and of all after it, where another one is signed for its height. */
async function letGo(
  { checkpoints }: KeptBooks,
  found: ChainProgress,
  at: HeaderState,
  tools: RecordedTools,
): Promise<ChainProgress & Pick<KeptBooks, "checkpoints">> {
  const { book } = found;
  const { breach } = book;
  if (breach?.proof.kind !== "twoBlocks" || book.tip.height < breach.blockHeight) {
    return { ...found, checkpoints };
  }
  const origin = createChainBook(book.chain, book.scope);
  const back = dropBlocks(book, checkpoints, breach.blockHeight, origin);
  const below = breach.blockHeight - 1 - back.book.tip.height;
  const again = await syncBlocks(back.book, at, tools, below);
  const { checkpoints: kept } = back;
  return { ...again, book: { ...again.book, breach }, checkpoints: kept, isBehind: false };
}

/** The next step of the book that is begun anew, where there has to be one. */
async function reread(
  { rereading }: KeptBooks,
  book: ChainBook,
  at: HeaderState,
  { scope, isMissed }: StepTools,
  tools: RecordedTools,
): Promise<ChainProgress | undefined> {
  const isFull = book.shareSince === undefined;
  if (isFull && coversScope(book.scope, scope) && !isMissed) return undefined;
  const isUsable = rereading !== undefined && coversScope(rereading.scope, scope);
  const from = isUsable ? rereading : createChainBook(book.chain, scope);
  return syncBlocks(from, at, tools, STEP_BLOCKS);
}

/** Whether a book that was begun anew has come as far as the one that it replaces, or found a breach. */
function hasReached(again: ChainBook, { tip, postCount }: ChainBook): boolean {
  return (
    again.breach !== undefined || (again.tip.height >= tip.height && again.postCount >= postCount)
  );
}
