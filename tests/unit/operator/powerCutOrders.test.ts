import { expect, it } from "vitest";
import { formatHex } from "../../../src/lib/hex.ts";
import { hashOrder, type SignedOrder } from "../../../src/market/batch.ts";
import { auditBatches } from "./auditBatches.ts";
import { askToCancel, handInOrder, LOT, positionOf, signOrder } from "./orderTraders.ts";
import { bury, buyCash, granted, reserve } from "./traders.ts";
import { createDurable, type Durable, keyOf, PowerCut, World } from "./world.ts";

const alice = keyOf("alice");
const bob = keyOf("bob");
const carol = keyOf("carol");
const VEO = 100_000_000n;

/** A market that is opened on the way. */
const CUP = {
  question: "Who wins the cup?",
  ask: {
    kind: "categorical",
    oracles: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
  },
  outcomes: ["reds", "blues"],
  depositBps: 0,
  tick: 5,
  lot: 10_000n,
  yesBps: undefined,
} as const;

/** What outlives the cut beside the disk: what traders were told, and what they had asked to take back by then. */
type Promised = {
  readonly receipts: { readonly hash: string; readonly height: number }[];
  readonly regretted: Set<string>;
  readonly cancelled: Set<string>;
  isOpened: boolean;
};

function createPromised(): Promised {
  return { receipts: [], regretted: new Set(), cancelled: new Set(), isOpened: false };
}

function send(world: World, signed: SignedOrder, promised: Promised): void {
  const { receipt } = granted(world, handInOrder(world, signed), "order");
  promised.receipts.push({ hash: formatHex(receipt.orderHash), height: receipt.height });
}

/** Three batches: one that trades, one that rests and goes with a block for something else, and one with a sale. */
function trade(world: World, promised: Promised): void {
  const yes = signOrder(world, alice, { side: "buyYes", limit: 620 });
  send(world, yes, promised);
  send(world, signOrder(world, bob, { side: "buyNo", limit: 420, quantity: 4n * LOT }), promised);
  const regretted = signOrder(world, carol, { side: "buyNo", limit: 500 });
  send(world, regretted, promised);
  const hash = formatHex(hashOrder(regretted.order));
  promised.regretted.add(hash);
  granted(world, askToCancel(world, carol, regretted), "cancel");
  promised.cancelled.add(hash);
  bury(world);

  granted(world, world.ask({ kind: "market", market: CUP }), "market");
  promised.isOpened = true;
  const quiet = signOrder(world, bob, { side: "buyNo", limit: 100 });
  send(world, quiet, promised);
  // Good for longer, it takes the place of the version before it.
  promised.regretted.add(formatHex(hashOrder(quiet.order)));
  const heightMax = quiet.order.terms.heightMax + 1;
  send(world, signOrder(world, bob, { side: "buyNo", limit: 100, heightMax }), promised);
  reserve(world, keyOf("dave"), VEO);
  bury(world);

  const contracts = positionOf(world, alice, true);
  const quantity = contracts.reduce((sum, { lo, hi }) => sum + hi - lo, 0n);
  const sale = { side: "sellYes", limit: 300, contracts, quantity } as const;
  send(world, signOrder(world, alice, sale), promised);
  send(world, signOrder(world, carol, { side: "buyYes", limit: 700 }), promised);
  world.settle();
  world.mine(2);
}

/** The disk of an operator in whose chain all have cash. */
function createFunded(): Durable {
  const world = new World(createDurable());
  for (const trader of [alice, bob, carol]) buyCash(world, trader, VEO);
  bury(world);
  return world.durable;
}

function run(cutAtCommit?: number, isCutAfter = false) {
  const promised = createPromised();
  const options = cutAtCommit === undefined ? {} : { cutAtCommit, isCutAfter };
  const durable = createFunded();
  const world = new World(durable, options);
  try {
    trade(world, promised);
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  return { world, durable, promised };
}

const WHOLE = run();
const COMMITS = WHOLE.world.commits;

it("has a story in which orders trade, rest, are taken back and sold on", () => {
  const { filled, published } = auditBatches(WHOLE.world);
  expect([filled.size, published.size]).toEqual([4, 5]);
  expect(COMMITS).toBeGreaterThan(12);
});

it.each(Array.from({ length: COMMITS }, (_, index) => index + 1))(
  "leaves every batch whole or absent after a cut at commit %i, before and after it",
  (cut) => {
    for (const isCutAfter of [false, true]) {
      const { durable, promised } = run(cut, isCutAfter);
      const after = new World(durable);
      const listResting = () =>
        new Set([...after.state.orders.resting.values()].map((each) => formatHex(each.hash)));
      const resting = listResting();
      after.settle();

      // Whoever has a receipt finds his order in its block's batch, or, where there is no block, waiting for it.
      const first = auditBatches(after);
      for (const { hash, height } of promised.receipts) {
        // The cut may fall between a cancel and its answer: then the order is gone without a word.
        if (promised.regretted.has(hash)) continue;
        const isPublished = first.published.get(hash) === height;
        expect(isPublished || listResting().has(hash)).toBe(true);
      }
      for (const hash of promised.cancelled) {
        expect(first.filled.has(hash)).toBe(false);
        expect(resting.has(hash)).toBe(false);
      }
      if (promised.isOpened) expect(after.state.markets.at(-1)).toEqual(CUP);

      // The market goes on, and over all of it no order was filled twice.
      reserve(after, keyOf("erin"), VEO);
      bury(after);
      const { height } = after.state.tip;
      send(after, signOrder(after, alice, { side: "buyYes", limit: 610 }), promised);
      send(after, signOrder(after, bob, { side: "buyNo", limit: 610 }), promised);
      after.settle();
      expect(after.state.tip.height).toBe(height + 1);
      after.mine(2);
      const last = auditBatches(after);
      for (const heights of last.filled.values()) expect(heights).toHaveLength(1);
      const left = [...durable.rows.keys()].filter((key) => key.startsWith("order:"));
      expect(left).toEqual([]);
      expect(new World(durable).state.tip).toEqual(after.state.tip);
    }
  },
);

it("takes orders off the disk that a restart finds bound to another tip", () => {
  const durable = createFunded();
  const world = new World(durable);
  const signed = signOrder(world, alice, { side: "buyYes", limit: 620 });
  granted(world, handInOrder(world, signed), "order");
  const rows = [...durable.rows].filter(([key]) => key.startsWith("order:"));
  expect(rows).toHaveLength(1);
  reserve(world, keyOf("dave"), VEO);
  world.settle();
  for (const [key, value] of rows) durable.rows.set(key, value);
  const after = new World(durable);
  expect(after.state.orders.resting.size).toBe(0);
  expect([...durable.rows.keys()].filter((key) => key.startsWith("order:"))).toEqual([]);
});
