import { decodeBlock } from "../blocks/block.ts";
import { decodeMainBlock } from "../chain/block.ts";
import { hashHeader } from "../chain/header/header.ts";
import {
  type DataRecord,
  findAwaited,
  findVoid,
  NO_REQUESTS,
  readAnswerRecord,
  readDataRecord,
  type Voided,
} from "../chain/requests/dataRecord.ts";
import { computeAnswerKey, computeDataKey, type DataTarget } from "../chain/requests/dataTarget.ts";
import { equalBytes } from "../lib/bytes.ts";
import { accept } from "../lib/verdict.ts";
import { type BlockHeader, hashBlockHeader } from "../protocol/blockHeader.ts";
import { RUN_MAX } from "../protocol/limits.ts";
import type { NetworkParameters } from "../protocol/network.ts";
import type { Entry } from "./entry.ts";
import type { EntrySource } from "./entrySource.ts";
import { tipOf } from "./headerBook.ts";
import { type HistoryEnd, isBeyond, isRecordedBefore, NEVER, placeOf } from "./historyEnd.ts";
import type { MainChain } from "./mainChain.ts";
import { type OperatorSource, SourceError } from "./ports.ts";

/**
 * What is asked of a chain on the main chain, as proven: what waits, from which post on it is void, and from which one
 * on it may become so.
 */
export type AskedData = {
  readonly record: DataRecord;
  readonly voided: Voided | undefined;
  readonly awaited: number | undefined;
};

/** A chain of which nothing is known to be asked. */
export const NOTHING_ASKED: AskedData = {
  record: NO_REQUESTS,
  voided: undefined,
  awaited: undefined,
};

export async function readAskedData(mainChain: MainChain, target: DataTarget): Promise<AskedData> {
  const key = computeDataKey(target);
  const record = (await mainChain.read("requests", key, readDataRecord)) ?? NO_REQUESTS;
  // As the next block's transactions would be judged.
  const height = tipOf(mainChain.book()).header.height + 1;
  return { record, voided: findVoid(record, height), awaited: findAwaited(record, height) };
}

/**
 * Where a chain's history ends.
 *
 * @param sequence - its own first post that is void, if one is. @param above - the end of the chain that takes its
 *   posts: nothing counts that stands under a void post of that one.
 */
export async function findEnd(
  entries: EntrySource,
  sequence: number | undefined,
  above: HistoryEnd | undefined,
): Promise<HistoryEnd | undefined> {
  const place = above && { height: above.height, index: above.index };
  if (sequence === undefined) return place && { sequence: NEVER, ...place };
  const own = await findRecord(entries, sequence);
  const isOwnFirst = own !== undefined && (place === undefined || isRecordedBefore(own, place));
  return { sequence, ...((isOwnFirst ? own : place) ?? { height: NEVER, index: NEVER }) };
}

/** The record that shows a post; undefined where the chain that takes it does not show it any more. */
async function findRecord(
  entries: EntrySource,
  sequence: number,
): Promise<Entry["record"] | undefined> {
  try {
    return (await entries.entry(sequence - 1))?.record;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return undefined;
  }
}

/** A history up to its end: a void post and all after it count for nothing. */
export function endAtVoid(entries: EntrySource, end: HistoryEnd | undefined): EntrySource {
  if (end === undefined) return entries;
  return {
    isEnded: true,
    async entry(index) {
      const entry = await entries.entry(index);
      return entry === undefined || isBeyond(end, placeOf(entry)) ? undefined : entry;
    },
  };
}

/** Where a book stands, as far as the next blocks depend on it. */
type BookEnd = {
  readonly tip: { readonly height: number; readonly hash: Uint8Array };
  readonly postCount: number;
};

/** What a chain is checked from. */
type CheckedSource = Pick<OperatorSource, "blocks" | "facts" | "holding">;

/**
 * A chain's blocks from its operator, or, where a recorded one is to come, from the main chain if it was
 * answered there. Whoever serves it, a block is checked like any other.
 */
export function createBlockSource(
  operator: CheckedSource,
  entries: EntrySource,
  start: BookEnd,
  mainChain: MainChain,
  parameters: NetworkParameters,
): CheckedSource {
  return {
    facts: () => operator.facts(),
    holding: (...asked) => operator.holding(...asked),
    async blocks(from, count) {
      const next = from === start.tip.height + 1 ? await entries.entry(start.postCount) : undefined;
      const answered =
        next && (await readAnswers(next.record.hash, start.tip.hash, mainChain, parameters));
      // A record of the last block taken leaves nothing to be answered: what comes after it the operator knows.
      const hasAnswers = answered?.isComplete === true && answered.blocks.length > 0;
      if (hasAnswers) return answered.blocks.slice(0, count);
      return operator.blocks(from, count);
    },
  };
}

/**
 * What answers on the main chain show of the blocks after `have` up to the one of hash `last`: those from the last
 * back to where an answer is missing, in order; complete if none is.
 */
export async function readAnswers(
  last: Uint8Array,
  have: Uint8Array,
  mainChain: MainChain,
  parameters: NetworkParameters,
): Promise<{
  readonly headers: readonly BlockHeader[];
  readonly blocks: readonly Uint8Array[];
  readonly isComplete: boolean;
}> {
  const headers: BlockHeader[] = [];
  const blocks: Uint8Array[] = [];
  for (let wanted = last; !equalBytes(wanted, have); ) {
    const bytes = blocks.length < RUN_MAX && (await readAnswer(wanted, mainChain, parameters));
    const decoded = bytes ? decodeBlock(bytes) : undefined;
    const header = decoded?.ok ? decoded.value.header : undefined;
    if (!bytes || header === undefined || !equalBytes(hashBlockHeader(header), wanted)) {
      return { headers, blocks, isComplete: false };
    }
    headers.unshift(header);
    blocks.unshift(bytes);
    wanted = header.previousHash;
  }
  return { headers, blocks, isComplete: true };
}

async function readAnswer(
  hash: Uint8Array,
  mainChain: MainChain,
  parameters: NetworkParameters,
): Promise<Uint8Array | undefined> {
  const place = await mainChain.read("requests", computeAnswerKey(hash), readAnswerRecord);
  const header = place && mainChain.book().states[place.height];
  if (place === undefined || header === undefined) return undefined;
  const served = await mainChain.ask(async (source) => accept(await source.block(header.hash)));
  if (!served?.ok) return undefined;
  const block = decodeMainBlock(served.value, parameters.blockBytesMax);
  if (!block.ok || !equalBytes(hashHeader(block.value.header), header.hash)) return undefined;
  const body = block.value.transactions[place.index]?.transaction.body;
  if (body?.kind !== "data-response" || body.response.answer.kind !== "block") return undefined;
  return body.response.answer.bytes;
}
