import { describe, expect, it } from "vitest";
import { insist } from "../../../src/lib/verdict.ts";
import { contractsWithin } from "../../../src/space/tree.ts";
import { cashOf, handInOrder, LOT, signOrder } from "./orderTraders.ts";
import { bury, buyCash, contractsOf, granted, placeBet, refused, reserve } from "./traders.ts";
import { type Durable, keyOf, report, World } from "./world.ts";

const alice = keyOf("alice");
const bob = keyOf("bob");
const VEO = 100_000_000n;

/** What the published blocks say of records, block by block. */
function listSeen({ checked }: Durable) {
  return checked.flatMap(({ block }) =>
    block.transactions.flatMap((transaction) =>
      transaction.kind === "record-seen" ? [transaction.seen] : [],
    ),
  );
}

/** An operator in whose chain Alice and Bob have cash that is recorded. */
function begin(): World {
  const world = new World();
  for (const trader of [alice, bob]) buyCash(world, trader, VEO);
  bury(world);
  return world;
}

/** Their batch is recorded in the very block in which the question is answered. */
function tradeTooLate(world: World): void {
  const wish = { limit: 500, quantity: 4n * LOT } as const;
  granted(world, handInOrder(world, signOrder(world, alice, { side: "buyYes", ...wish })), "order");
  granted(world, handInOrder(world, signOrder(world, bob, { side: "buyNo", ...wish })), "order");
  world.settle();
  report(world.durable, "true");
}

describe("the records of an operator's posts", () => {
  it("are spoken of in a block once they are buried, and not again while nothing is made", () => {
    const world = begin();
    const { tip, recorded, index } = world.state;
    expect(listSeen(world.durable).at(-1)).toEqual({ height: recorded, late: [] });
    for (const { leaf } of index.live.values()) expect(leaf.madeIn).toBeLessThanOrEqual(recorded);
    world.mine(20);
    world.settle();
    expect(world.state.tip.height).toBe(tip.height);
    // Nor has a restart anything to say.
    const after = new World(world.durable);
    after.mine(3);
    after.settle();
    expect([after.state.tip.height, after.state.recorded]).toEqual([tip.height, recorded]);
  });

  it("wait to be spoken of while somebody is about to sign on the tip, but not for long", () => {
    const world = new World();
    const cash = buyCash(world, alice, VEO);
    buyCash(world, bob, VEO);
    bury(world);
    const { recorded } = world.state;
    placeBet(world, alice, bob, cash, VEO / 2n);
    world.mine(1);
    // A question to takers that nobody answers.
    const contractIds = contractsOf(world, alice).map(({ leaf }) => leaf.id);
    world.durable.nowMs += 1;
    world.ask({ kind: "sale", owner: alice.publicKey, contractIds });
    expect(world.state.quoteRounds.size).toBe(1);
    world.mine(3);
    expect(world.state.recorded).toBe(recorded);
    world.mine(3);
    world.settle();
    expect(world.state.recorded).toBeGreaterThan(recorded);
  });

  it("are what orders have to be bound to, and what they use must be under them", () => {
    const world = begin();
    const { recorded } = world.state;
    const side = { side: "buyYes", limit: 600 } as const;
    const other = signOrder(world, alice, side, { recorded: recorded + 1 });
    expect(refused(world, handInOrder(world, other))).toBe("OTHER_RECORD");
    buyCash(world, alice, VEO);
    const contracts = cashOf(world, alice).slice(1);
    const fresh = signOrder(world, alice, { ...side, contracts });
    expect(refused(world, handInOrder(world, fresh))).toBe("NOT_RECORDED");
    bury(world);
    granted(world, handInOrder(world, signOrder(world, alice, { ...side, contracts })), "order");
  });
});

describe("a batch whose record comes too late", () => {
  it("is taken out of the tree, and its space is not sold again, not after a restart either", () => {
    const world = begin();
    const used = [alice, bob].flatMap((trader) => cashOf(world, trader));
    tradeTooLate(world);
    const since = world.state.tip.height;
    world.mine(1);
    // Until it is known for good nothing is said of it.
    expect(listSeen(world.durable).at(-1)?.late).toEqual([]);
    world.mine(3);
    world.settle();
    const seen = listSeen(world.durable).at(-1);
    const places = used.map(({ lo, hi }) => ({ lo, hi, conditions: [] }));
    expect(seen?.height).toBeGreaterThanOrEqual(since);
    expect(seen?.late).toEqual(expect.arrayContaining(places.map((place) => ({ place, since }))));
    expect(seen?.late).toHaveLength(places.length);
    for (const where of [world, new World(world.durable)]) {
      for (const place of places) {
        expect(insist(contractsWithin(where.state.tree, place))).toEqual([]);
      }
      expect(where.state.judged.late.every(({ isSwept }) => isSwept)).toBe(true);
      const { lo, hi } = reserve(where, keyOf("carol"), VEO);
      expect(places.every((place) => hi <= place.lo || place.hi <= lo)).toBe(true);
    }
  });

  it("is taken out by the operator who starts again before he has done it", () => {
    const world = begin();
    tradeTooLate(world);
    world.mine(1);
    world.isSignerUp = false;
    world.mine(3);
    world.settle();
    const spoken = listSeen(world.durable).length;
    const after = new World(world.durable);
    after.settle();
    expect(listSeen(world.durable)).toHaveLength(spoken + 1);
    expect(after.state.judged.late).toHaveLength(2);
    expect(after.state.judged.late.every(({ isSwept }) => isSwept)).toBe(true);
  });
});
