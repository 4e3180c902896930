import { assemble } from "../chalang/assemble.ts";
import { assert } from "../lib/assert.ts";
import { type Condition, hashCondition } from "../protocol/condition.ts";
import { ORACLE_RESULTS } from "../protocol/facts.ts";
import { MARKET_LEVEL } from "../protocol/limits.ts";
import type { MarketRef } from "../protocol/order.ts";
import { createTrueCondition, createTrueOrBadCondition } from "./standardConditions.ts";

/**
 * What a market asks.
 *
 * - `binary`: one oracle; `yes` is right if it says true. - `categorical`: oracles read in order, and the first that is true
 *   names the outcome, its index; one that is bad or open before it, or none true, is the bad case. A scalar
 *   market is one of these, whose oracles bracket a figure: each asks whether it is below the next bound.
 *
 * @see docs/PROTOCOL.md section 7
 */
export type Question =
  | { readonly kind: "binary"; readonly oracle: Uint8Array }
  | { readonly kind: "categorical"; readonly oracles: readonly Uint8Array[] };

/** The two conditions that positions on one outcome stand under. */
export type OutcomeConditions = { readonly refund: Condition; readonly win: Condition };

/** How many outcomes can be bet on: one for a binary question, whose other one is its `no`. */
export function countOutcomes(question: Question): number {
  return question.kind === "binary" ? 1 : question.oracles.length;
}

/** The oracles that a question reads, in order. */
export function listOracles(question: Question): readonly Uint8Array[] {
  return question.kind === "binary" ? [question.oracle] : question.oracles;
}

/**
 * What a question's oracles say, read in order: the index of the outcome that is right, -1 where none is (a binary one's `no`), `bad`,
 * or `open` while it is not decided.
 *
 * @param values - of the oracles in order, as conditions read them (`ORACLE_RESULTS`).
 */
export function readAnswer(question: Question, values: readonly number[]): number | "bad" | "open" {
  const first = values.findIndex((value) => value !== ORACLE_RESULTS.false);
  const value = values[first];
  if (value === undefined) return question.kind === "binary" ? -1 : "bad";
  if (value === ORACLE_RESULTS.open) return "open";
  return value === ORACLE_RESULTS.true ? first : "bad";
}

/** The conditions of positions on `outcome`, an index below `countOutcomes`. */
export function createOutcomeConditions(question: Question, outcome: number): OutcomeConditions {
  assert(0 <= outcome && outcome < countOutcomes(question), "the question has this outcome");
  if (question.kind === "binary") {
    const { oracle } = question;
    return { refund: createTrueOrBadCondition(oracle), win: createTrueCondition(oracle) };
  }
  const { oracles } = question;
  // Whether it is this outcome, the later oracles do not say; whether it is a bad case, all do.
  const upTo = oracles.slice(0, outcome + 1);
  return {
    refund: createFirstTrueCondition(oracles, outcome, "refund"),
    win: createFirstTrueCondition(upTo, outcome, "win"),
  };
}

/** How orders name the market on an outcome. */
export function createMarketRef({ refund, win }: OutcomeConditions, depositBps: number): MarketRef {
  return { refund: hashCondition(refund), win: hashCondition(win), depositBps };
}

/** Undecided, this outcome, or another: the running result of the reading, told by the first oracle that is not false. */
const RESULT = { undecided: 0, own: 1, other: 2 } as const;

/** Takes the first fact off the list on top, and leaves the rest of the list and the fact's value. */
const NEXT_VALUE = "car swap car swap drop car swap drop car drop";

function createFirstTrueCondition(
  oracles: readonly Uint8Array[],
  outcome: number,
  kind: "refund" | "win",
): Condition {
  const onBad = kind === "refund" ? RESULT.own : RESULT.other;
  const steps = oracles.map((_, index) => {
    const onTrue = index === outcome ? RESULT.own : RESULT.other;
    const isBad = "dup int 0 =2 swap int 3 =2 or";
    const found = `dup int 1 =2 int ${onTrue} * swap ${isBad} int ${onBad} * +`;
    // The result stays as it is once it is decided.
    return `${NEXT_VALUE} swap >r ${found} swap dup int 0 =2 rot * + r>`;
  });
  const end = kind === "refund" ? `int ${RESULT.other} =2 not` : `int ${RESULT.own} =2`;
  const assembled = assemble(`int ${RESULT.undecided} swap ${steps.join(" ")} drop ${end}`);
  assert(assembled.ok, "the code of an outcome assembles");
  return {
    level: MARKET_LEVEL,
    salt: new Uint8Array(32),
    facts: oracles.map((key) => ({ kind: "oracle", key })),
    script: assembled.value,
  };
}
