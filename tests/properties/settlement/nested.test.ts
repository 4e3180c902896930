import { describe, expect, it } from "vitest";
import { judgeClaim } from "../../../src/chain/settlement/judgeClaim.ts";
import { judgeSlash } from "../../../src/chain/settlement/judgeSlash.ts";
import { judgeTimeout } from "../../../src/chain/settlement/judgeTimeout.ts";
import type { Counters } from "./courtPlay.ts";
import { tryNestedHistory } from "./nestedPlay.ts";

const HISTORIES = 1_000;

/** What must have happened somewhere, or the green result says nothing. */
const MUST_HAPPEN = [
  "claim",
  "move",
  "close",
  "timeout",
  "a nested claim",
  "a claim of a sealed leaf",
  "a rank was improved",
  "a close further down",
  "a close of a sealed leaf",
  "several lines removed at once",
  "a removal was undone",
  "a double sale was punished",
  "only one operator of several was punished",
  "a contract became a chain",
  "claims were carried down",
  "a chain made by a timeout ended",
  "a shown nested line won",
];

describe("settlement through levels against the court", () => {
  it(`rules as the court does in ${HISTORIES} random lives of chains inside chains`, () => {
    const counters: Counters = new Map();
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const wrong = tryNestedHistory(seed, { judgeClaim, judgeSlash, judgeTimeout }, counters);
      expect(wrong, `seed ${seed}`).toBeUndefined();
    }
    for (const event of MUST_HAPPEN) expect(counters.get(event) ?? 0, event).toBeGreaterThan(0);
  });
});
