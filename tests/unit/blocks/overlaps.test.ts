import { describe, expect, it } from "vitest";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { hashCondition } from "../../../src/protocol/condition.ts";
import type { ConditionSide } from "../../../src/protocol/place.ts";
import { alice, bob, cash, make, mallory } from "./chainLab.ts";
import { expectRefusal, GAME, MAIN_HEIGHT, RAIN, Scene, under } from "./scene.ts";

/** Every order of a few things. */
function* orders<Item>(items: readonly Item[]): Iterable<Item[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries()) {
    for (const rest of orders(items.toSpliced(index, 1))) yield [item, ...rest];
  }
}

const BOTH = { conditions: [GAME, RAIN], mainHeight: MAIN_HEIGHT };

/** What the block names, of both conditions, and no more. */
function bodiesFor(conditions: readonly ConditionSide[]) {
  const named = BOTH.conditions.filter((body) =>
    conditions.some(({ hash }) => equalBytes(hash, hashCondition(body))),
  );
  return { ...BOTH, conditions: named };
}

describe("space that a contract holds: alice [100, 300), bob [300, 400), [400, 500) by the game", () => {
  it.each<[bigint, bigint, ConditionSide[]?]>([
    [0n, 101n],
    [0n, 1_000n],
    [100n, 300n],
    [100n, 101n],
    [150n, 250n],
    [299n, 300n],
    [299n, 301n],
    [399n, 400n],
    [499n, 501n],
    [99n, 101n],
    // A condition makes no room where there is none, nor on a side that is held.
    [100n, 300n, [under(GAME)]],
    [299n, 301n, [under(GAME)]],
    [400n, 500n, [under(GAME)]],
    [400n, 500n, [under(GAME, false)]],
    [400n, 500n],
    [400n, 500n, [under(RAIN)]],
    // Nor under the same condition on another range of the cell.
    [400n, 499n, [under(GAME)]],
    [401n, 500n, [under(GAME, false)]],
    [399n, 500n, [under(GAME)]],
    [450n, 600n, [under(GAME)]],
  ])("is not sold again as [%s, %s)", (lo, hi, conditions = []) => {
    const contract = cash(mallory, lo, hi, conditions);
    expectRefusal(new Scene(), [make(contract)], bodiesFor(conditions), "OCCUPIED", 0);
  });

  it.each<[bigint, bigint]>([
    [99n, 100n],
    [0n, 100n],
    [500n, 501n],
    [500n, 1_000n],
    [999n, 1_000n],
  ])("may be touched by [%s, %s)", (lo, hi) => {
    const scene = new Scene();
    scene.take([make(cash(mallory, lo, hi))]);
    expect(scene.describe()).toContain(`[${lo}, ${hi}) mallory`);
  });
});

describe("two contract-news of one block", () => {
  it.each<[string, bigint, bigint, ConditionSide[]?]>([
    ["by one satoshi from below", 550n, 601n],
    ["by one satoshi from above", 699n, 750n],
    ["in one satoshi at the start", 600n, 601n],
    ["in one satoshi at the end", 699n, 700n],
    ["whole", 600n, 700n],
    ["from all around", 550n, 750n],
    ["under a condition that the other has not", 600n, 700n, [under(GAME)]],
  ])("are refused in either order where they overlap: %s", (_, lo, hi, conditions = []) => {
    const first = make(cash(alice, 600n, 700n));
    const second = make(cash(mallory, lo, hi, conditions));
    for (const order of orders([first, second])) {
      expectRefusal(new Scene(), order, bodiesFor(conditions), "OCCUPIED", 1);
    }
  });

  it("are taken in any order where they touch", () => {
    const news = [
      cash(bob, 599n, 600n),
      cash(alice, 600n, 700n),
      cash(bob, 700n, 701n),
      cash(alice, 701n, 1_000n),
    ].map(make);
    for (const order of orders(news)) {
      const scene = new Scene();
      scene.take(order);
      expect(scene.describe().slice(-5)).toEqual([
        "[500, 599) free",
        "[599, 600) bob",
        "[600, 700) alice",
        "[700, 701) bob",
        "[701, 1000) alice",
      ]);
    }
  });

  it("are taken on one range on opposite sides of one condition", () => {
    const news = [true, false].map((side) =>
      make(cash(side ? alice : bob, 600n, 700n, [under(GAME, side)])),
    );
    for (const order of orders(news)) {
      const scene = new Scene();
      scene.take(order, { conditions: [GAME] });
      expect(scene.describe({ game: GAME })).toEqual(
        expect.arrayContaining(["[600, 700) alice if game", "[600, 700) bob unless game"]),
      );
    }
  });
});

describe("a close and the contract-new of its space", () => {
  it.each([
    [100n, 300n],
    [299n, 300n],
    [100n, 101n],
  ])("come in this order: [%s, %s) is held until the close", (lo, hi) => {
    const scene = new Scene();
    const next = cash(alice, lo, hi);
    const close = scene.close(scene.alices, [next]);
    expectRefusal(scene, [make(next), close], { mainHeight: MAIN_HEIGHT }, "OCCUPIED", 0);
    scene.take([close, make(next)]);
    expect(scene.describe()).toContain(`[${lo}, ${hi}) alice`);
  });

  it("leaves its neighbour's space alone, to the satoshi", () => {
    const scene = new Scene();
    const wide = cash(alice, 100n, 301n);
    const close = scene.close(scene.alices, [wide]);
    expectRefusal(scene, [close, make(wide)], { mainHeight: MAIN_HEIGHT }, "OCCUPIED", 1);
  });

  it("does not hide an overlap among what comes between them, in any order", () => {
    const scene = new Scene();
    const [left, right] = [cash(alice, 100n, 201n), cash(alice, 200n, 300n)];
    const close = scene.close(scene.alices, [left, right]);
    const all: BlockTransaction[] = [close, make(left), make(right)];
    const accused = [...orders(all)].map((order) => {
      const built = scene.build(order, { mainHeight: MAIN_HEIGHT });
      if (built.ok) throw new Error("an overlap was hidden");
      expect(scene.check(scene.forge(order))).toMatchObject({ ok: false, code: built.code });
      expect(built.code).toBe("OCCUPIED");
      return built.transactionIndex;
    });
    // The second of the two after the close, or whichever of them came before it.
    expect(accused).toEqual([2, 2, 0, 0, 0, 0]);
  });
});
