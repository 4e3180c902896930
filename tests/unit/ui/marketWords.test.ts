import { describe, expect, it } from "vitest";
import { describeAudit } from "../../../src/ui/words/audit.ts";
import { describeFeed, describeNextBatch, judgeFeed } from "../../../src/ui/words/feed.ts";
import { parsePrice, parseQuantity, stepPrice } from "../../../src/ui/words/price.ts";

const NOW_MS = 1_000_000;

describe("a typed price", () => {
  it("is read in thousandths", () => {
    for (const [typed, price] of [
      ["0.62", 620],
      [".62", 620],
      [" 0.6 ", 600],
      ["0.6200000", 620],
      ["0.01", 10],
      ["0.99", 990],
    ] as const) {
      expect(parsePrice(typed, 10), typed).toEqual({ ok: true, value: price });
    }
    expect(parsePrice("0.625", 5)).toEqual({ ok: true, value: 625 });
  });

  it("is refused where it is none, or between two steps, in a sentence that helps", () => {
    for (const typed of ["", "1", "0", "0.0", "1.2", "-0.5", "0.5.5", "half", "62%", "0,62", "∞"]) {
      const verdict = parsePrice(typed, 10);
      expect(verdict.ok, typed).toBe(false);
      expect(verdict.ok ? "" : verdict.message, typed).toMatch(/[.]$/);
    }
    expect(parsePrice("0.625", 10)).toMatchObject({ code: "OFF_TICK" });
    expect(parsePrice("0.6201", 1)).toMatchObject({ code: "OFF_TICK" });
  });

  it("steps along the ticks and stays between 0 and 1", () => {
    expect(stepPrice(620, 10, 1)).toBe(630);
    expect(stepPrice(625, 10, -1)).toBe(620);
    expect(stepPrice(990, 10, 1)).toBe(990);
    expect(stepPrice(10, 10, -10)).toBe(10);
    expect(stepPrice(5_000, 50, 0)).toBe(950);
  });
});

describe("a typed quantity", () => {
  const VEO = 100_000_000n;
  const LOT = VEO / 1_000n;

  it("is VEO, in whole lots and more than none", () => {
    expect(parseQuantity(" 25 ", LOT)).toEqual({ ok: true, value: 25n * VEO });
    expect(parseQuantity("2.501", LOT)).toEqual({ ok: true, value: 2_501n * LOT });
    for (const typed of ["", "0", "-1", "1e3", "9".repeat(13), "1,000"]) {
      const verdict = parseQuantity(typed, LOT);
      expect(verdict.ok, typed).toBe(false);
      expect(verdict.ok ? "" : verdict.message, typed).toMatch(/[.]$/);
    }
  });

  it("that is no whole lots is answered with the nearest that are", () => {
    const said = (typed: string, lot = LOT) => {
      const verdict = parseQuantity(typed, lot);
      return verdict.ok ? undefined : [verdict.code, verdict.message];
    };
    expect(said("2.5015")).toEqual([
      "NOT_LOTS",
      "Orders go in steps of 0.001 VEO here: 2.501 VEO or 2.502 VEO.",
    ]);
    expect(said("0.0004")).toEqual([
      "NOT_LOTS",
      "Orders go in steps of 0.001 VEO here: 0.001 VEO.",
    ]);
    expect(said("12.34", VEO)).toEqual([
      "NOT_LOTS",
      "Orders go in steps of 1 VEO here: 12 VEO or 13 VEO.",
    ]);
  });
});

describe("the age of a feed", () => {
  it("is always said, and grows while nothing is heard", () => {
    const heard = (agoMs: number) => ({ heardAtMs: NOW_MS - agoMs });
    expect(describeFeed(heard(1_000), undefined, NOW_MS)).toBe("Live, heard just now");
    expect(describeFeed(heard(6_000), undefined, NOW_MS)).toBe("Live, heard 6 s ago");
    expect(describeFeed(heard(24_000), undefined, NOW_MS)).toBe("Silent for 24 s");
    const cut = { heardAtMs: undefined };
    expect(describeFeed(cut, NOW_MS - 40_000, NOW_MS)).toBe("Cut off, last heard 40 s ago");
    expect(describeFeed(cut, undefined, NOW_MS)).toBe("Cut off, not heard yet");
  });

  it("is late after two beats", () => {
    expect(judgeFeed(NOW_MS - 10_000, NOW_MS)).toBe("live");
    expect(judgeFeed(NOW_MS - 10_001, NOW_MS)).toBe("late");
  });
});

describe("the countdown", () => {
  const empty = { bids: [], asks: [] };
  const next = { nextHeight: 88, nextAtMs: NOW_MS + 6_400, heardAtMs: NOW_MS, ...empty };

  it("counts whole seconds down to the batch", () => {
    expect(describeNextBatch(next, NOW_MS)).toEqual({
      title: "Batch 88",
      words: "in 7 s at the latest",
      secondsLeft: 7,
    });
    expect(describeNextBatch(next, NOW_MS + 6_400).words).toBe("is being made");
  });

  it("says what a batch without a time waits for", () => {
    const open = { ...next, nextAtMs: undefined };
    expect(describeNextBatch(open, NOW_MS).words).toBe("waits for a first order");
    const bids = [{ price: 500, lots: 1n, total: 1n }];
    expect(describeNextBatch({ ...open, bids }, NOW_MS).words).toBe("waits for orders that meet");
  });

  it("does not go on where the operator has gone silent or his feed is cut", () => {
    for (const heardAtMs of [undefined, NOW_MS - 20_000]) {
      expect(describeNextBatch({ ...next, heardAtMs }, NOW_MS).secondsLeft).toBeUndefined();
    }
  });
});

describe("the audit of a batch", () => {
  it("says that it is as its orders make it, or how it is not", () => {
    const { tone, sentence } = describeAudit({ kind: "checked", height: 87, orders: 1 });
    expect([tone, sentence.slice(0, 70)]).toEqual([
      "safe",
      "Checked: this device cleared batch 87 anew from its 1 published order.",
    ]);
    const words = "the block trades at 0.61, and its orders come to 0.62";
    expect(describeAudit({ kind: "different", height: 87, words })).toMatchObject({
      tone: "danger",
      sentence: expect.stringContaining(`as its orders say, because ${words}. `),
    });
    expect(describeAudit({ kind: "unpublished", height: 87 }).tone).toBe("waiting");
    expect(describeAudit(undefined).tone).toBe("plain");
  });
});
