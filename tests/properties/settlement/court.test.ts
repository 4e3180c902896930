import { describe, expect, it } from "vitest";
import { judgeClaim } from "../../../src/chain/settlement/judgeClaim.ts";
import { judgeSlash } from "../../../src/chain/settlement/judgeSlash.ts";
import { judgeTimeout } from "../../../src/chain/settlement/judgeTimeout.ts";
import type { Counters } from "./courtPlay.ts";
import { tryHistory } from "./play.ts";

const HISTORIES = 2_000;

/** What must have happened somewhere, or the green result says nothing. */
const MUST_HAPPEN = [
  "claim",
  "move",
  "close",
  "timeout",
  "a rank was improved",
  "a late successor",
  "closes in a row",
  "a double sale was punished",
  "no survivor",
  "a winner",
  "a shown leaf won",
  "several stood at the timeout",
];

describe("settlement against the court", () => {
  it(`rules as the court does in ${HISTORIES} random histories, to the satoshi`, () => {
    const counters: Counters = new Map();
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const wrong = tryHistory(seed, { judgeClaim, judgeSlash, judgeTimeout }, counters);
      expect(wrong, `seed ${seed}`).toBeUndefined();
    }
    for (const event of MUST_HAPPEN) expect(counters.get(event) ?? 0, event).toBeGreaterThan(0);
  });
});
