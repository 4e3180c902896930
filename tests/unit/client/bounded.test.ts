import { describe, expect, it } from "vitest";
import { decodeBook, encodeBook } from "../../../src/client/bookRow.ts";
import type { ChainBook } from "../../../src/client/chainBook.ts";
import { NO_RELEASES } from "../../../src/client/releases.ts";
import { crowdCount } from "../../../src/client/standing.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { alice, bob, CHAIN, ChainLab, cash, make } from "../blocks/chainLab.ts";
import { BookKeeper } from "./bookLab.ts";

/** Everything that a book holds, counted. */
function countAll(book: ChainBook): Record<string, number> {
  const entries = [...book.descendants.values()].map((each) => each.entries.length);
  return {
    run: book.run.length,
    live: book.live.size,
    crowd: book.crowd.length,
    own: book.own.size,
    inside: book.inside.size,
    conditions: book.conditions.size,
    frozen: book.frozen.length,
    entries: entries.reduce((sum, count) => sum + count, 0),
    // What closes have left free is kept for a while; how much of it, is held to its own bound.
    bytes: encodeBook({ ...book, releases: NO_RELEASES }).length,
  };
}

describe("what is kept of a chain", () => {
  it("is as large after many blocks as after a few", () => {
    const lab = new ChainLab();
    const keeper = new BookKeeper(lab, alice.publicKey);
    lab.sell([alice, 0n, 100n]);
    const counts: Record<string, number>[] = [];
    for (let round = 1; round <= 120; round++) {
      const [sold] = lab.sell([bob, 100n, 300n]);
      if (sold === undefined) throw new Error("nothing was sold");
      lab.take([lab.close(sold, [])]);
      keeper.takeBlocks();
      if (round % 10 === 0) keeper.record(lab.blocks.length, Math.floor(round / 3));
      if (round % 40 === 0) counts.push(countAll(keeper.book));
    }
    expect(keeper.book.breach).toBeUndefined();
    expect(keeper.book.tip.height).toBe(241);
    expect(keeper.book.own.size).toBe(1);
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[2]).toEqual(counts[0]);
  });

  it("holds own contracts exactly, and of a crowd of strangers only so many singly", () => {
    const lab = new ChainLab();
    const keeper = new BookKeeper(lab, alice.publicKey);
    const [mine] = lab.sell([alice, 999n, 1_000n]);
    const lots = Array.from({ length: 900 }, (_, index) => BigInt(index));
    const strangers = [];
    for (let from = 0; from < 900; from += 300) {
      const part = lots.slice(from, from + 300);
      strangers.push(...lab.sell(...part.map((lo) => [bob, lo, lo + 1n] as const)));
    }
    keeper.takeBlocks();
    const { book } = keeper;
    expect(book.live.size).toBe(513);
    expect(book.live.size + crowdCount(book.crowd)).toBe(901);
    expect([...book.own.keys()]).toEqual([formatHex(mine?.leaf.id ?? new Uint8Array())]);
    expect([...book.own.keys()].every((id) => book.live.has(id))).toBe(true);
    // Some go again: nobody is counted twice.
    lab.take(strangers.filter((_, index) => index % 9 === 0).map((each) => lab.close(each, [])));
    keeper.takeBlocks();
    expect(keeper.book.live.size + crowdCount(keeper.book.crowd)).toBe(801);
  });

  it("prefers wide contracts of strangers to narrow ones, so that little of the strip is only counted", () => {
    const lab = new ChainLab();
    const keeper = new BookKeeper(lab, undefined);
    lab.sell([bob, 900n, 1_000n]);
    for (let from = 0n; from < 900n; from += 300n) {
      const part = Array.from({ length: 300 }, (_, index) => from + BigInt(index));
      lab.sell(...part.map((lo) => [bob, lo, lo + 1n] as const));
    }
    keeper.takeBlocks();
    const widths = [...keeper.book.live.values()].map(({ leaf }) => leaf.hi - leaf.lo);
    expect(widths).toContain(100n);
  });

  it("lets nobody fill it with presents: own leaves have a limit, too", () => {
    const lab = new ChainLab({ ...CHAIN, hi: 4_000n });
    const keeper = new BookKeeper(lab, alice.publicKey);
    for (let from = 0n; from < 1_200n; from += 400n) {
      const part = Array.from({ length: 400 }, (_, index) => from + BigInt(index));
      lab.take(part.map((lo) => make(cash(alice, lo, lo + 1n))));
    }
    keeper.takeBlocks();
    expect(keeper.book.own.size).toBe(1_024);
  });

  it("comes back from its row as it was, and a damaged row is none", () => {
    const lab = new ChainLab();
    const keeper = new BookKeeper(lab, alice.publicKey);
    const [mine] = lab.sell([alice, 0n, 100n], [bob, 100n, 200n]);
    keeper.takeBlocks();
    keeper.record(1, 5);
    if (mine === undefined) throw new Error("nothing was sold");
    lab.take([lab.close(mine, [cash(alice, 0n, 50n)]), make(cash(alice, 0n, 50n))]);
    keeper.takeBlocks();
    const row = encodeBook(keeper.book);
    expect(insist(decodeBook(row, lab.facts))).toEqual(keeper.book);
    for (const at of [0, 40, row.length - 1]) {
      const damaged = Uint8Array.from(row, (byte, index) => (index === at ? byte ^ 1 : byte));
      expect(decodeBook(damaged, lab.facts)).toMatchObject({ ok: false, code: "DAMAGED" });
    }
  });
});
