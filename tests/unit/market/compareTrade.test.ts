import { describe, expect, it } from "vitest";
import { isFullBlock } from "../../../src/blocks/fullBlock.ts";
import { digestMatches, hashOrder, volumeOf } from "../../../src/market/batch.ts";
import { clearMatches } from "../../../src/market/clearMatches.ts";
import { compareTrade } from "../../../src/market/compareTrade.ts";
import { BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX } from "../../../src/protocol/limits.ts";
import type { Match } from "../../../src/protocol/match.ts";
import { alice, bob } from "../blocks/chainLab.ts";
import { TradeLab } from "./tradeLab.ts";

/** Three matches: orders of one size trade with one another. */
function threeMatches(): readonly Match[] {
  const lab = new TradeLab();
  lab.sell([alice, 0n, 30_000n], [bob, 40_000n, 70_000n]);
  const orders = [10_000n, 6_000n, 4_000n].flatMap((quantity, index) => {
    const lo = BigInt(index) * 10_000n;
    const cash = (from: bigint) =>
      [{ lo: from + lo, hi: from + lo + 10_000n, kind: "cash" }] as const;
    return [
      { who: alice, side: "buyYes", limit: 500, quantity, contracts: cash(0n) } as const,
      { who: bob, side: "buyNo", limit: 500, quantity, contracts: cash(40_000n) } as const,
    ];
  });
  const owned = orders.map((wish) => {
    const signed = lab.order(wish);
    return { hash: hashOrder(signed.order), signed, owner: wish.who.publicKey };
  });
  return clearMatches(owned, lab.market, lab.rules, lab.bounds).matches;
}

function tradeOf(matches: readonly Match[], isFull: boolean) {
  return { price: 500, volume: volumeOf(matches), digest: digestMatches(matches), isFull };
}

describe("a block beside what its orders come to", () => {
  const matches = threeMatches();
  const [first, second, third] = matches as [Match, Match, Match];

  it("is the same with all matches in their order", () => {
    expect(matches).toHaveLength(3);
    expect(compareTrade(matches, tradeOf(matches, false))).toMatchObject({ kind: "same", held: 3 });
    expect(compareTrade([], undefined)).toMatchObject({ kind: "same" });
  });

  it("may have only the first of them where it has no room, and must have all where it has", () => {
    const held = [first, second];
    expect(compareTrade(matches, tradeOf(held, true))).toMatchObject({ kind: "same", held: 2 });
    expect(compareTrade(matches, tradeOf(held, false))).toMatchObject({
      kind: "leftOut",
      held: 2,
      wanted: 3,
    });
    expect(compareTrade(matches, undefined)).toMatchObject({ kind: "leftOut", held: 0, wanted: 3 });
  });

  it("differs with others than the first, full or not, and with all of them in another order", () => {
    expect(compareTrade(matches, tradeOf([first, third], true))).toMatchObject({
      kind: "otherVolume",
      volume: 14_000n,
      expected: 20_000n,
    });
    expect(compareTrade(matches, tradeOf([second, first, third], true))).toEqual({
      kind: "otherShares",
    });
    expect(compareTrade([], tradeOf(matches, true))).toEqual({ kind: "noTrade", price: 500 });
    const dearer = { ...tradeOf(matches, true), price: 510 };
    expect(compareTrade(matches, dearer)).toMatchObject({ kind: "otherPrice", expected: 500 });
  });

  it("is full by its transactions, or by half of the bytes that it may have", () => {
    expect(isFullBlock(BLOCK_TRANSACTIONS_MAX, 1_000)).toBe(true);
    expect(isFullBlock(1, BLOCK_BYTES_MAX / 2 + 1)).toBe(true);
    expect(isFullBlock(BLOCK_TRANSACTIONS_MAX - 1, BLOCK_BYTES_MAX / 2)).toBe(false);
  });
});
