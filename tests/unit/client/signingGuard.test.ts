import { describe, expect, it } from "vitest";
import { createLocalSigner } from "../../../src/client/localSigner.ts";
import type { StoreOperation, WalletStore } from "../../../src/client/ports.ts";
import { createSigningGuard, type OrderToSign } from "../../../src/client/signingGuard.ts";
import { insist, refuse } from "../../../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { encodeOrder, type OrderTerms } from "../../../src/protocol/order.ts";
import { createRules, isSignedBy } from "../../../src/protocol/rules.ts";
import { hashName } from "../blocks/chainLab.ts";

const RULES = createRules(LOCAL_NETWORK);
const SIGNER = createLocalSigner(hashName("key"), RULES.networkId);
const MARKET = { refund: hashName("refund"), win: hashName("win"), depositBps: 0 };
const CHAIN = hashName("chain");
const CASH = [hashName("contract 0"), hashName("contract 1")];

/** A store whose rows can be looked at, and that may break. */
class Store implements WalletStore {
  readonly tables = new Map<string, Map<string, Uint8Array>>();
  isBroken = false;

  async rows(table: string) {
    return [...(this.tables.get(table) ?? [])];
  }

  async commit(operations: readonly StoreOperation[]) {
    if (this.isBroken) throw new Error("no room");
    for (const each of operations) {
      const rows = this.tables.get(each.table) ?? new Map<string, Uint8Array>();
      this.tables.set(each.table, rows);
      if (each.kind === "put") rows.set(each.key, each.value);
      else rows.delete(each.key);
    }
  }
}

function toSign(change: Partial<OrderTerms> = {}, seen = "tip"): OrderToSign {
  const terms: OrderTerms = {
    heightMax: 30,
    side: "buyYes",
    limit: 500,
    quantity: 4_000n,
    refundLeast: 500,
    contracts: CASH.map((_, index) => ({
      lo: BigInt(index * 1_000),
      hi: BigInt(index * 1_000 + 1_000),
      kind: "cash" as const,
    })),
    ...change,
  };
  return {
    chainId: CHAIN,
    order: { seenBlock: hashName(seen), recorded: 7, market: MARKET, terms },
    contractIds: CASH,
    limits: { market: MARKET, side: "buyYes", limit: 500, quantity: 4_000n, refundLeast: 500 },
    keep: (signature) => ({ kind: "put", table: "sentOrders", key: seen, value: signature }),
  };
}

async function create(store = new Store(), stopped?: string) {
  return { store, guard: await createSigningGuard(store, SIGNER, () => stopped) };
}

describe("the guard of orders", () => {
  it("signs an order inside its holder's limits, and has it on disk before it leaves", async () => {
    const { store, guard } = await create();
    const request = toSign();
    const [signed] = await guard.signOrders([request]);
    const signature = signed?.ok ? signed.value : new Uint8Array();
    const { publicKey } = SIGNER;
    expect(isSignedBy(RULES, "signOrder", encodeOrder(request.order), signature, publicKey)).toBe(
      true,
    );
    expect(store.tables.get("sentOrders")?.get("tip")).toEqual(signature);
    expect(store.tables.get("signed")?.size).toBe(2);
    // The same again gives the same, and so it does after a restart.
    const again = await create(store);
    expect(await again.guard.signOrders([request])).toEqual([signed]);
  });

  it.each<[string, OrderToSign, string]>([
    ["a limit above the holder's", toSign({ limit: 510 }), "OUTSIDE_LIMIT"],
    ["more than is left of it", toSign({ quantity: 5_000n }), "BEYOND_QUANTITY"],
    ["the other side", toSign({ side: "buyNo" }), "OTHER_ORDER"],
    ["less back from a bad question", toSign({ refundLeast: 499 }), "REFUND_TOO_LOW"],
    ["a contract it is not told of", { ...toSign(), contractIds: [] }, "WRONG_CONTRACTS"],
  ])("does not sign %s", async (_, request, code) => {
    const { store, guard } = await create();
    expect(await guard.signOrders([request])).toMatchObject([{ ok: false, code }]);
    expect(store.tables.size).toBe(0);
  });

  it("signs nothing where the chain cannot be relied on", async () => {
    const { store, guard } = await create(undefined, "a recorded block of the chain is withheld");
    expect(await guard.signOrders([toSign()])).toMatchObject([{ ok: false, code: "NOT_SAFE" }]);
    expect(store.tables.size).toBe(0);
  });

  it("signs one thing of a contract for a block: of two orders the first, and no close beside it", async () => {
    const { guard } = await create();
    const other = toSign({ limit: 400, refundLeast: 400 });
    const both = await guard.signOrders([toSign(), other]);
    expect(both).toMatchObject([{ ok: true }, { ok: false, code: "OTHER_CLOSE" }]);
    const [contractId = new Uint8Array()] = CASH;
    const close = { contractId, seenBlock: hashName("tip"), heightMax: 30, successors: [] };
    expect(await guard.signClose(close)).toMatchObject({ code: "OTHER_CLOSE" });
    expect(guard.isSigned(contractId, hashName("tip"))).toBe(true);
    // For the next block both are free again.
    insist(await guard.signClose({ ...close, seenBlock: hashName("next") }));
    expect(await guard.signOrders([toSign({}, "next")])).toMatchObject([{ code: "OTHER_CLOSE" }]);
  });

  it("signs an order again that is the same but for how long it is good, and no other, after a restart too", async () => {
    const { store, guard } = await create();
    insist((await guard.signOrders([toSign()]))[0] ?? refuse("NONE", "nothing came back"));
    for (const each of [guard, (await create(store)).guard]) {
      const longer = toSign({ heightMax: 50 });
      const [signed] = await each.signOrders([longer]);
      const signature = signed?.ok ? signed.value : new Uint8Array();
      const body = encodeOrder(longer.order);
      expect(isSignedBy(RULES, "signOrder", body, signature, SIGNER.publicKey)).toBe(true);
      for (const other of [
        toSign({ heightMax: 50, limit: 490, refundLeast: 490 }),
        toSign({ heightMax: 50, quantity: 3_000n }),
        toSign({ heightMax: 50, refundLeast: 501 }),
        toSign({ heightMax: 50, contracts: longer.order.terms.contracts.toReversed() }),
      ]) {
        expect(await each.signOrders([other])).toMatchObject([{ code: "OTHER_CLOSE" }]);
      }
      expect(await each.signOrders([longer, toSign({ heightMax: 60 })])).toMatchObject([
        { ok: true },
        { code: "OTHER_CLOSE" },
      ]);
    }
  });

  it("holds to that when both are asked for at once", async () => {
    const { guard } = await create();
    const [contractId = new Uint8Array()] = CASH;
    const close = { contractId, seenBlock: hashName("tip"), heightMax: 30, successors: [] };
    const [orders, closed] = await Promise.all([
      guard.signOrders([toSign()]),
      guard.signClose(close),
    ]);
    expect([orders[0]?.ok, closed.ok]).toEqual([true, false]);
  });

  it("gives no signature away that it could not write down, and stands as before", async () => {
    const { store, guard } = await create();
    store.isBroken = true;
    await expect(guard.signOrders([toSign()])).rejects.toThrow("no room");
    store.isBroken = false;
    const other = toSign({ limit: 400, refundLeast: 400 });
    expect(await guard.signOrders([other])).toMatchObject([{ ok: true }]);
  });

  it("forgets an order that can count no more", async () => {
    const { store, guard } = await create();
    await guard.signOrders([toSign()]);
    await store.commit(guard.forgetOrder(CASH, hashName("tip")));
    expect(store.tables.get("signed")?.size).toBe(0);
    expect(guard.isSigned(CASH[0] ?? new Uint8Array(), hashName("tip"))).toBe(false);
  });
});
