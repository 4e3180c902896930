import { decodeHolding, encodeHolding, type Holding } from "../blocks/holding.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { refuse } from "../lib/verdict.ts";
import { RUN_MAX } from "../protocol/limits.ts";
import { GONE_WITHOUT_CLOSE, POST_TURNED_BACK } from "./breach.ts";
import { type ChainBook, compareHeader, withBreach } from "./chainBook.ts";
import { type ChainProgress, describeMisfit } from "./chainSync.ts";
import type { HistoryEntry } from "./entry.ts";
import { type OperatorSource, SourceError } from "./ports.ts";
import { type RecordedTools, syncRecorded } from "./recordedBlocks.ts";
import { judgeShown, listQuestions, type Missing, passPost } from "./shownShare.ts";
import type { SignedHeader } from "./signedHeader.ts";
import { breakAtStep, takeAgain } from "./takeRecord.ts";

const NOTHING_WRONG = {
  withheldSince: undefined,
  unusable: undefined,
  isOperatorDown: false,
  isUnserved: false,
  isBehind: false,
} as const;

/** What an own share is checked with. */
export type ShareTools = RecordedTools & {
  readonly operator: Pick<OperatorSource, "blocks" | "holding">;
  /** Whether this wallet has ever signed to give up or to seal a contract. */
  readonly hasSigned: (contractId: Uint8Array) => Promise<boolean>;
  /** Told of the bytes of each proof that was needed. */
  readonly onProof: (bytes: number) => void;
};

/**
 * Check the owner's own share of a chain: at each post one proof over the places of the contracts that he holds or
 * that chains followed inside are made of, and over the last posts of those that post here. Where one is not as it was, the blocks under that post are checked whole: they show his own close,
 * or the breach. Ends when there is no more, or after `postsMax` posts.
 *
 * Rejects with a `SourceError` when the main chain cannot be read.
 */
export async function syncShare(
  start: ChainBook,
  at: HeaderState,
  tools: ShareTools,
  postsMax: number,
): Promise<ChainProgress> {
  let share = start;
  for (let posts = 0; share.breach === undefined; posts++) {
    const entry = await tools.entries.entry(share.postCount);
    if (entry === undefined || entry.record.height >= share.chain.expiry) break;
    if (posts === postsMax) {
      return { ...NOTHING_WRONG, book: share, isBehind: true };
    }
    const under = tools.headers.states[entry.record.height]?.hash;
    if (under === undefined) {
      throw new SourceError("BAD_ANSWER", "an entry stands above the newest main-chain block");
    }
    const again = takeAgain(share, entry, under);
    if (!again.ok) {
      return { ...NOTHING_WRONG, book: share, unusable: describeMisfit(share, again) };
    }
    if (again.value !== undefined) {
      share = again.value;
      continue;
    }
    const answer = await askHoldings(share, entry, tools);
    const shown = answer === "down" ? [] : answer;
    const judged = judgeShown(share, entry, shown, tools.rules);
    if (!judged.ok) {
      const whole = await checkByHash(share, entry, at, tools);
      if (!isFurther(whole, share)) return withhold(share, entry, answer === "down");
      share = whole.book;
      continue;
    }
    const { posted, missing } = judged.value;
    if (isOldAfterSwitch(share, entry, posted)) {
      const misfit = refuse("NOT_RESUMED", "only who checks all blocks knows this old one");
      return { ...NOTHING_WRONG, book: share, unusable: describeMisfit(share, misfit) };
    }
    const broken = breakAtStep(share, entry, posted.header);
    const compared = broken ?? compareHeader(share, posted, tools.rules);
    if (compared.breach !== undefined) {
      share = compared;
      continue;
    }
    if (missing.length === 0) {
      share = passPost(share, entry, under, judged.value);
      continue;
    }
    const run = await checkRun(share, entry, posted, at, tools);
    if (run.isUnserved) return withhold(share, entry, true);
    if (isFurther(run, share)) {
      share = run.book;
      continue;
    }
    const accused = await accuse(share, entry, missing, tools);
    if (accused === undefined) return withhold(share, entry);
    share = accused;
  }
  return { ...NOTHING_WRONG, book: share };
}

function isFurther({ book }: ChainProgress, share: ChainBook): boolean {
  return book.postCount > share.postCount || book.breach !== undefined;
}

/**
 * Whether a post after a switch is of a block below the newest that the anchor has recorded, but not one of those that
 * were posted: it may be between two of them, which the own share alone does not show.
 */
function isOldAfterSwitch(
  share: ChainBook,
  { hops }: HistoryEntry,
  { header }: SignedHeader,
): boolean {
  const recorded = share.lastPost?.blockHeight ?? 0;
  return hops.length === 0 && share.anchoredBlocks.length > 0 && header.height <= recorded;
}

/** @param isDown - the operator does not answer at all. */
function withhold(book: ChainBook, { record }: HistoryEntry, isDown = false): ChainProgress {
  const silence = { isOperatorDown: isDown, isUnserved: isDown };
  return { ...NOTHING_WRONG, ...silence, book, withheldSince: record.height };
}

/** The operator's answers as far as they can be read; `down` where he does not answer. */
async function askHoldings(
  share: ChainBook,
  entry: HistoryEntry,
  tools: ShareTools,
): Promise<readonly Holding[] | "down"> {
  const shown: Holding[] = [];
  for (const question of listQuestions(share)) {
    const served = await hear(tools.operator.holding(entry.sequence, question));
    if (served === undefined) return "down";
    const holding = served.ok ? decodeHolding(served.value) : served;
    if (!holding.ok) break;
    tools.onProof(encodeHolding(holding.value).length);
    shown.push(holding.value);
  }
  return shown;
}

/** An answer; undefined where none comes. */
async function hear<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return undefined;
  }
}

/** Where nothing is shown: the blocks under the post, whole, from whoever has them by their hashes. */
function checkByHash(
  share: ChainBook,
  entry: HistoryEntry,
  at: HeaderState,
  tools: ShareTools,
): Promise<ChainProgress> {
  const nobody = { blocks: async () => [] };
  const entries = onlyEntry(share, entry);
  return syncRecorded(share, at, { ...tools, operator: nobody, mirrors: [], entries }, RUN_MAX);
}

function onlyEntry(share: ChainBook, entry: HistoryEntry): ShareTools["entries"] {
  return { entry: async (index) => (index === share.postCount ? entry : undefined) };
}

/** Check the blocks under one post whole, from the state that the post before has shown. */
async function checkRun(
  share: ChainBook,
  entry: HistoryEntry,
  { header }: SignedHeader,
  at: HeaderState,
  tools: ShareTools,
): Promise<ChainProgress> {
  const blocks = Math.max(0, header.height - share.tip.height);
  return syncRecorded(share, at, { ...tools, entries: onlyEntry(share, entry) }, blocks);
}

/**
 * Something is missing under a post, and no block shows why: a breach where nothing but its operator's lie explains
 * it. A contract's close may be withheld where this wallet has signed one, or a condition on its path may have come out.
 */
async function accuse(
  share: ChainBook,
  entry: HistoryEntry,
  missing: readonly Missing[],
  { hasSigned }: ShareTools,
): Promise<ChainBook | undefined> {
  const before = share.posted.at(-1)?.header;
  for (const each of missing) {
    const { header } = each.after;
    const at = { blockHeight: header.height, transactionIndex: undefined };
    if (each.kind === "post") {
      const finding = { ...at, rule: "POST_TURNED_BACK", message: POST_TURNED_BACK };
      const { before: hop, after, below } = each;
      return withBreach(share, finding, { kind: "turnedBack", before: hop, after, below, entry });
    }
    const { leaf, place } = each.contract;
    const mayBeClosed = place.conditions.length > 0 || (await hasSigned(leaf.id));
    if (before === undefined || mayBeClosed) continue;
    const finding = { ...at, rule: "GONE_WITHOUT_CLOSE", message: GONE_WITHOUT_CLOSE };
    const { after } = each;
    return withBreach(share, finding, { kind: "gone", before, after, place, leaf, entry });
  }
  return undefined;
}
