import { afterEach, describe, expect, it, vi } from "vitest";
import type * as ChallengeRecords from "../../../src/chain/challenges/challengeRecord.ts";
import type * as GoneContracts from "../../../src/chain/challenges/goneContract.ts";
import type * as SettlementViews from "../../../src/chain/settlement/settlementView.ts";
import type * as ShownLines from "../../../src/chain/settlement/shownLine.ts";
import { replace, restoreAll } from "./plantBug.ts";

const HISTORIES = 40;
const CHALLENGES = "chain/challenges";

/** Each plants one bug; everything else stays the chain's own. */
const BUGS: Record<string, () => void> = {
  "the order of states is not looked at": () =>
    replace<typeof GoneContracts>(`${CHALLENGES}/goneContract.ts`, () => ({
      isLater: () => true,
    })),
  "only the height says what is later": () =>
    replace<typeof GoneContracts>(`${CHALLENGES}/goneContract.ts`, () => ({
      isLater: ([, a], [, b]) => b.header.height > a.header.height,
    })),
  "one id is one contract, whoever has it": () =>
    replace<typeof ShownLines>("chain/settlement/shownLine.ts", () => ({
      isSameContract: (a, b) => a.lo === b.lo && a.hi === b.hi,
    })),
  "a condition that is not final counts": () =>
    replace<typeof SettlementViews>("chain/settlement/settlementView.ts", (real) => ({
      readOutcome: (...args) => ({ ...real.readOutcome(...args), isFinal: true }),
    })),
  "a close is shown under whatever record": () =>
    replace<typeof ChallengeRecords>(`${CHALLENGES}/challengeRecord.ts`, () => ({
      isRecordedBy: () => true,
    })),
};

afterEach(restoreAll);

describe("a bug in how challenges are judged falls to the court:", () => {
  it.each(Object.entries(BUGS))("%s", async (_, plant) => {
    vi.resetModules();
    plant();
    const { judgeChallenge } = await import("../../../src/chain/challenges/judgeChallenge.ts");
    const { judgeChallengeResponse } = await import(
      "../../../src/chain/challenges/judgeChallengeResponse.ts"
    );
    const { tryChallenges } = await import("./challengeTrial.ts");
    const { createHistory } = await import("./randomHistory.ts");
    const judges = { judgeChallenge, judgeChallengeResponse };
    let wrong: string | undefined;
    for (let seed = 1; seed <= HISTORIES && wrong === undefined; seed++) {
      wrong = tryChallenges(seed, createHistory, judges, new Map());
    }
    expect(wrong).toBeDefined();
  });
});
