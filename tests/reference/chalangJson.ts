import type { RunResult } from "../../src/chalang/run.ts";
import { bytesOf, List, type Value } from "../../src/chalang/value.ts";
import { formatHex } from "../../src/lib/hex.ts";
import type { NaiveResult, NaiveValue } from "./naiveChalang.ts";

/** A value with binaries as hex and lists as arrays, as the vectors and the naive machine have it. */
function toNaive(value: Value): NaiveValue {
  return value instanceof List ? Array.from(value, toNaive) : formatHex(bytesOf(value));
}

/** What the two machines must agree on: all but the reason, and the count only one of them keeps. */
export function comparable(result: RunResult | NaiveResult): unknown {
  if (result.kind !== "ok") return { kind: result.kind, stage: result.stage };
  const { stack, alt, opGas, ramCurrent, ramMost, manyFuns } = result;
  return {
    stack: stack.map(toComparable),
    alt: alt.map(toComparable),
    ...{ opGas, ramCurrent, ramMost, manyFuns },
  };
}

function toComparable(value: Value | NaiveValue): NaiveValue {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value as readonly NaiveValue[];
  return toNaive(value as Value);
}
