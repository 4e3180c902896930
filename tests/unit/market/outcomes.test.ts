import { describe, expect, it } from "vitest";
import { evaluateCondition } from "../../../src/blocks/conditionOutcome.ts";
import {
  countOutcomes,
  createOutcomeConditions,
  type Question,
  readAnswer,
} from "../../../src/market/outcomes.ts";

const OPEN = 0;
const TRUE = 1;
const FALSE = 2;
const BAD = 3;
const ANSWERS = [OPEN, TRUE, FALSE, BAD];

const id = (index: number) => new Uint8Array(32).fill(index + 1);

/** The outcome that answers name, read in order; undefined for the bad case. */
function readOutcome(question: Question, answers: readonly number[]): number | "no" | undefined {
  if (question.kind === "binary") {
    return answers[0] === TRUE ? 0 : answers[0] === FALSE ? "no" : undefined;
  }
  const first = answers.findIndex((answer) => answer !== FALSE);
  return first >= 0 && answers[first] === TRUE ? first : undefined;
}

function allAnswers(count: number): number[][] {
  if (count === 0) return [[]];
  return allAnswers(count - 1).flatMap((rest) => ANSWERS.map((answer) => [...rest, answer]));
}

describe("the conditions of an outcome", () => {
  const questions: [string, Question, number][] = [
    ["one oracle", { kind: "binary", oracle: id(0) }, 1],
    ["two oracles in order", { kind: "categorical", oracles: [id(0), id(1)] }, 2],
    ["four oracles in order", { kind: "categorical", oracles: [0, 1, 2, 3].map(id) }, 4],
  ];

  it.each(questions)(
    "come out as the answers of %s name it, in every case",
    (_, question, count) => {
      for (const answers of allAnswers(count)) {
        const named = readOutcome(question, answers);
        // Decided is what no later answer can change: up to the first oracle that says anything but no.
        const isDecided = answers.find((answer) => answer !== FALSE) !== OPEN;
        expect(readAnswer(question, answers)).toBe(
          !isDecided ? "open" : named === "no" ? -1 : (named ?? "bad"),
        );
        for (let outcome = 0; outcome < countOutcomes(question); outcome++) {
          const { refund, win } = createOutcomeConditions(question, outcome);
          const words = `outcome ${outcome} with ${answers}`;
          const isOpen = question.kind === "binary" && answers[0] === OPEN;
          expect(evaluateCondition(win, answers.slice(0, win.facts.length)), words).toBe(
            named === outcome,
          );
          // An open oracle has no value at the expiry: it is bad then.
          if (!isOpen) {
            expect(evaluateCondition(refund, answers), words).toBe(
              named === outcome || named === undefined,
            );
          }
        }
      }
    },
  );

  it("are within the limits of a condition for the most oracles that one may read", () => {
    const oracles = Array.from({ length: 64 }, (_, index) => id(index));
    const { refund } = createOutcomeConditions({ kind: "categorical", oracles }, 63);
    expect(refund.script.length).toBeLessThan(16 * 1024);
    const answers = oracles.map((_, index) => (index === 63 ? TRUE : FALSE));
    expect(evaluateCondition(refund, answers)).toBe(true);
    expect(evaluateCondition(refund, [TRUE, ...answers.slice(1)])).toBe(false);
  });
});
