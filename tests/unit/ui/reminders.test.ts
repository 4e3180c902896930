import { describe, expect, it } from "vitest";
import { listDeadlines } from "../../../src/ui/figures/deadlines.ts";
import { findDueReminders, type Told } from "../../../src/ui/reminders/dueReminders.ts";
import { changeLive, live, NOW_MS, network } from "../../preview/fixtures.ts";

const MINUTE = 60_000;
const UNTIL = 2_000;

/** Main-chain time at which so many minutes are left until block `UNTIL`, at ten minutes a block. */
function clockAt(minutesLeft: number) {
  const slow = { ...network, blockPeriodMs: 10 * MINUTE };
  return { ...slow, height: UNTIL - Math.ceil(minutesLeft / 10), tipTimeMs: NOW_MS };
}

const claimable = changeLive(
  {
    phase: { kind: "claims", point: 0n, until: UNTIL + 1 },
    schedule: { expiry: 1, drawn: 2, claimsEnd: UNTIL + 1, quiet: UNTIL + 20 },
  },
  { state: "won", actions: ["claim"] },
);
const must = listDeadlines(claimable);
const may = listDeadlines(
  changeLive({ schedule: { expiry: UNTIL + 1, drawn: 3_000, claimsEnd: 3_100, quiet: 3_200 } }),
);

/** How many are told at each of these times, one after another. */
function tellAt(deadlines: typeof must, minutesLeft: readonly number[]): number[] {
  let told: Told = new Map();
  return minutesLeft.map((left) => {
    const found = findDueReminders(deadlines, told, clockAt(left), NOW_MS);
    told = found.told;
    return found.due.length;
  });
}

describe("reminders", () => {
  it("come once when something must be done, then a day, an hour and ten minutes before", () => {
    expect(tellAt(must, [5_000, 4_000, 1_440, 1_400, 60, 50, 10])).toEqual([1, 0, 1, 0, 1, 0, 1]);
  });

  it("of what may be done come only before its time is over", () => {
    expect(tellAt(may, [5_000, 1_440, 60])).toEqual([0, 1, 1]);
  });

  it("that were slept through come as one", () => {
    expect(tellAt(must, [10, 10])).toEqual([1, 0]);
  });

  it("come by the clock where the main chain is not heard any more", () => {
    const silent = clockAt(2_000);
    const first = findDueReminders(must, new Map(), silent, NOW_MS);
    const later = findDueReminders(must, first.told, silent, NOW_MS + 1_950 * MINUTE);
    expect([first.due.length, later.due.length]).toEqual([1, 1]);
  });

  it("are not sent after the last block, and are forgotten with what they were of", () => {
    const { due, told } = findDueReminders(must, new Map(), clockAt(0), NOW_MS);
    expect(due).toEqual([]);
    expect(told.size).toBe(0);
  });

  it("are of things to do, and not of claims that may never be needed", () => {
    const near = { ...network, height: 1_610, tipTimeMs: NOW_MS };
    const { due } = findDueReminders(listDeadlines(live), new Map(), near, NOW_MS);
    expect(due.filter(({ kind }) => kind === "claims")).toEqual([]);
  });
});
