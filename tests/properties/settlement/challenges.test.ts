import { describe, expect, it } from "vitest";
import { judgeChallenge } from "../../../src/chain/challenges/judgeChallenge.ts";
import { judgeChallengeResponse } from "../../../src/chain/challenges/judgeChallengeResponse.ts";
import { tryChallenges } from "./challengeTrial.ts";
import type { Counters } from "./courtPlay.ts";
import { createNestedHistory } from "./nestedHistory.ts";
import { createHistory } from "./randomHistory.ts";

const HISTORIES = 30;
const MARKETS = 4;
const NESTED = 20;

/** What must have happened somewhere, or the green result says nothing. */
const MUST_HAPPEN = [
  "a challenge",
  "no challenge",
  "a challenge inside",
  "answered by close",
  "answered by a match",
  "answered by condition",
  "answered by late",
  "no answer",
];

describe("challenges against the court", () => {
  it("hold and are answered as the court says, in random histories with lying operators", () => {
    const counters: Counters = new Map();
    const judges = { judgeChallenge, judgeChallengeResponse };
    for (let seed = 1; seed <= HISTORIES; seed++) {
      expect(tryChallenges(seed, createHistory, judges, counters), `seed ${seed}`).toBeUndefined();
    }
    for (let seed = 1; seed <= MARKETS; seed++) {
      const wrong = tryChallenges(seed, (random) => createHistory(random, true), judges, counters);
      expect(wrong, `market ${seed}`).toBeUndefined();
    }
    for (let seed = 1; seed <= NESTED; seed++) {
      const wrong = tryChallenges(seed, createNestedHistory, judges, counters);
      expect(wrong, `nested ${seed}`).toBeUndefined();
    }
    for (const event of MUST_HAPPEN) expect(counters.get(event) ?? 0, event).toBeGreaterThan(0);
  });
});
