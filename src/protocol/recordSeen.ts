import type { Reader, Writer } from "../lib/codec.ts";
import { LATE_MAX } from "./limits.ts";
import { type Place, readPlace, writePlace } from "./place.ts";

/**
 * Space that a close in block `since` gave up and whose record came too late for it: whoever held it before still does,
 * and whatever was made there in that block or later counts for nothing.
 */
export type LateSpace = { readonly place: Place; readonly since: number };

/**
 * What an operator says of his own records: all blocks to `height` are recorded, and what came too late under
 * them is out of the tree with this block, `late` the last of it.
 *
 * @see docs/PROTOCOL.md section 4, late closes
 */
export type RecordSeen = { readonly height: number; readonly late: readonly LateSpace[] };

/** Bytes of an encoded late space without conditions. */
export const LATE_SPACE_BYTES_MIN = 8 + 8 + 2 + 4;

/** Encode: place, since u32. */
export function writeLateSpace(writer: Writer, { place, since }: LateSpace): void {
  writePlace(writer, place);
  writer.u32(since);
}

export function readLateSpace(reader: Reader): LateSpace {
  return { place: readPlace(reader), since: reader.u32() };
}

/** Encode: height u32, late spaces (u16 count). */
export function writeRecordSeen(writer: Writer, { height, late }: RecordSeen): void {
  writer.u32(height).list(late, LATE_MAX, writeLateSpace);
}

export function readRecordSeen(reader: Reader): RecordSeen {
  const height = reader.u32();
  return { height, late: reader.list(LATE_MAX, LATE_SPACE_BYTES_MIN, readLateSpace) };
}
