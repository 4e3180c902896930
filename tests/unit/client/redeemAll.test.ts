import { describe, expect, it } from "vitest";
import { redeemAll } from "../../../src/client/journeys/redeemAll.ts";
import type { OwnLeaf } from "../../../src/client/ownLeaves.ts";
import { accept, refuse, type Verdict } from "../../../src/lib/verdict.ts";
import { hashName } from "../blocks/chainLab.ts";

function ownAt(lo: bigint): OwnLeaf {
  const hi = lo + 5n;
  return {
    leaf: {
      id: hashName(`leaf ${lo}`),
      owner: new Uint8Array(33),
      lo,
      hi,
      depositBps: 0,
      scriptHash: hashName("true"),
      madeIn: 1,
      sealed: false,
      anchor: { kind: "none" },
    },
    place: { lo, hi, conditions: [] },
    madeIn: 1,
    path: new Uint8Array(),
    rootsRoot: hashName("roots"),
    script: undefined,
    isOtherSideFree: false,
    headers: [],
    post: undefined,
    closedIn: undefined,
    closedUnder: undefined,
    cost: undefined,
  };
}

const ALL = [ownAt(0n), ownAt(10n), ownAt(20n)];
const LATE = refuse("OTHER_BLOCK_SEEN", "the signed close names another block than the one before");

/** An operator who puts as many of those asked for into each of his blocks, and answers the rest as told. */
async function play(perBlock: readonly number[], answer: Verdict<null> = LATE) {
  const held = new Set(ALL);
  const asked: number[] = [];
  let made: readonly OwnLeaf[] = [];
  const done = await redeemAll(ALL, {
    async redeem(contracts) {
      const taken = perBlock[asked.push(contracts.length) - 1] ?? 0;
      made = contracts.slice(0, taken);
      return taken === contracts.length ? accept(null) : answer;
    },
    isHeld: (own) => held.has(own),
    async catchUp() {
      for (const own of made) held.delete(own);
    },
  });
  return { done: done.ok ? "done" : done.code, asked };
}

describe("a position that is redeemed", () => {
  it("is asked for once, where a block takes all of it", async () => {
    expect(await play([3])).toEqual({ done: "done", asked: [3] });
  });

  it("is signed again for what is left, where a block was made before all of it came", async () => {
    expect(await play([2, 1])).toEqual({ done: "done", asked: [3, 1] });
    expect(await play([0, 3])).toEqual({ done: "done", asked: [3, 3] });
  });

  it("is asked for four times at most, and once where it is refused for another reason", async () => {
    expect(await play([])).toEqual({ done: "OTHER_BLOCK_SEEN", asked: [3, 3, 3, 3] });
    const refused = refuse("NOT_DECIDED", "the condition is open");
    expect(await play([1], refused)).toEqual({ done: "NOT_DECIDED", asked: [3] });
  });
});
