import { decodeHolding, encodeHolding, type Holding } from "../blocks/holding.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { type ChainBook, compareHeader, withBreach } from "./chainBook.ts";
import type { ChainProgress } from "./chainSync.ts";
import type { Entry } from "./entry.ts";
import { isAllStanding, listHeld, passPost } from "./ownShare.ts";
import { type OperatorSource, SourceError } from "./ports.ts";
import { type RecordedTools, syncRecorded } from "./recordedBlocks.ts";
import { breakAtStep } from "./takeRecord.ts";

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
 * Check the owner's own share of a chain: at each post one proof over the place of each contract that he
 * holds. Where one is not as it was, the blocks under that post are checked whole: they show his own close,
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
    const shown = await askHoldings(share, entry, tools);
    if (shown === "down") return withhold(share, entry, true);
    const isStanding = isAllStanding(share, entry, shown ?? [], tools.rules);
    const [first] = shown ?? [];
    if (shown === undefined || first === undefined || !isStanding.ok) return withhold(share, entry);
    const broken = breakAtStep(share, entry, first.header);
    const compared = broken ?? compareHeader(share, first, tools.rules);
    if (compared.breach !== undefined) {
      share = compared;
      continue;
    }
    if (isStanding.value) {
      share = passPost(share, entry, under, first);
      continue;
    }
    const run = await checkRun(share, entry, first, at, tools);
    if (run.isUnserved) return withhold(share, entry, true);
    if (run.book.postCount > share.postCount || run.book.breach !== undefined) {
      share = run.book;
      continue;
    }
    const gone = await findGone(share, entry, shown, tools);
    if (gone === undefined) return withhold(share, entry);
    share = gone;
  }
  return { ...NOTHING_WRONG, book: share };
}

/** @param isDown - the operator does not answer at all. */
function withhold(book: ChainBook, { record }: Entry, isDown = false): ChainProgress {
  const silence = { isOperatorDown: isDown, isUnserved: isDown };
  return { ...NOTHING_WRONG, ...silence, book, withheldSince: record.height };
}

/**
 * What the operator shows of each place that is held: undefined where he shows nothing that can be read, `down` where
 * he does not answer.
 */
async function askHoldings(
  share: ChainBook,
  entry: Entry,
  tools: ShareTools,
): Promise<readonly Holding[] | "down" | undefined> {
  const shown: Holding[] = [];
  for (const { place } of listHeld(share)) {
    const served = await hear(tools.operator.holding(entry.sequence, place));
    if (served === undefined) return "down";
    const holding = served.ok ? decodeHolding(served.value) : served;
    if (!holding.ok) return undefined;
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

/** Check the blocks under one post whole, from the state that the post before has shown. */
async function checkRun(
  share: ChainBook,
  entry: Entry,
  { header }: Holding,
  at: HeaderState,
  tools: ShareTools,
): Promise<ChainProgress> {
  const only = {
    entry: async (index: number) => (index === share.postCount ? entry : undefined),
  };
  const blocks = Math.max(0, header.height - share.tip.height);
  return syncRecorded(share, at, { ...tools, entries: only }, blocks);
}

/**
 * A contract is gone under a post, and no close of it is shown: a breach, unless this wallet may have signed
 * one, which is then withheld.
 */
async function findGone(
  share: ChainBook,
  entry: Entry,
  shown: readonly Holding[],
  tools: ShareTools,
): Promise<ChainBook | undefined> {
  for (const [index, { leaf, place }] of listHeld(share).entries()) {
    const after = shown[index];
    const before = share.posted.at(-1)?.header;
    if (after === undefined || before === undefined) continue;
    const only = { ...share, live: new Map([["", { leaf, place, madeIn: 0 }]]) };
    const isThere = isAllStanding(only, entry, [after], tools.rules);
    if (!isThere.ok || isThere.value || (await tools.hasSigned(leaf.id))) continue;
    const finding = {
      blockHeight: after.header.height,
      transactionIndex: undefined,
      rule: "GONE_WITHOUT_CLOSE",
      message: "a contract of this wallet is gone, and no close by its owner is shown",
    };
    return withBreach(share, finding, { kind: "gone", before, after, place, leaf, entry });
  }
  return undefined;
}
