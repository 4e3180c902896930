import { describe, expect, it } from "vitest";
import { computeDeadlines, judgeRecord } from "../../../src/blocks/history.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { hashBlockHeader } from "../../../src/protocol/blockHeader.ts";
import type { LateSpace } from "../../../src/protocol/recordSeen.ts";
import { alice, bob, cash, make } from "./chainLab.ts";
import { describeRefusals, GAME, RAIN, Scene, under } from "./scene.ts";

const seen = (height: number, ...late: LateSpace[]): BlockTransaction => ({
  kind: "record-seen",
  seen: { height, late },
});

describeRefusals("what is said of records is refused", [
  ["of the block that says it", () => [seen(2)], "NOT_RECORDED", 0],
  ["after other transactions", () => [make(cash(alice, 600n, 700n)), seen(1)], "NOT_FIRST", 1],
  ["twice", () => [seen(1), seen(1)], "NOT_FIRST", 1],
  [
    "of space that the chain has not",
    () => [seen(1, { place: { lo: 900n, hi: 1_001n, conditions: [] }, since: 1 })],
    "OUT_OF_SPACE",
    0,
  ],
]);

describe("a late space", () => {
  it("loses what was made there since, and nothing else", () => {
    const scene = new Scene();
    const { alices, won } = scene;
    // Alice gives half of her cash to Bob, who sells it on with his own; and moves what she has of the game.
    const moved = scene.take(
      [
        scene.close(alices, [cash(bob, 100n, 200n), cash(alice, 200n, 300n)]),
        scene.close(won, [cash(alice, 400n, 500n, [under(GAME)])]),
        make(cash(bob, 100n, 200n)),
        make(cash(alice, 200n, 300n)),
        make(cash(alice, 400n, 500n, [under(GAME)])),
        make(cash(bob, 600n, 700n)),
      ],
      { conditions: [GAME] },
    ).made;
    const [bobs] = moved;
    if (bobs === undefined) throw new Error("nothing was made");
    scene.take([
      scene.close(bobs, [cash(alice, 100n, 150n), cash(bob, 150n, 200n)]),
      make(cash(alice, 100n, 150n)),
      make(cash(bob, 150n, 200n)),
    ]);
    const late = [
      { place: alices.place, since: 2 },
      { place: won.place, since: 2 },
    ];
    const { swept } = scene.take([seen(1, ...late)]);
    expect(swept.map(({ leaf }) => [leaf.lo, leaf.hi, leaf.madeIn])).toEqual([
      [100n, 150n, 3],
      [150n, 200n, 3],
      [200n, 300n, 2],
      [400n, 500n, 2],
    ]);
    // Bob's side of the game was never given up, nor is what was made elsewhere at fault.
    expect(scene.describe({ game: GAME })).toEqual([
      "[0, 300) free",
      "[300, 400) bob",
      "[400, 500) free if game",
      "[400, 500) bob unless game",
      "[500, 600) free",
      "[600, 700) bob",
      "[700, 1000) free",
    ]);
  });
});

describe("closes that take one another's space", () => {
  it("are late together, and others of their block are not", () => {
    const scene = new Scene();
    const { alices, bobs, lost } = scene;
    const sides = (lo: bigint, hi: bigint) =>
      [true, false].map((side) => cash(side ? alice : bob, lo, hi, [under(RAIN, side)]));
    const [onAlices, onBobs] = [sides(100n, 300n), sides(300n, 400n)];
    const transactions = [
      scene.close(alices, [...onAlices, ...onBobs.slice(0, 1)], { heightMax: 40 }),
      scene.close(bobs, [...onBobs, ...onAlices.slice(1)], { heightMax: 8 }),
      scene.close(lost, [cash(alice, 400n, 500n, [under(GAME, false)])], { heightMax: 40 }),
      ...[...onAlices, ...onBobs, cash(alice, 400n, 500n, [under(GAME, false)])].map(make),
    ];
    const previous = scene.tip;
    const effects = scene.take(transactions, { conditions: [GAME, RAIN] });
    const block = scene.blocks.at(-1);
    if (block === undefined) throw new Error("no block was made");
    const { header } = block;
    const deadlines = insist(computeDeadlines(block, effects));
    const lateAt = (height: number) => {
      const record = { hash: hashBlockHeader(header), height, index: 0 };
      const run = [{ header, deadlines }];
      const late = insist(judgeRecord(run, scene.facts, record, previous.hash, () => 0));
      return [alices, bobs, lost].filter(({ leaf }) => late.some((id) => equalBytes(id, leaf.id)));
    };
    expect(lateAt(8)).toEqual([]);
    expect(lateAt(9)).toEqual([alices, bobs]);
    expect(lateAt(41)).toEqual([alices, bobs, lost]);
  });
});
