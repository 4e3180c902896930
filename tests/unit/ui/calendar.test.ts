import { describe, expect, it } from "vitest";
import { createEntries } from "../../../src/ui/calendar/deadlineEntries.ts";
import { type CalendarEntry, writeCalendar } from "../../../src/ui/calendar/writeCalendar.ts";
import { listDeadlines } from "../../../src/ui/figures/deadlines.ts";
import { chain, changeLive, HEIGHT, live, NOW_MS, network } from "../../preview/fixtures.ts";

const HOUR = 3_600_000;

const entry: CalendarEntry = {
  uid: "claim:a1@local.sortition",
  startMs: Date.UTC(2026, 10, 24, 13, 30, 0),
  endMs: Date.UTC(2026, 10, 24, 14, 0, 0),
  title: "Claim the prize",
  note: "The point fell on your range.",
  alarmsMs: [HOUR],
};

/** The lines of a file as a reader of RFC 5545 takes them: folds undone. */
function readLines(file: string): string[] {
  expect(file.endsWith("\r\n")).toBe(true);
  expect(file.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  return file.slice(0, -2).replaceAll("\r\n ", "").split("\r\n");
}

function readText(file: string, name: string): string | undefined {
  const line = readLines(file).find((each) => each.startsWith(`${name}:`));
  return line
    ?.slice(name.length + 1)
    .replace(/\\(.)/g, (_, sign) => (sign === "n" ? "\n" : String(sign)));
}

describe("a calendar file", () => {
  it("is what RFC 5545 asks for, line by line", () => {
    expect(readLines(writeCalendar([entry], NOW_MS))).toEqual([
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      "PRODID:-//Sortition wallet//Deadlines//EN",
      "CALSCALE:GREGORIAN",
      "BEGIN:VEVENT",
      "UID:claim:a1@local.sortition",
      "DTSTAMP:20261124T120000Z",
      "DTSTART:20261124T133000Z",
      "DTEND:20261124T140000Z",
      "SUMMARY:Claim the prize",
      "DESCRIPTION:The point fell on your range.",
      "TRANSP:TRANSPARENT",
      "BEGIN:VALARM",
      "ACTION:DISPLAY",
      "DESCRIPTION:Claim the prize",
      "TRIGGER;RELATED=END:-PT60M",
      "END:VALARM",
      "END:VEVENT",
      "END:VCALENDAR",
    ]);
  });

  it("is folded at 75 octets, between characters", () => {
    const title = "“Köln”, gewinnt – 雨が降る 🎲 ".repeat(12);
    const file = writeCalendar([{ ...entry, title }], NOW_MS);
    for (const line of file.split("\r\n")) {
      expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    }
    expect(readText(file, "SUMMARY")).toBe(title);
  });

  it("keeps text of others inside its line", () => {
    const title = "Prize\r\nEND:VEVENT\rATTACH:http://x\n; a, b \\ c \u0000\u001b\u2028";
    const file = writeCalendar([{ ...entry, title }], NOW_MS);
    expect(readLines(file).filter((line) => /^(END:VEVENT|ATTACH)/.test(line))).toHaveLength(1);
    expect(readText(file, "SUMMARY")).toBe("Prize\nEND:VEVENT\nATTACH:http://x\n; a, b \\ c    ");
  });

  it("has the same name for the same deadline, whenever it is saved", () => {
    const wallet = live;
    const later = { ...network, height: HEIGHT + 100, tipTimeMs: network.tipTimeMs + 150_000 };
    const [first] = createEntries(listDeadlines(wallet), network, NOW_MS);
    const [second] = createEntries(listDeadlines(wallet), later, NOW_MS + 150_000);
    expect(second?.uid).toBe(first?.uid);
    expect(second?.endMs).toBeLessThan(first?.endMs ?? 0);
  });
});

describe("a deadline in a calendar", () => {
  const slow = { ...network, blockPeriodMs: 600_000, tipTimeMs: NOW_MS };

  it("ends before it is expected, and rings where there is time to", () => {
    const [expiry] = createEntries(listDeadlines(live), slow, NOW_MS);
    const expected = NOW_MS + (chain.schedule.expiry - 1 - HEIGHT) * slow.blockPeriodMs;
    expect(expiry?.endMs).toBe(NOW_MS + (expected - NOW_MS) * 0.9);
    expect(expiry?.alarmsMs).toEqual([24 * HOUR, HOUR, HOUR / 6]);
    expect(expiry?.note).toContain("Main-chain block 1,599 is the last that counts");
  });

  it("that is near begins now and rings no earlier", () => {
    const near = changeLive({
      phase: { kind: "claims", point: 0n, until: HEIGHT + 3 },
      schedule: { ...chain.schedule, claimsEnd: HEIGHT + 3 },
    });
    const won = near.contracts.map((each) => ({ ...each, actions: ["claim"] as const }));
    const [claim] = createEntries(listDeadlines({ ...near, contracts: won }), slow, NOW_MS);
    expect(claim?.startMs).toBe(NOW_MS);
    expect(claim?.alarmsMs).toEqual([HOUR / 6]);
  });

  it("that has passed is not before now", () => {
    const [passed] = createEntries(listDeadlines(live), { ...slow, height: 9_999 }, NOW_MS);
    expect(passed).toMatchObject({ startMs: NOW_MS, endMs: NOW_MS, alarmsMs: [] });
  });
});
