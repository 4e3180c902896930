import { compareBytes, equalBytes } from "../lib/bytes.ts";
import type { Reader, Writer } from "../lib/codec.ts";
import { demand } from "../lib/verdict.ts";
import { CONDITIONS_MAX } from "./limits.ts";

/**
 * What a tree's branch says of its condition. The level stands beside the hash of the whole
 * condition so that the order on a path can be checked without the condition's body.
 *
 * - `level`: u8. - `hash`: 32 bytes, `hashCondition` of the condition with that level.
 */
export type ConditionRef = { readonly level: number; readonly hash: Uint8Array };

/** A condition and the side of it that a leaf stands on: `true` is `yes`. */
export type ConditionSide = ConditionRef & { readonly side: boolean };

/**
 * Where a leaf stands: the half-open range `[lo, hi)` of its whole cell, and the sides of the
 * conditions above it, ascending by level, then hash, none twice, at most `CONDITIONS_MAX`.
 *
 * @see docs/PROTOCOL.md section 3
 */
export type Place = {
  readonly lo: bigint;
  readonly hi: bigint;
  readonly conditions: readonly ConditionSide[];
};

/** Bytes of one encoded condition side: level, hash, side. */
const CONDITION_SIDE_BYTES = 34;

/** Order of conditions on a path: level first, then hash. Zero only for the same condition. */
export function compareConditions(a: ConditionRef, b: ConditionRef): number {
  return a.level - b.level || compareBytes(a.hash, b.hash);
}

/** Whether conditions strictly ascend, as every path has them. */
export function areConditionsOrdered(conditions: readonly ConditionRef[]): boolean {
  return conditions.every((condition, index) => {
    const before = conditions[index - 1];
    return before === undefined || compareConditions(before, condition) < 0;
  });
}

/** Whether nothing can stand on both: their ranges do not meet, or they are on two sides of one condition. */
export function areApart(a: Place, b: Place): boolean {
  if (a.hi <= b.lo || b.hi <= a.lo) return true;
  return a.conditions.some(({ hash, side }) =>
    b.conditions.some((other) => other.side !== side && equalBytes(other.hash, hash)),
  );
}

/** Whether two places are one: the same range, under the same sides of the same conditions. */
export function isSamePlace(a: Place, b: Place): boolean {
  return (
    a.lo === b.lo &&
    a.hi === b.hi &&
    a.conditions.length === b.conditions.length &&
    a.conditions.every((condition, index) => {
      const other = b.conditions[index];
      return (
        other !== undefined &&
        compareConditions(condition, other) === 0 &&
        condition.side === other.side
      );
    })
  );
}

/** Encode a place: lo u64, hi u64, count u16, then each level u8, hash 32, side flag. */
export function writePlace(writer: Writer, place: Place): void {
  writer.u64(place.lo).u64(place.hi);
  writeConditionSides(writer, place.conditions, CONDITIONS_MAX);
}

/** Decode a place; refuses an empty range and conditions that do not strictly ascend. */
export function readPlace(reader: Reader): Place {
  const lo = reader.u64();
  const hi = reader.u64();
  demand(lo < hi, "EMPTY_RANGE", `expected lo below hi, got [${lo}, ${hi})`);
  return { lo, hi, conditions: readConditionSides(reader, CONDITIONS_MAX) };
}

/** Encode: count u16, then each level u8, hash 32, side flag. */
export function writeConditionSides(
  writer: Writer,
  sides: readonly ConditionSide[],
  countMax: number,
): void {
  writer.list(sides, countMax, (each, { level, hash, side }) =>
    each.u8(level).fixed(hash, 32).flag(side),
  );
}

/** Decode sides of conditions; refuses those that do not strictly ascend. */
export function readConditionSides(reader: Reader, countMax: number): ConditionSide[] {
  const sides = reader.list(countMax, CONDITION_SIDE_BYTES, (each) => ({
    level: each.u8(),
    hash: each.fixed(32),
    side: each.flag(),
  }));
  demand(
    areConditionsOrdered(sides),
    "CONDITIONS_OUT_OF_ORDER",
    "expected conditions to ascend by level, then hash, none twice",
  );
  return sides;
}
