import { encode, type Reader, type Writer } from "../../lib/codec.ts";
import { Refusal } from "../../lib/verdict.ts";
import { OPEN_REQUESTS_MAX } from "../../protocol/limits.ts";
import type { AskedPath } from "../../space/tree.ts";
import { readAskedPath, writeAskedPath } from "./askedPath.ts";

/**
 * What an open request waits for.
 *
 * - `blocks`: the block of hash `wanted`, and those before it down to `have`; `count` have come.
 * - `proof`: what stands on the path in the state after `block`.
 */
export type AwaitedData =
  | {
      readonly kind: "blocks";
      readonly wanted: Uint8Array;
      readonly have: Uint8Array;
      readonly count: number;
    }
  | { readonly kind: "proof"; readonly block: Uint8Array; readonly asked: AskedPath };

/**
 * A request that is not answered yet.
 *
 * - `sequence`: of the post, in the chain's own count. - `asker`: 33 bytes, who gets back what is left of `deposit`.
 * - `fee`: what he paid. - `due`: the last main-chain height at which an answer counts.
 */
export type OpenRequest = {
  readonly id: Uint8Array;
  readonly sequence: number;
  readonly awaited: AwaitedData;
  readonly asker: Uint8Array;
  readonly deposit: bigint;
  readonly fee: bigint;
  readonly due: number;
};

/**
 * That a chain's posts from `sequence` on are void: nothing in them counts.
 *
 * - `due`: when the first request ran out that was not answered. - `asker`, `fee`: whose that was.
 */
export type Voided = Pick<OpenRequest, "sequence" | "due" | "asker" | "fee">;

/** What the main chain keeps of a chain's requests, in the `requests` map under `computeDataKey`. */
export type DataRecord = {
  readonly open: readonly OpenRequest[];
  readonly voided: Voided | undefined;
};

/** A chain for whose data nobody has ever asked. */
export const NO_REQUESTS: DataRecord = { open: [], voided: undefined };

/**
 * From which post on a chain's posts are void in a block at `height`. A request that has run out
 * voids them whether or not anybody has sent the slash yet.
 */
export function findVoid({ open, voided }: DataRecord, height: number): Voided | undefined {
  const missed: Voided[] = open.filter(({ due }) => due < height);
  const all = voided === undefined ? missed : [voided, ...missed];
  const first = all.toSorted((a, b) => a.due - b.due)[0];
  if (first === undefined) return undefined;
  const { due, asker, fee } = first;
  return { sequence: Math.min(...all.map(({ sequence }) => sequence)), due, asker, fee };
}

/** The first post for which an answer may still come, so that nobody knows yet whether it is void. */
export function findAwaited({ open }: DataRecord, height: number): number | undefined {
  const waiting = open.filter(({ due }) => due >= height).map(({ sequence }) => sequence);
  return waiting.length === 0 ? undefined : Math.min(...waiting);
}

const AWAITED = { blocks: 0, proof: 1 } as const;
const OPEN_BYTES_MIN = 32 + 4 + 1 + 42 + 33 + 8 + 8 + 4;

/** Encode: open requests (u16 count), voided (flag; sequence u32, due u32, asker 33, fee u64). */
export function writeDataRecord(writer: Writer, { open, voided }: DataRecord): void {
  writer.list(open, OPEN_REQUESTS_MAX, writeOpenRequest).flag(voided !== undefined);
  if (voided === undefined) return;
  writer.u32(voided.sequence).u32(voided.due).fixed(voided.asker, 33).u64(voided.fee);
}

export function readDataRecord(reader: Reader): DataRecord {
  const open = reader.list(OPEN_REQUESTS_MAX, OPEN_BYTES_MIN, readOpenRequest);
  if (!reader.flag()) return { open, voided: undefined };
  const sequence = reader.u32();
  const due = reader.u32();
  const asker = reader.fixed(33);
  return { open, voided: { sequence, due, asker, fee: reader.u64() } };
}

export function encodeDataRecord(record: DataRecord): Uint8Array {
  return encode((writer) => writeDataRecord(writer, record));
}

/** Encode: id 32, sequence u32, awaited, asker 33, deposit u64, fee u64, due u32. */
function writeOpenRequest(writer: Writer, request: OpenRequest): void {
  writer.fixed(request.id, 32).u32(request.sequence);
  writeAwaited(writer, request.awaited);
  writer.fixed(request.asker, 33).u64(request.deposit).u64(request.fee).u32(request.due);
}

function readOpenRequest(reader: Reader): OpenRequest {
  const id = reader.fixed(32);
  const sequence = reader.u32();
  const awaited = readAwaited(reader);
  const asker = reader.fixed(33);
  const deposit = reader.u64();
  const fee = reader.u64();
  return { id, sequence, awaited, asker, deposit, fee, due: reader.u32() };
}

/** Encode: kind u8; 0 blocks: wanted 32, have 32, count u8; 1 proof: block 32, asked path. */
function writeAwaited(writer: Writer, awaited: AwaitedData): void {
  writer.u8(AWAITED[awaited.kind]);
  if (awaited.kind === "blocks") {
    writer.fixed(awaited.wanted, 32).fixed(awaited.have, 32).u8(awaited.count);
  } else {
    writeAskedPath(writer.fixed(awaited.block, 32), awaited.asked);
  }
}

function readAwaited(reader: Reader): AwaitedData {
  const kind = reader.u8();
  switch (kind) {
    case AWAITED.blocks: {
      const wanted = reader.fixed(32);
      const have = reader.fixed(32);
      return { kind: "blocks", wanted, have, count: reader.u8() };
    }
    case AWAITED.proof:
      return { kind: "proof", block: reader.fixed(32), asked: readAskedPath(reader) };
    default:
      throw new Refusal("UNKNOWN_KIND", `expected a kind of request of 0 or 1, got ${kind}`);
  }
}

/** Where the answer with a block stands on the main chain: height, and index in the block. */
export type AnswerRecord = { readonly height: number; readonly index: number };

/** Encode: height u32, index u32. */
export function writeAnswerRecord(writer: Writer, record: AnswerRecord): void {
  writer.u32(record.height).u32(record.index);
}

export function readAnswerRecord(reader: Reader): AnswerRecord {
  return { height: reader.u32(), index: reader.u32() };
}
