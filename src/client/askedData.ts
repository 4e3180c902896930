import { decodeBlock } from "../blocks/block.ts";
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
import { type BlockHeader, hashBlockHeader } from "../protocol/blockHeader.ts";
import { RUN_MAX } from "../protocol/limits.ts";
import type { Entry } from "./entry.ts";
import type { EntrySource, HistorySource } from "./entrySource.ts";
import { tipOf } from "./headerBook.ts";
import { type HistoryEnd, isBeyond, NEVER, placeOf } from "./historyEnd.ts";
import type { MainChain } from "./mainChain.ts";
import { SourceError } from "./ports.ts";

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
 *   posts, as far as it goes for this one (`endBelow`): nothing counts that stands under a void post of that one.
 */
export async function findEnd(
  entries: HistorySource,
  sequence: number | undefined,
  above: HistoryEnd | undefined,
): Promise<HistoryEnd | undefined> {
  if (sequence === undefined) return above;
  const spans = above?.spans ?? [];
  const from = (await findFirst(entries, sequence))?.record;
  return { sequence, spans: from === undefined ? spans : [...spans, { from, until: NEVER }] };
}

/** The first entry of at least this number; undefined where the chain that takes it does not show it any more. */
async function findFirst(entries: HistorySource, sequence: number): Promise<Entry | undefined> {
  try {
    return await entries.find(sequence);
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

/**
 * The headers that answers on the main chain show from the block of hash `last` back towards `have`, in order: as far as
 * there are answers without a gap.
 */
export async function readAnsweredHeaders(
  last: Uint8Array,
  have: Uint8Array,
  mainChain: MainChain,
): Promise<readonly BlockHeader[]> {
  const headers: BlockHeader[] = [];
  for (let wanted = last; !equalBytes(wanted, have) && headers.length < RUN_MAX; ) {
    const bytes = await readAnswer(wanted, mainChain);
    const block = bytes && decodeBlock(bytes);
    if (!block?.ok) break;
    headers.unshift(block.value.header);
    wanted = block.value.header.previousHash;
  }
  return headers;
}

/**
 * The sortition-block of a hash, where an answer on the main chain holds it. Rejects where an answer is proven to be
 * there, and no node shows it.
 */
export async function readAnswer(
  hash: Uint8Array,
  mainChain: MainChain,
): Promise<Uint8Array | undefined> {
  const place = await mainChain.read("requests", computeAnswerKey(hash), readAnswerRecord);
  const state = place && mainChain.book().states[place.height];
  if (place === undefined || state === undefined) return undefined;
  // Few chains are ever asked for anything: a page loads how main-chain blocks are read when one is.
  const { readMainBlock } = await import("./mainBlock.ts");
  const block = await readMainBlock(state, mainChain);
  const body = block.transactions[place.index]?.transaction.body;
  if (body?.kind !== "data-response" || body.response.answer.kind !== "block") return undefined;
  const { bytes } = body.response.answer;
  const decoded = decodeBlock(bytes);
  const isIt = decoded.ok && equalBytes(hashBlockHeader(decoded.value.header), hash);
  return isIt ? bytes : undefined;
}
