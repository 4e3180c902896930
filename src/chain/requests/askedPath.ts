import type { Reader, Writer } from "../../lib/codec.ts";
import { ASKED_CONDITIONS_MAX } from "../../protocol/limits.ts";
import { readConditionSides, writeConditionSides } from "../../protocol/place.ts";
import type { AskedPath } from "../../space/tree.ts";

/** Encode: coordinate u64, conditions (u16 count, each level u8, hash 32, side flag). */
export function writeAskedPath(writer: Writer, { at, conditions }: AskedPath): void {
  writeConditionSides(writer.u64(at), conditions, ASKED_CONDITIONS_MAX);
}

export function readAskedPath(reader: Reader): AskedPath {
  return { at: reader.u64(), conditions: readConditionSides(reader, ASKED_CONDITIONS_MAX) };
}
