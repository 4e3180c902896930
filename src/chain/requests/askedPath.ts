import type { Reader, Writer } from "../../lib/codec.ts";
import { demand } from "../../lib/verdict.ts";
import { ASKED_CONDITIONS_MAX } from "../../protocol/limits.ts";
import { areConditionsOrdered } from "../../protocol/place.ts";
import type { AskedPath } from "../../space/tree.ts";

/** Encode: coordinate u64, conditions (u16 count, each level u8, hash 32, side flag). */
export function writeAskedPath(writer: Writer, { at, conditions }: AskedPath): void {
  writer.u64(at);
  writer.list(conditions, ASKED_CONDITIONS_MAX, (each, { level, hash, side }) =>
    each.u8(level).fixed(hash, 32).flag(side),
  );
}

export function readAskedPath(reader: Reader): AskedPath {
  const at = reader.u64();
  const conditions = reader.list(ASKED_CONDITIONS_MAX, 34, (each) => ({
    level: each.u8(),
    hash: each.fixed(32),
    side: each.flag(),
  }));
  demand(
    areConditionsOrdered(conditions),
    "CONDITIONS_OUT_OF_ORDER",
    "expected conditions to ascend by level, then hash, none twice",
  );
  return { at, conditions };
}
