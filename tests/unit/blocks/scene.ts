import { describe, expect, it } from "vitest";
import type { LeafChange } from "../../../src/blocks/applyTransactions.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { createTrueCondition } from "../../../src/market/standardConditions.ts";
import { type Condition, conditionRef } from "../../../src/protocol/condition.ts";
import { alice, type Bodies, bob, ChainLab, cash, hashName, make } from "./chainLab.ts";

export const GAME = createTrueCondition(hashName("game"));
export const RAIN = createTrueCondition(hashName("rain"));
/** The main height that a block names where nothing else is said. */
export const MAIN_HEIGHT = 5;

/** A side of a condition, as a place names it. */
export const under = (condition: Condition, side = true) => ({ ...conditionRef(condition), side });

/** Alice holds [100, 300), Bob [300, 400), and Alice [400, 500) if the game is won, Bob if not. */
export class Scene extends ChainLab {
  readonly alices: LeafChange;
  readonly bobs: LeafChange;
  readonly won: LeafChange;
  readonly lost: LeafChange;

  constructor() {
    super();
    const contracts = [
      cash(alice, 100n, 300n),
      cash(bob, 300n, 400n),
      cash(alice, 400n, 500n, [under(GAME)]),
      cash(bob, 400n, 500n, [under(GAME, false)]),
    ];
    const { made } = this.take(contracts.map(make), { conditions: [GAME] });
    [this.alices, this.bobs, this.won, this.lost] = made as [
      LeafChange,
      LeafChange,
      LeafChange,
      LeafChange,
    ];
  }

  /** What the contract will be that a block makes in place `index`. */
  foresee(index: number, transactions: readonly BlockTransaction[]): LeafChange {
    const { made } = insist(this.build(transactions)).effects;
    return made.find((change) => change.index === index) as LeafChange;
  }
}

/** Neither does the honest operator make such a block, nor does anybody take it from a liar. */
export function expectRefusal(
  scene: ChainLab,
  transactions: readonly BlockTransaction[],
  bodies: Bodies,
  code: string,
  transactionIndex: number,
) {
  const refusal = { ok: false, code, transactionIndex };
  expect(scene.build(transactions, bodies)).toMatchObject(refusal);
  expect(scene.check(scene.forge(transactions, bodies))).toMatchObject(refusal);
}

/** A name, transactions, the rule that they break, which of them is accused, and what the block carries. */
type Case = readonly [
  name: string,
  act: (scene: Scene) => readonly BlockTransaction[],
  code: string,
  transactionIndex: number,
  bodies?: Bodies,
];

export function describeRefusals(title: string, cases: readonly Case[]) {
  describe(title, () => {
    for (const [name, act, code, transactionIndex, bodies = {}] of cases) {
      it(name, () => {
        const scene = new Scene();
        const carried = { mainHeight: MAIN_HEIGHT, ...bodies };
        expectRefusal(scene, act(scene), carried, code, transactionIndex);
      });
    }
  });
}
