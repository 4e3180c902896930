import { describe, expect, it } from "vitest";
import type { Market } from "../../../src/api/marketApi.ts";
import { evaluateCondition } from "../../../src/blocks/conditionOutcome.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { createMarketRef, createOutcomeConditions } from "../../../src/market/outcomes.ts";
import { placeOf } from "../../../src/market/piece.ts";
import { hashCondition } from "../../../src/protocol/condition.ts";
import { ORACLE_RESULTS, type OracleResult } from "../../../src/protocol/facts.ts";
import type { Piece } from "../../../src/protocol/order.ts";
import type { QuestionFacts } from "../../../src/workers/snapshot/bookAnswer.ts";
import { describeConditions } from "../../../src/workers/snapshot/outlook.ts";

const EXPIRY = 1_000;
const ids = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
const ask = { kind: "categorical", oracles: ids } as const;
const market: Market = {
  question: "What does a barrel cost?",
  ask,
  outcomes: ["under 50", "50 to 60", "60 or more"],
  depositBps: 0,
  tick: 10,
  lot: 1_000n,
  yesBps: undefined,
};
const RESULTS: readonly OracleResult[] = ["open", "true", "false", "bad"];

const conditionsOf = (outcome: number) => createOutcomeConditions(ask, outcome);
const refOf = (outcome: number) => createMarketRef(conditionsOf(outcome), 0);

function chainWith(
  results: readonly OracleResult[],
  trades: QuestionFacts["book"]["trades"] = [],
): QuestionFacts {
  const bodies = ids.flatMap((_, outcome) => Object.values(conditionsOf(outcome)));
  return {
    followed: { markets: [market], facts: { expiry: EXPIRY } },
    book: {
      conditions: new Map(bodies.map((body) => [formatHex(hashCondition(body)), body])),
      trades,
    },
    oracles: new Map(
      results.map((result, index) => [
        formatHex(ids[index] ?? new Uint8Array(32)),
        { reporter: new Uint8Array(33), question: `Oracle ${index}?`, result, resultHeight: 900 },
      ]),
    ),
    settlement: undefined,
  };
}

function outlookOf(chain: QuestionFacts, outcome: number, isYes: boolean, kind: Piece["kind"]) {
  const place = placeOf(refOf(outcome), isYes, { lo: 0n, hi: 1_000n, kind });
  const [outlook] = describeConditions(chain, place);
  if (outlook === undefined) throw new Error("expected a condition");
  return outlook;
}

describe("a position on one outcome of several", () => {
  it("comes out as its condition does, whatever the oracles say in whatever order", () => {
    for (const first of RESULTS) {
      for (const second of RESULTS) {
        for (const third of RESULTS) {
          const results = [first, second, third];
          const isOpen = results.find((result) => result !== "false") === "open";
          const values = results.map((result) => ORACLE_RESULTS[result]);
          for (const outcome of ids.keys()) {
            const bodies = conditionsOf(outcome);
            for (const isYes of [true, false]) {
              for (const kind of ["refund", "win"] as const) {
                const outlook = outlookOf(chainWith(results), outcome, isYes, kind);
                const body = (kind === "refund") === isYes ? bodies.refund : bodies.win;
                const holds = evaluateCondition(body, values.slice(0, body.facts.length));
                const decided = holds === isYes ? "for" : "against";
                expect(outlook.outcome, `${results} ${outcome} ${isYes} ${kind}`).toBe(
                  isOpen ? "open" : decided,
                );
              }
            }
          }
        }
      }
    }
  });

  it("says its outcome by name, and who has the space of a bad question", () => {
    const open = chainWith(["open", "open", "open"]);
    expect(outlookOf(open, 1, true, "refund").words).toBe(
      "if the answer to “What does a barrel cost?” is “50 to 60”, or cannot be told",
    );
    expect(outlookOf(open, 1, false, "win").words).toBe(
      "if the answer to “What does a barrel cost?” is not “50 to 60”",
    );
  });

  it("has its chance from the newest price, or one like every other before there is one", () => {
    const open: readonly OracleResult[] = ["open", "open", "open"];
    expect(outlookOf(chainWith(open), 0, true, "win").bps).toBe(3_333n);
    const trade = { height: 4, market: refOf(0), volume: 1_000n, timeMs: 0n, isFull: false };
    const digest = new Uint8Array(32);
    const trades = [200, 250].map((price) => ({ ...trade, price, digest }));
    expect(outlookOf(chainWith(open, trades), 0, true, "win").bps).toBe(2_500n);
    expect(outlookOf(chainWith(open, trades), 0, false, "win").bps).toBe(7_500n);
    expect(outlookOf(chainWith(open, trades), 1, true, "win").bps).toBe(3_333n);
  });
});
