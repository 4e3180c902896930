import type { BlockEffects } from "../../blocks/applyTransactions.ts";
import type { SortitionBlock } from "../../blocks/block.ts";
import { computeDeadlines, isTimed, judgeRecord } from "../../blocks/history.ts";
import { findCertain, nameLateSpace } from "../../blocks/lateSpaces.ts";
import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import { insist } from "../../lib/verdict.ts";
import { LATE_SPACE_BYTES_MIN, readLateSpace, writeLateSpace } from "../../protocol/recordSeen.ts";
import { enqueue } from "./blockQueue.ts";
import type { Effect, MainView, RowOperation } from "./engineEvent.ts";
import type { EngineState, JudgedRecords } from "./engineState.ts";
import { rowKey } from "./rowKey.ts";
import { encodeShownEntry } from "./shownEntry.ts";

/** Late spaces that are swept in one block, with their proofs. */
const SWEPT_AT_ONCE = 256;
/** Late spaces that a row holds; who is sold one of those before is told by his own wallet. */
const LATE_KEPT = 65_535;
/** Main-chain blocks for which what is open on the tip keeps a notice waiting. */
const NOTICE_PATIENCE = 3;

/** Height of the last own block that is recorded for good. */
function judgedHeight({ posts, judged }: EngineState): number {
  return posts[judged.sequence - 1]?.height ?? 0;
}

/** Height of the own block up to which whatever stands does so for certain. */
export function certainHeight(state: EngineState): number {
  return findCertain(state.judged.late, judgedHeight(state));
}

/** Remember what the record of an own block will be judged by, and what it says itself of records. */
export function noteBlock(state: EngineState, block: SortitionBlock, effects: BlockEffects): void {
  const { header } = block;
  const { seen, closed, made } = effects;
  const isMaking = made.length > 0;
  if (header.height > judgedHeight(state)) {
    state.openBlocks.push({
      header,
      deadlines: insist(computeDeadlines(block, effects)),
      closed: closed.filter(isTimed).map(({ place }) => place),
      isMaking,
    });
  } else if (isMaking) state.madeTo = header.height;
  if (seen === undefined) return;
  state.recorded = seen.height;
  if (seen.late.length === 0) return;
  const swept = new Set(seen.late.map(nameLateSpace));
  const late = state.judged.late.map((each) =>
    swept.has(nameLateSpace(each)) ? { ...each, isSwept: true } : each,
  );
  state.judged = { ...state.judged, late };
}

/**
 * Look at the records of our posts that are buried by now: for closes that came too late under them what was there before still
 * stands, so nothing more may be given out of that space.
 *
 * @see docs/PROTOCOL.md section 4, late closes
 */
export function judgeRecords(state: EngineState, { records, resultHeights }: MainView): Effect[] {
  const before = state.judged.sequence;
  const operations: RowOperation[] = [];
  for (const { sequence, record, shown } of records) {
    const post = state.posts[sequence - 1];
    if (post === undefined || sequence <= state.judged.sequence) continue;
    if (shown !== undefined) {
      const value = encodeShownEntry(shown);
      operations.push({ kind: "put", key: rowKey.entry(sequence), value });
    }
    // A post that only says an old block again has nothing under it.
    const run = state.openBlocks.filter(({ header }) => header.height <= post.height);
    const [first] = run;
    if (first === undefined) {
      state.judged = { ...state.judged, sequence };
      continue;
    }
    const resultHeight = (key: Uint8Array) => resultHeights.get(formatHex(key)) ?? 0;
    const entryBefore = first.header.previousHash;
    const judged = judgeRecord(run, state.chain, record, entryBefore, resultHeight);
    // A record at the expiry does not count, nor does any after it.
    if (!judged.ok) break;
    const names = new Set(judged.value.map(formatHex));
    const late = run.flatMap(({ header, deadlines, closed }) =>
      closed.flatMap((place, index) => {
        const id = deadlines[index]?.contractId;
        const isLate = id !== undefined && names.has(formatHex(id));
        return isLate ? [{ place, since: header.height, isSwept: false }] : [];
      }),
    );
    state.judged = { sequence, late: [...state.judged.late, ...late] };
    state.openBlocks = state.openBlocks.slice(run.length);
    state.madeTo = run.findLast(({ isMaking }) => isMaking)?.header.height ?? state.madeTo;
    if (late.length > 0) state.free = undefined;
  }
  const effects: Effect[] = [];
  if (state.judged.sequence > before) {
    const value = encode((writer) => writeJudged(writer, state.judged));
    operations.push({ kind: "put", key: rowKey.judged, value });
    effects.push({ kind: "commit", operations });
  }
  queueNotice(state);
  return effects;
}

/** Have the next block say up to where the chain is recorded, where an order can ask for that, or something has to go. */
function queueNotice(state: EngineState): void {
  const { books, judged, queue } = state;
  const late = judged.late.filter(({ isSwept }) => !isSwept);
  const isWanted = late.length > 0 || (state.madeTo > state.recorded && books.size > 0);
  if (!isWanted) state.noticeSince = undefined;
  if (!isWanted || queue.some(({ seen }) => seen !== undefined)) return;
  const height = state.main?.height ?? 0;
  state.noticeSince ??= height;
  // Who is about to sign on the tip gets the time for it, but does not keep everybody else from trading.
  const isAwaited = state.proposals.size + state.quoteRounds.size > 0;
  if (isAwaited && height < state.noticeSince + NOTICE_PATIENCE) return;
  const swept = late.slice(0, SWEPT_AT_ONCE);
  // What is not swept yet has no record, as far as an order may ask.
  const to = swept.length === late.length ? judgedHeight(state) : state.recorded;
  const seen = { height: to, late: swept.map(({ place, since }) => ({ place, since })) };
  enqueue(state, { closes: [], contracts: [], conditions: [], seen, requests: [] });
}

/** Encode: sequence u32, late spaces, each with a flag whether it is swept. */
function writeJudged(writer: Writer, { sequence, late }: JudgedRecords): void {
  writer.u32(sequence).list(late.slice(-LATE_KEPT), LATE_KEPT, (each, space) => {
    writeLateSpace(each, space);
    each.flag(space.isSwept);
  });
}

export function readJudged(reader: Reader): JudgedRecords {
  const sequence = reader.u32();
  const late = reader.list(LATE_KEPT, LATE_SPACE_BYTES_MIN + 1, (each) => {
    return { ...readLateSpace(each), isSwept: each.flag() };
  });
  return { sequence, late };
}
