import { describe, expect, it } from "vitest";
import { ENDED_MAX, listForgotten } from "../../../src/client/orders/forgottenOrders.ts";
import type { RestingOrder } from "../../../src/client/orders/orderRows.ts";
import { hashName } from "../blocks/chainLab.ts";

const OPEN: RestingOrder = {
  chainId: hashName("chain"),
  limits: {
    market: { refund: hashName("refund"), win: hashName("win"), depositBps: 0 },
    side: "buyYes",
    limit: 500,
    quantity: 9_000n,
    refundLeast: 500,
  },
  contractIds: [],
  madeAtMs: 0,
  goodUntilMs: 1,
  fills: [],
  settled: { quantity: 0n, paid: 0n },
  last: undefined,
  end: undefined,
};
const ENDED: RestingOrder = { ...OPEN, end: { kind: "cancelled" } };
const FILLED: RestingOrder = { ...OPEN, settled: { quantity: 9_000n, paid: 4_500n } };
const FRESH: RestingOrder = {
  ...OPEN,
  fills: [
    { height: 3, orderHash: hashName("o"), price: 500, quantity: 9_000n, usedId: hashName("a") },
  ],
};

const nameAt = (index: number) => String(index).padStart(10, "0");

/** These orders first, and then as many that ended as are kept. */
function forgottenOf(first: readonly RestingOrder[], isSigned = (_id: string) => false) {
  const newer = Array.from({ length: ENDED_MAX }, () => ENDED);
  const all = [...first, ...newer].map((order, index) => [nameAt(index), order] as const);
  return listForgotten(all, isSigned);
}

describe("orders that ended long ago", () => {
  it("are forgotten once so many have ended after them, filled or not", () => {
    expect(forgottenOf([])).toEqual([]);
    expect(forgottenOf([ENDED, FILLED]).toSorted()).toEqual([nameAt(0), nameAt(1)]);
  });

  it("are kept while they rest, or a fill may still be taken back, or something signed is kept", () => {
    expect(forgottenOf([OPEN, FRESH])).toEqual([]);
    expect(forgottenOf([ENDED, FILLED], (id) => id === nameAt(0))).toEqual([nameAt(1)]);
  });
});
