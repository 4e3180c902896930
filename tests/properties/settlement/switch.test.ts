import { describe, expect, it } from "vitest";
import { judgeClaim } from "../../../src/chain/settlement/judgeClaim.ts";
import { judgeSlash } from "../../../src/chain/settlement/judgeSlash.ts";
import { judgeTimeout } from "../../../src/chain/settlement/judgeTimeout.ts";
import type { Counters } from "./courtPlay.ts";
import { tryNestedHistory } from "./nestedPlay.ts";

const HISTORIES = 400;

/** What must have happened somewhere, or the green result says nothing. */
const MUST_HAPPEN = [
  "a switch was sent",
  "a switch refused: RECORDED_ALREADY",
  "a switch refused: BAD_SIGNATURE",
  "a post was sent",
  "a post refused: SEQUENCE_GAP",
  "a post refused: BAD_SIGNATURE",
  "claim refused: SWITCHED",
  "close refused: NO_RECORD_BEFORE",
  "a claim under a post after a switch",
  "a close under a post after a switch",
  "a shown nested line won",
];

describe("chains that have switched to the main chain, against the court", () => {
  it(`rules as the court does in ${HISTORIES} random lives`, () => {
    const counters: Counters = new Map();
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const judges = { judgeClaim, judgeSlash, judgeTimeout };
      const wrong = tryNestedHistory(seed, judges, counters, true);
      expect(wrong, `seed ${seed}`).toBeUndefined();
    }
    for (const event of MUST_HAPPEN) expect(counters.get(event) ?? 0, event).toBeGreaterThan(0);
  });
});
