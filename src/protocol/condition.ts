import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { FACT_BYTES_MIN, type FactKey, readFactKey, writeFactKey } from "./facts.ts";
import { FACTS_MAX, SCRIPT_BYTES_MAX } from "./limits.ts";
import type { ConditionRef } from "./place.ts";
import { TAGS } from "./tags.ts";

/**
 * What decides a branch: a chalang script over a closed list of facts. Hashed whole.
 *
 * - `level`: u8, its place in the order on a path. - `salt`: 32 bytes, so that two conditions on the
 *   same fact can be told apart. - `script`: version 2 bytecode, run once after the facts' code.
 *
 * @see docs/PROTOCOL.md section 3, conditions
 */
export type Condition = {
  readonly level: number;
  readonly salt: Uint8Array;
  readonly facts: readonly FactKey[];
  readonly script: Uint8Array;
};

/** Fewest bytes of an encoded condition: level, salt, fact count, script length. */
export const CONDITION_BYTES_MIN = 1 + 32 + 2 + 4;

/** Encode: level u8, salt 32, facts (u16 count), script bytes. */
export function writeCondition(writer: Writer, condition: Condition): void {
  writer.u8(condition.level).fixed(condition.salt, 32);
  writer.list(condition.facts, FACTS_MAX, writeFactKey);
  writer.bytes(condition.script, SCRIPT_BYTES_MAX);
}

export function readCondition(reader: Reader): Condition {
  const level = reader.u8();
  const salt = reader.fixed(32);
  const facts = reader.list(FACTS_MAX, FACT_BYTES_MIN, readFactKey);
  const script = reader.bytes(SCRIPT_BYTES_MAX);
  return { level, salt, facts, script };
}

/** The 32-byte hash of a whole condition. */
export function hashCondition(condition: Condition): Uint8Array {
  return taggedHash(
    TAGS.condition,
    encode((writer) => writeCondition(writer, condition)),
  );
}

/** How a tree's branch names this condition. */
export function conditionRef(condition: Condition): ConditionRef {
  return { level: condition.level, hash: hashCondition(condition) };
}
