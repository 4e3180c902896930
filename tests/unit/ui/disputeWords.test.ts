import { describe, expect, it } from "vitest";
import { describeProgress, describeTrail, describeWatch } from "../../../src/ui/words/dispute.ts";
import { describeReceipts, describeTrouble, warnOfTowers } from "../../../src/ui/words/tower.ts";
import { disputesAnswered, disputesBehind, disputesNone } from "../../preview/disputeFixtures.ts";
import { HEIGHT, network } from "../../preview/fixtures.ts";

const { watch } = disputesNone;

describe("the watch, in words", () => {
  it("is safe only while it has looked at the newest block and may act", () => {
    const toneOf = (change: Partial<typeof watch>, key: "unlocked" | "locked" = "unlocked") =>
      describeWatch({ ...watch, ...change }, network, key, true).tone;
    expect(toneOf({})).toBe("safe");
    expect(toneOf({ scannedHeight: HEIGHT - 2 })).toBe("safe");
    expect(toneOf({ scannedHeight: HEIGHT - 3 })).toBe("danger");
    expect(toneOf({ scannedHeight: 0 })).toBe("waiting");
    expect(toneOf({ isAutomatic: false })).toBe("waiting");
    expect(toneOf({}, "locked")).toBe("waiting");
    const nothing = { ...watch, watched: [], scannedHeight: 0 };
    expect(describeWatch(nothing, network, "unlocked", true).tone).toBe("waiting");
    expect(describeWatch(nothing, network, "unlocked", false).tone).toBe("safe");
  });

  it("says what a contract is defended by, and what is missing", () => {
    const words = watch.watched.map(({ trail }) => describeTrail(trail).words);
    expect(words[0]).toBe("All kept: 3 closes, 4.2 KB");
    expect(words[1]).toBe("Nobody stood here before");
    expect(words[3]).toMatch(/^Incomplete: nobody serves block 38/);
  });

  it("counts the confirmations of an answer", () => {
    const words = disputesAnswered.disputes.map((each) => describeProgress(each, 2)?.words);
    expect(words[0]).toBe("Answered. It has 1 of 2 confirmations.");
    expect(words[1]).toBe("Answered, and confirmed by 6 blocks.");
    expect(words[2]).toMatch(/time is over/);
  });
});

describe("watchtowers, in words", () => {
  it("warn unless one of them is live and has signed for everything", () => {
    const [live] = disputesNone.towers;
    const [lagging, down] = disputesBehind.towers;
    if (live === undefined || lagging === undefined || down === undefined) throw new Error();
    const quiet = { ...down, scannedHeight: 0 };
    expect(warnOfTowers([])).toBeUndefined();
    expect(warnOfTowers([live])).toBeUndefined();
    expect(warnOfTowers([down, live])).toBeUndefined();
    expect(warnOfTowers([{ ...down, appointments: 0 }])).toBeUndefined();
    expect(warnOfTowers([lagging])?.words).toMatch(/^Your watchtower does not guard/);
    expect(warnOfTowers([lagging, down])?.words).toMatch(/^None of your watchtowers guards/);
    expect(warnOfTowers([{ ...live, receipts: 11 }])?.tone).toBe("danger");
    expect(warnOfTowers([quiet])).toEqual({
      tone: "waiting",
      words: "Your watchtower has not answered yet.",
    });
  });

  it("say what is wrong with one as a sentence", () => {
    const [live] = disputesNone.towers;
    if (live === undefined) throw new Error();
    const note = "it signed for evidence at block 7, and had not used it";
    expect(describeTrouble({ ...live, note })).toBe(
      "It signed for evidence at block 7, and had not used it.",
    );
    expect(describeTrouble({ ...live, note: "http://tower:1 does not answer" })).toBe(
      "http://tower:1 does not answer.",
    );
    expect(describeTrouble(live)).toBe("");
  });

  it("say how much they have signed for", () => {
    expect(disputesBehind.towers.map(describeReceipts)).toEqual([
      "signed for 9 of 12 pieces of evidence",
      "signed for 0 of 12 pieces of evidence",
    ]);
  });
});
