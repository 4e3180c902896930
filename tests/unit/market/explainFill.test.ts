import { expect, it } from "vitest";
import type { BatchOrder, BatchRules } from "../../../src/market/batchOrder.ts";
import { clearBatch } from "../../../src/market/clearBatch.ts";
import { explainFill } from "../../../src/market/explainFill.ts";
import type { OrderSide } from "../../../src/protocol/order.ts";
import { hashName } from "../blocks/chainLab.ts";

const RULES: BatchRules = { tick: 10, lot: 1_000n };
let made = 0;

/** An order of so many lots, over contracts of its own. */
function order(side: OrderSide, limit: number, lots: bigint): BatchOrder {
  made += 1;
  const lo = BigInt(made) * 1_000_000n;
  const quantity = lots * RULES.lot;
  const kind = side.startsWith("buy") ? "cash" : "refund";
  const contracts = [{ lo, hi: lo + quantity, kind } as const];
  const terms = { heightMax: 30, side, limit, quantity, refundLeast: 0, contracts };
  return { hash: hashName(`order ${made}`), owner: hashName(`owner ${made}`), terms };
}

function explain(orders: readonly BatchOrder[]) {
  const cleared = clearBatch(orders, RULES, hashName("tip"));
  return orders.map((each) => explainFill(cleared, each, RULES));
}

it("says nothing of an order that is filled whole, and where nothing trades that nothing does", () => {
  expect(explain([order("buyYes", 500, 4n), order("buyNo", 500, 4n)])).toEqual([
    undefined,
    undefined,
  ]);
  expect(explain([order("buyYes", 300, 4n)])).toEqual([{ kind: "noTrade" }]);
});

it("tells an order outside the price from one that had to share at the margin", () => {
  const orders = [
    order("buyYes", 500, 6n),
    order("buyYes", 500, 6n),
    order("buyNo", 500, 6n),
    order("buyNo", 300, 6n),
    order("buyYes", 490, 6n),
  ];
  const margin = { kind: "margin", price: 500, given: 3n * RULES.lot, wanted: 6n * RULES.lot };
  const outside = { kind: "outside", price: 500 };
  expect(explain(orders)).toEqual([margin, margin, undefined, outside, outside]);
});

it("says of a position that no single buyer took it whole", () => {
  const orders = [
    order("buyYes", 500, 5n),
    order("buyYes", 500, 5n),
    order("buyNo", 500, 10n),
    order("sellYes", 400, 10n),
  ];
  expect(explain(orders).at(-1)).toEqual({ kind: "noBuyer", price: 500 });
});

it("says of an order that its match had no room for more", () => {
  const small = Array.from({ length: 20 }, () => order("buyNo", 500, 1n));
  const [large] = explain([order("buyYes", 500, 20n), ...small]);
  expect(large).toEqual({
    kind: "noRoom",
    price: 500,
    given: 15n * RULES.lot,
    wanted: 20n * RULES.lot,
  });
});
