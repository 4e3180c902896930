import { describe, expect, it } from "vitest";
import { judgeClaim } from "../../../src/chain/settlement/judgeClaim.ts";
import { judgeSlash } from "../../../src/chain/settlement/judgeSlash.ts";
import { judgeTimeout } from "../../../src/chain/settlement/judgeTimeout.ts";
import type { Counters } from "./courtPlay.ts";
import { tryHistory, tryMarket } from "./play.ts";

const HISTORIES = 1_600;
/** Those in which orders trade in every block are longer. */
const MARKETS = 350;

/** What must have happened somewhere, or the green result says nothing. */
const MUST_HAPPEN = [
  "claim",
  "move",
  "close",
  "timeout",
  "a rank was improved",
  "a late successor",
  "closes in a row",
  "a slash by a match",
  "a slash by a match of many",
  "a slash by a match on an outcome",
  "a trader kept what he had",
  "a double sale was punished",
  "no survivor",
  "a winner",
  "a shown leaf won",
  "several stood at the timeout",
];

describe("settlement against the court", () => {
  it(`rules as the court does in ${HISTORIES + MARKETS} random histories, to the satoshi`, () => {
    const counters: Counters = new Map();
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const wrong = tryHistory(seed, { judgeClaim, judgeSlash, judgeTimeout }, counters);
      expect(wrong, `seed ${seed}`).toBeUndefined();
    }
    for (let seed = 1; seed <= MARKETS; seed++) {
      const wrong = tryMarket(seed, { judgeClaim, judgeSlash, judgeTimeout }, counters);
      expect(wrong, `market ${seed}`).toBeUndefined();
    }
    for (const event of MUST_HAPPEN) expect(counters.get(event) ?? 0, event).toBeGreaterThan(0);
  });
});
