import { beforeEach, describe, expect, it } from "vitest";
import { formatHex } from "../../../src/lib/hex.ts";
import { hashOrder, type SignedOrder } from "../../../src/market/batch.ts";
import { createMarketRef, createOutcomeConditions } from "../../../src/market/outcomes.ts";
import { nextBlockAt } from "../../../src/operator/engine/blockTimes.ts";
import { listLevels } from "../../../src/operator/engine/bookLevels.ts";
import { DEFAULT_POLICY } from "../../../src/operator/engine/policy.ts";
import { TRUE_SCRIPT } from "../../../src/protocol/script.ts";
import {
  askToCancel,
  BOOK_ID,
  cashOf,
  handInOrder,
  LOT,
  positionOf,
  publishedBatch,
  REF,
  signOrder,
} from "./orderTraders.ts";
import {
  bury,
  buyCash,
  close,
  contractsOf,
  granted,
  proposeState,
  refused,
  reserve,
} from "./traders.ts";
import { keyOf, ORACLE_ID, report, World } from "./world.ts";

const alice = keyOf("alice");
const bob = keyOf("bob");
const carol = keyOf("carol");
const VEO = 100_000_000n;

let world: World;

beforeEach(() => {
  world = new World();
  for (const trader of [alice, bob]) buyCash(world, trader, VEO);
  bury(world);
});

/** Let the present batch end. */
function endBatch(): void {
  world.settle();
}

describe("orders that cross", () => {
  it("trade at one price in the next block, and both sides hold what they bought", () => {
    const yes = signOrder(world, alice, { side: "buyYes", limit: 620 });
    const no = signOrder(world, bob, { side: "buyNo", limit: 420, quantity: 4n * LOT });
    const height = world.state.tip.height + 1;
    const { receipt } = granted(world, handInOrder(world, yes), "order");
    expect(receipt).toEqual({ orderHash: hashOrder(yes.order), height });
    granted(world, handInOrder(world, no), "order");
    expect(nextBlockAt(world.state)).toBe(world.durable.nowMs + DEFAULT_POLICY.batchMs);
    endBatch();

    expect(world.state.tip.height).toBe(height);
    const widths = [positionOf(world, alice, true), positionOf(world, bob, false)].map((pieces) =>
      pieces.reduce((sum, { lo, hi }) => sum + hi - lo, 0n),
    );
    expect(widths).toEqual([4n * LOT, 4n * LOT]);
    const batch = publishedBatch(world, height);
    expect(batch?.books).toMatchObject([{ price: 600, bookId: REF.win }]);
    expect(batch?.books[0]?.orders.map(({ owner }) => formatHex(owner)).toSorted()).toEqual(
      [alice, bob].map(({ publicKey }) => formatHex(publicKey)).toSorted(),
    );
    const trade = { height, bookId: BOOK_ID, price: 600, volume: 4n * LOT };
    expect(world.trades).toEqual([expect.objectContaining(trade)]);
    expect(world.state.orders.resting.size).toBe(0);
  });

  it("go into one block with everything else that waits, and end with it", () => {
    const yes = signOrder(world, alice, { side: "buyYes", limit: 620 });
    granted(world, handInOrder(world, yes), "order");
    reserve(world, carol, VEO);
    world.settle();
    expect(world.state.orders.resting.size).toBe(0);
    // Nobody was there to trade with: the batch is published all the same.
    const { height } = world.state.tip;
    expect(publishedBatch(world, height)?.books).toMatchObject([{ price: undefined }]);
    expect(refused(world, handInOrder(world, yes))).toBe("OTHER_BLOCK_SEEN");
  });

  it("rest, without a block, while nothing crosses", () => {
    const { height } = world.state.tip;
    const yes = signOrder(world, alice, { side: "buyYes", limit: 300 });
    granted(world, handInOrder(world, yes), "order");
    endBatch();
    expect(nextBlockAt(world.state)).toBeUndefined();
    expect([world.state.tip.height, world.state.orders.resting.size]).toEqual([height, 1]);
    const levels = listLevels(world.state, new Set([BOOK_ID])).get(BOOK_ID);
    expect(levels).toEqual({ bids: [{ price: 300, lots: 10n }], asks: [] });
    granted(
      world,
      handInOrder(world, signOrder(world, bob, { side: "buyNo", limit: 700 })),
      "order",
    );
    endBatch();
    expect(world.state.tip.height).toBe(height + 1);
    expect(publishedBatch(world, height + 1)?.books[0]?.price).toBe(300);
  });

  it("sell positions to others", () => {
    handInOrder(world, signOrder(world, alice, { side: "buyYes", limit: 500 }));
    handInOrder(world, signOrder(world, bob, { side: "buyNo", limit: 500 }));
    endBatch();
    buyCash(world, carol, VEO);
    bury(world);
    const contracts = positionOf(world, alice, true);
    const sell = signOrder(world, alice, { side: "sellYes", limit: 700, contracts });
    const buy = signOrder(world, carol, { side: "buyYes", limit: 800 });
    for (const order of [sell, buy]) granted(world, handInOrder(world, order), "order");
    endBatch();
    expect(positionOf(world, alice, true)).toEqual([]);
    expect(positionOf(world, carol, true)).not.toEqual([]);
  });

  it("come to the same block in whatever order they are handed in", () => {
    const oracles = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const ask = { kind: "categorical", oracles } as const;
    const terms = { depositBps: 0, tick: 10, lot: LOT, yesBps: undefined };
    const cup = { question: "Who wins the cup?", ask, outcomes: ["reds", "blues"], ...terms };
    const traders = ["a", "b", "c", "d"].map(keyOf);
    const blockOf = (sort: (orders: SignedOrder[]) => SignedOrder[]): string => {
      const fresh = new World();
      for (const trader of traders) buyCash(fresh, trader, VEO);
      bury(fresh);
      granted(fresh, fresh.ask({ kind: "market", market: cup }), "market");
      const { main } = fresh.state;
      if (main === undefined) throw new Error("the main chain is not known");
      const open = [ORACLE_ID, ...oracles].map((id) => [formatHex(id), "open"] as const);
      fresh.happen({ kind: "mainTip", view: { ...main, oracles: new Map(open) } });
      const market = createMarketRef(createOutcomeConditions(ask, 1), 0);
      const orders = traders.map((trader, index) =>
        signOrder(
          fresh,
          trader,
          { side: index % 2 === 0 ? "buyYes" : "buyNo", limit: 500 },
          index < 2 ? {} : { market },
        ),
      );
      for (const order of sort(orders)) granted(fresh, handInOrder(fresh, order), "order");
      fresh.settle();
      expect(fresh.trades).toHaveLength(2);
      return formatHex(fresh.state.tip.hash);
    };
    expect(blockOf((orders) => orders.toReversed())).toBe(blockOf((orders) => orders));
  });
});

describe("an order", () => {
  const order = (more = {}, rest = {}) =>
    signOrder(world, alice, { side: "buyYes", limit: 620, ...more }, rest);

  it("gets the same receipt again, and counts once", () => {
    const signed = order();
    const first = granted(world, handInOrder(world, signed), "order");
    expect(granted(world, handInOrder(world, signed), "order")).toEqual(first);
    expect(world.state.orders.resting.size).toBe(1);
  });

  it("that is good for longer takes the place of its version before, and an older one changes nothing", () => {
    const { heightMax } = order().order.terms;
    const older = order();
    const newer = order({ heightMax: heightMax + 9 });
    granted(world, handInOrder(world, older), "order");
    const { receipt } = granted(world, handInOrder(world, newer), "order");
    expect(receipt.orderHash).toEqual(hashOrder(newer.order));
    granted(world, handInOrder(world, older), "order");
    const rested = () => [...world.state.orders.resting.values()].map(({ signed }) => signed);
    expect(rested()).toEqual([newer]);
    // One that is refused leaves the one before it.
    const forged = { ...order({ heightMax: heightMax + 10 }), signature: older.signature };
    expect(refused(world, handInOrder(world, forged))).toBe("BAD_SIGNATURE");
    expect(rested()).toEqual([newer]);
    expect([...world.durable.rows.keys()].filter((key) => key.startsWith("order:"))).toHaveLength(
      1,
    );
    expect([...new World(world.durable).state.orders.resting.values()]).toMatchObject([
      { signed: newer },
    ]);
    // On a quiet day the older would have been dropped by now.
    world.mine(heightMax - world.durable.main.length);
    expect(rested()).toEqual([newer]);
    handInOrder(
      world,
      signOrder(world, bob, { side: "buyNo", limit: 620, heightMax: heightMax + 9 }),
    );
    endBatch();
    const shown = publishedBatch(world, world.state.tip.height)?.books[0]?.orders;
    expect(shown).toHaveLength(2);
    expect(positionOf(world, alice, true)).not.toEqual([]);
  });

  it("that rests on brings no batch nearer when it is signed again, and another one does", () => {
    granted(world, handInOrder(world, order()), "order");
    endBatch();
    expect(nextBlockAt(world.state)).toBeUndefined();
    const heightMax = order().order.terms.heightMax + 1;
    granted(world, handInOrder(world, order({ heightMax })), "order");
    expect(nextBlockAt(world.state)).toBeUndefined();
    handInOrder(world, signOrder(world, bob, { side: "buyNo", limit: 100 }));
    expect(nextBlockAt(world.state)).toBe(world.durable.nowMs + DEFAULT_POLICY.batchMs);
  });

  it("that replaces one of its owner's is not one too many", () => {
    const small = new World(world.durable, { policy: { ordersMax: 1, ordersPerOwnerMax: 1 } });
    granted(small, handInOrder(small, order()), "order");
    const heightMax = order().order.terms.heightMax + 1;
    granted(small, handInOrder(small, order({ heightMax })), "order");
    expect(small.state.orders.counts.size).toBe(1);
  });

  it.each([
    ["names another block", () => order({}, { seenBlock: new Uint8Array(32) }), "OTHER_BLOCK_SEEN"],
    ["names no market", () => order({}, { market: { ...REF, win: REF.refund } }), "NO_SUCH_MARKET"],
    [
      "of another deposit",
      () => order({}, { market: { ...REF, depositBps: 1 } }),
      "NO_SUCH_MARKET",
    ],
    ["is off the ticks", () => order({ limit: 625 }), "OFF_TICK"],
    ["is no whole lot", () => order({ quantity: 1_000n }), "NOT_A_LOT"],
    ["costs more than it has", () => order({ quantity: 10n * VEO }), "OVERSPENT"],
    [
      "buys with a position",
      () => order({ contracts: [{ lo: 0n, hi: VEO, kind: "win" }] }),
      "WRONG_CONTRACTS",
    ],
    ["sells cash", () => order({ side: "sellYes" }), "WRONG_CONTRACTS"],
    ["is good for too short", () => order({ heightMax: world.durable.main.length }), "TOO_SHORT"],
    [
      "names what does not stand",
      () => order({ contracts: [{ lo: 1n, hi: VEO, kind: "cash" }] }),
      "NO_SUCH_CONTRACT",
    ],
    [
      "leaves the chain",
      () => order({ contracts: [{ lo: 1n << 60n, hi: 1n << 61n, kind: "cash" }] }),
      "NO_SUCH_CONTRACT",
    ],
    [
      "names one thing twice",
      () => order({ contracts: [...cashOf(world, alice), ...cashOf(world, alice)] }),
      "NAMED_TWICE",
    ],
    [
      "uses another's",
      () => order({ contracts: [...cashOf(world, alice), ...cashOf(world, bob)] }),
      "OTHER_OWNER",
    ],
    [
      "is signed by another",
      () => ({
        ...order(),
        signature: signOrder(world, bob, { side: "buyYes", limit: 620 }).signature,
      }),
      "BAD_SIGNATURE",
    ],
    ["uses only another's", () => order({ contracts: cashOf(world, bob) }), "BAD_SIGNATURE"],
  ])("that %s is refused", (_, make, code) => {
    expect(refused(world, handInOrder(world, make()))).toBe(code);
    expect(world.state.orders.resting.size).toBe(0);
  });

  it("is refused while its contract backs another, or is being closed", () => {
    granted(world, handInOrder(world, order()), "order");
    expect(refused(world, handInOrder(world, order({ limit: 610 })))).toBe("ORDER_STANDS");
    const [cash] = contractsOf(world, bob);
    if (cash === undefined) throw new Error("bob has cash");
    close(world, bob, cash, []);
    const other = signOrder(world, bob, { side: "buyNo", limit: 300 });
    expect(refused(world, handInOrder(world, other))).toBe("CLOSE_QUEUED");
  });

  it("keeps its contracts from being given up in another way", () => {
    granted(world, handInOrder(world, order()), "order");
    const [cash] = contractsOf(world, alice);
    if (cash === undefined) throw new Error("alice has cash");
    expect(refused(world, close(world, alice, cash, []))).toBe("CLOSE_QUEUED");
    const state = { contractId: cash.leaf.id, nonce: 1, script: TRUE_SCRIPT };
    expect(refused(world, proposeState(world, alice, state))).toBe("ORDER_STANDS");
  });

  it("is refused when the operator was promised the contract by a state", () => {
    const [cash] = contractsOf(world, alice);
    if (cash === undefined) throw new Error("alice has cash");
    const script = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    granted(
      world,
      proposeState(world, alice, { contractId: cash.leaf.id, nonce: 1, script }),
      "state",
    );
    expect(refused(world, handInOrder(world, order()))).toBe("NOT_IN_FAVOUR");
  });

  it("is refused once the question is answered, and taken out by then", () => {
    granted(world, handInOrder(world, order()), "order");
    report(world.durable, "true");
    world.mine();
    expect(world.state.orders.resting.size).toBe(0);
    expect([...world.durable.rows.keys()].filter((key) => key.startsWith("order:"))).toEqual([]);
    expect(refused(world, handInOrder(world, order()))).toBe("NOT_OPEN");
  });

  it("is taken out when it is about to lapse", () => {
    const heightMax = world.durable.main.length - 1 + DEFAULT_POLICY.closeMargin;
    granted(world, handInOrder(world, order({ heightMax })), "order");
    world.mine();
    expect(world.state.orders.resting.size).toBe(0);
  });

  it("is refused when there are too many", () => {
    const small = new World(world.durable, { policy: { ordersMax: 1 } });
    granted(
      small,
      handInOrder(small, signOrder(small, alice, { side: "buyYes", limit: 600 })),
      "order",
    );
    const second = signOrder(small, bob, { side: "buyYes", limit: 600 });
    expect(refused(small, handInOrder(small, second))).toBe("TOO_MANY_ORDERS");
    const own = new World(world.durable, { policy: { ordersPerOwnerMax: 0 } });
    const third = signOrder(own, bob, { side: "buyYes", limit: 600 });
    expect(refused(own, handInOrder(own, third))).toBe("TOO_MANY_ORDERS");
  });
});

describe("an order that is taken back", () => {
  it("does not trade, and does not come again", () => {
    const signed = signOrder(world, alice, { side: "buyYes", limit: 620 });
    handInOrder(world, signed);
    handInOrder(world, signOrder(world, bob, { side: "buyNo", limit: 620 }));
    for (let time = 0; time < 2; time++) {
      expect(granted(world, askToCancel(world, alice, signed), "cancel").isCancelled).toBe(true);
    }
    expect(refused(world, handInOrder(world, signed))).toBe("CANCELLED");
    const { heightMax } = signed.order.terms;
    const longer = { side: "buyYes", limit: 620, heightMax: heightMax + 5 } as const;
    expect(refused(world, handInOrder(world, signOrder(world, alice, longer)))).toBe("CANCELLED");
    const { height } = world.state.tip;
    endBatch();
    expect(world.state.tip.height).toBe(height);
  });

  it("is so by its owner's word only", () => {
    const signed = signOrder(world, alice, { side: "buyYes", limit: 620 });
    handInOrder(world, signed);
    expect(refused(world, askToCancel(world, bob, signed))).toBe("BAD_SIGNATURE");
    expect(world.state.orders.resting.size).toBe(1);
  });

  it("is not once its batch is being cleared", () => {
    const signed = signOrder(world, alice, { side: "buyYes", limit: 620 });
    handInOrder(world, signed);
    handInOrder(world, signOrder(world, bob, { side: "buyNo", limit: 620 }));
    world.isSignerUp = false;
    world.settle();
    expect(granted(world, askToCancel(world, alice, signed), "cancel").isCancelled).toBe(false);
    world.startSigner();
    expect(positionOf(world, alice, true)).not.toEqual([]);
  });
});

describe("blocks", () => {
  it("keep their distance while orders are taken, however much is asked for", () => {
    handInOrder(world, signOrder(world, alice, { side: "buyYes", limit: 620 }));
    reserve(world, carol, VEO);
    world.settle();
    const { tipAtMs } = world.state;
    const askedAtMs = world.durable.nowMs;
    reserve(world, keyOf("dave"), VEO);
    expect(nextBlockAt(world.state)).toBe(tipAtMs + DEFAULT_POLICY.spacingMs);
    report(world.durable, "true");
    world.mine();
    expect(nextBlockAt(world.state)).toBe(askedAtMs + DEFAULT_POLICY.collectMs);
  });

  it("hold as many of the first matches of a book as fit, and the batch says what they follow from", () => {
    const traders = Array.from({ length: 6 }, (_, index) => keyOf(`trader ${index}`));
    for (const trader of traders) buyCash(world, trader, VEO);
    bury(world);
    const tight = new World(world.durable, { policy: { blockBytesMax: 1_000 } });
    traders.forEach((trader, index) => {
      const side = index < 3 ? "buyYes" : "buyNo";
      // Each pair trades another number of lots, so that there are three matches.
      const quantity = BigInt(1 + (index % 3)) * LOT;
      granted(
        tight,
        handInOrder(tight, signOrder(tight, trader, { side, limit: 500, quantity })),
        "order",
      );
    });
    tight.settle();
    const { height } = tight.state.tip;
    const block = tight.durable.checked[height - 1]?.block;
    const matches = block?.transactions.filter(({ kind }) => kind === "match") ?? [];
    expect(matches).toHaveLength(2);
    expect(publishedBatch(tight, height)?.books[0]?.orders).toHaveLength(6);
  });

  it("are forgotten with their batches after so many", () => {
    const short = new World(world.durable, { policy: { batchesKept: 2 } });
    const heights: number[] = [];
    for (const name of ["x", "y", "z"]) {
      handInOrder(short, signOrder(short, alice, { side: "buyYes", limit: 620 }));
      reserve(short, keyOf(name), VEO);
      short.settle();
      heights.push(short.state.tip.height);
    }
    const kept = heights.map((height) => publishedBatch(short, height) !== undefined);
    expect(kept).toEqual([false, true, true]);
  });
});
