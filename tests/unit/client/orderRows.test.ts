import { describe, expect, it } from "vitest";
import {
  decodeRestingOrder,
  decodeSentOrder,
  encodeRestingOrder,
  encodeSentOrder,
  type RestingOrder,
  type SentOrder,
} from "../../../src/client/orders/orderRows.ts";
import { openOrderStore } from "../../../src/client/orders/orderStore.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { createWalletStore } from "../../story/localWorld.ts";
import { hashName } from "../blocks/chainLab.ts";

const MARKET = { refund: hashName("refund"), win: hashName("win"), depositBps: 7 };

const RESTING: RestingOrder = {
  chainId: hashName("chain"),
  limits: { market: MARKET, side: "sellNo", limit: 320, quantity: 9_000n, refundLeast: 0 },
  contractIds: [hashName("a"), hashName("b")],
  madeAtMs: 1_767_225_600_000,
  goodUntilMs: 1_767_225_700_000,
  fills: [
    {
      height: 8,
      orderHash: hashName("order"),
      price: 410,
      quantity: 2_000n,
      usedId: hashName("a"),
    },
  ],
  settled: { quantity: 1_000n, paid: 600n },
  last: { height: 9, given: 0n, why: "nobody's limit met another's" },
  end: { kind: "refused", why: "The question is answered." },
};

const SENT: SentOrder = {
  orderId: "0000000001",
  chainId: hashName("chain"),
  height: 9,
  contractIds: [hashName("a")],
  signed: {
    order: {
      seenBlock: hashName("tip"),
      recorded: 7,
      market: MARKET,
      terms: {
        heightMax: 20,
        side: "sellNo",
        limit: 320,
        quantity: 9_000n,
        refundLeast: 0,
        contracts: [{ lo: 1n, hi: 9_001n, kind: "win" }],
      },
    },
    signature: new Uint8Array(65).fill(3),
  },
  earlier: [14, 17],
  answer: { kind: "refused", why: "the next block is full" },
  isOver: true,
};

describe("the rows of orders", () => {
  it("come back as they were written, with all that may be missing", () => {
    for (const order of [
      RESTING,
      { ...RESTING, last: undefined, end: undefined },
      { ...RESTING, end: { kind: "cancelled" } as const },
    ]) {
      expect(insist(decodeRestingOrder(encodeRestingOrder(order)))).toEqual(order);
    }
    for (const sent of [
      SENT,
      { ...SENT, earlier: [], answer: undefined },
      { ...SENT, answer: { kind: "back" } as const },
      { ...SENT, answer: { kind: "taken", heightMax: 17 } as const, isOver: false },
    ]) {
      expect(insist(decodeSentOrder(encodeSentOrder(sent)))).toEqual(sent);
    }
  });

  it("are numbered on after a restart, and a damaged one is left out", async () => {
    const store = createWalletStore();
    const first = await openOrderStore(store);
    const id = first.nextId();
    await store.commit([
      first.put(id, RESTING),
      first.putSent(SENT),
      { kind: "put", table: "orders", key: "0000000002", value: Uint8Array.of(1) },
    ]);
    const again = await openOrderStore(store);
    expect([...again.resting]).toEqual([[id, RESTING]]);
    expect([...again.sent.values()]).toEqual([SENT]);
    expect(again.nextId()).toBe("0000000003");
  });
});
