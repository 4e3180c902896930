import { assert } from "../../lib/assert.ts";
import { accept, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import type { Header } from "./header.ts";
import { FIRST_EWAH, type GetHeader, type HeaderState } from "./headerState.ts";
import type { HeaderRules } from "./networkRules.ts";
import { integerToSci, sciToInteger } from "./sciNotation.ts";

/** Fixed-point unit of hashrates and of times estimated from them. */
const FRACTION = 1_024n;
/** Hashrates are averaged as periods of a block each: 19 parts the old, 1 part the new. */
const AVERAGE_SCALE = 1_024_000n;

/** What a header must be, given its parent and its own time: its difficulty, and the hashrate after it. */
export type NextDifficulty = { readonly difficulty: number; readonly ewah: bigint };

/**
 * The difficulty that a child of `parent` with time `time` must name. Refused only if the old
 * retarget is due and an ancestor it needs is not kept.
 *
 * @see AMOVEO.md section 3
 */
export function computeNextDifficulty(
  parent: HeaderState,
  time: number,
  rules: HeaderRules,
  getHeader: GetHeader,
): Verdict<NextDifficulty> {
  const { height, difficulty } = parent.header;
  if (height === 0) return accept({ difficulty: rules.initialDifficulty, ewah: FIRST_EWAH });
  const ewah = computeEwah(parent, time);
  if (height > rules.fork7Height) {
    return accept({ difficulty: retargetByHashrate(parent.header, ewah, rules), ewah });
  }
  const isOften = height > rules.fork4Height;
  const interval = isOften ? Math.floor(rules.retargetFrequency / 2) : rules.retargetFrequency;
  if (height % interval !== 0 || height < 10) return accept({ difficulty, ewah });
  return judge(() => ({ difficulty: retargetByTimes(parent.header, rules, getHeader), ewah }));
}

/** The estimated hashrate after a child of `parent` with time `time`: a weighted harmonic average. */
export function computeEwah(
  parent: { readonly header: Pick<Header, "time" | "difficulty">; readonly ewah: bigint },
  time: number,
): bigint {
  const before = atLeastOne(parent.ewah);
  const elapsed = BigInt(Math.max(1, time - parent.header.time));
  const shown = atLeastOne((FRACTION * sciToInteger(parent.header.difficulty)) / elapsed);
  const scaled = before * AVERAGE_SCALE;
  return (scaled * 20n) / (scaled / shown + (19n * scaled) / before);
}

/** `old` times `top / bottom`, computed on the numbers that the sci notation stands for; at least 1. */
export function scaleDifficulty(old: number, top: bigint, bottom: bigint): number {
  return Math.max(1, integerToSci(atLeastOne((sciToInteger(old) * top) / bottom)));
}

/** Element number `length div 2`, counted from 1, of the numbers in descending order. */
export function computeMedian(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => b - a);
  const median = sorted[Math.floor(sorted.length / 2) - 1];
  assert(median !== undefined, `no median of ${numbers.length} numbers`);
  return median;
}

/** The rule since fork 7: correct whenever the estimated block time leaves 3/4 to 3/2 of the period. */
function retargetByHashrate(parent: Header, ewah: bigint, rules: HeaderRules): number {
  const estimate = atLeastOne((FRACTION * sciToInteger(parent.difficulty)) / atLeastOne(ewah));
  const upper = BigInt(Math.floor((parent.period * 6) / 4));
  const lower = BigInt(Math.floor((parent.period * 3) / 4));
  let difficulty = parent.difficulty;
  if (estimate > upper) difficulty = scaleDifficulty(difficulty, upper, estimate);
  else if (estimate < lower) difficulty = scaleDifficulty(difficulty, lower, estimate);
  return Math.max(difficulty, rules.initialDifficulty);
}

/** The rule before fork 7: block time from the medians of two adjacent windows of header times. */
function retargetByTimes(parent: Header, rules: HeaderRules, getHeader: GetHeader): number {
  const half = Math.floor(rules.retargetFrequency / 2);
  const recent = walkBack(parent, half - 1, getHeader);
  const earlier = walkBack(recent.end, half - 1, getHeader);
  const between = computeMedian(recent.times) - computeMedian(earlier.times);
  const blockTime = Math.max(1, Math.trunc(between / half));
  const clipped = Math.min(blockTime, Math.floor((parent.period * 7) / 6));
  // A period of zero allows no block time at all: the divisor stays 1.
  const divisor = BigInt(Math.max(1, clipped));
  const difficulty = scaleDifficulty(recent.end.difficulty, BigInt(parent.period), divisor);
  return Math.max(difficulty, rules.initialDifficulty);
}

/** The times of `steps` ancestors of `from`, its own left out, and the last of them. */
function walkBack(
  from: Header,
  steps: number,
  getHeader: GetHeader,
): { readonly times: readonly number[]; readonly end: Header } {
  const times: number[] = [];
  let end = from;
  for (let step = 0; step < steps; step++) {
    const ancestor = getHeader(end.previousHash);
    if (ancestor === undefined) {
      throw new Refusal("ANCESTOR_MISSING", `the parent of header ${end.height} is not kept`);
    }
    end = ancestor;
    times.push(end.time);
  }
  return { times, end };
}

function atLeastOne(value: bigint): bigint {
  return value < 1n ? 1n : value;
}
