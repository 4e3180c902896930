import { describe, expect, it } from "vitest";
import { insist } from "../../../src/lib/verdict.ts";
import { CONDITIONS_MAX, SPLITS_MAX } from "../../../src/protocol/limits.ts";
import type { ConditionSide } from "../../../src/protocol/place.ts";
import { buildTree } from "../../../src/space/build.ts";
import { highestDifference } from "../../../src/space/node.ts";
import { proveFree, proveLeaf, verifyFree, verifyProof } from "../../../src/space/proof.ts";
import {
  createTree,
  findLeaf,
  leavesWithin,
  releaseSpace,
  takeSpace,
  treeRoot,
} from "../../../src/space/tree.ts";
import { decodeWitness } from "../../../src/space/witness.ts";
import { createLot } from "../../properties/space/lots.ts";

const U64_MAX = 2n ** 64n - 1n;

function lotAt(lo: bigint, hi: bigint, conditions: readonly ConditionSide[] = [], number = 1n) {
  return createLot({ lo, hi, conditions }, number);
}

/** `count` conditions, ascending, all on the yes side. */
function sides(count: number): ConditionSide[] {
  return Array.from({ length: count }, (_, level) => ({
    level,
    hash: new Uint8Array(32).fill(3),
    side: true,
  }));
}

describe("the highest difference of two coordinates", () => {
  it("is the length of their exclusive or in base 2", () => {
    const numbers = [0n, 1n, U64_MAX];
    for (let bit = 0n; bit < 64n; bit++)
      numbers.push(1n << bit, (1n << bit) - 1n, (5n << bit) & U64_MAX);
    for (const a of numbers) {
      for (const b of numbers) {
        const expected = a === b ? 0 : (a ^ b).toString(2).length;
        expect(highestDifference(a, b)).toBe(expected);
      }
    }
  });
});

describe("taking space", () => {
  it("holds two contracts on one range on opposite sides, and frees the cell with the last", () => {
    const condition = { level: 64, hash: new Uint8Array(32).fill(9) };
    const lots = [true, false].map((side) =>
      lotAt(10n, 20n, [{ ...condition, side }], side ? 1n : 2n),
    );
    const empty = createTree(0n, 256n);
    let tree = empty;
    for (const { place, leaf } of lots) tree = insist(takeSpace(tree, place, leaf));
    for (const { place, leaf } of lots) {
      expect(insist(findLeaf(tree, place))).toEqual(leaf);
      expect(takeSpace(tree, place, leaf)).toMatchObject({ ok: false, code: "OCCUPIED" });
    }
    expect(insist(leavesWithin(tree, { lo: 0n, hi: 11n, conditions: [] }))).toHaveLength(2);
    for (const { place, leaf } of lots) tree = insist(releaseSpace(tree, place, leaf.id));
    expect(treeRoot(tree)).toEqual(treeRoot(empty));
  });

  it("goes down to 64 splits, the most that coordinates have bits for", () => {
    let tree = createTree(0n, U64_MAX);
    for (let bit = 0n; bit < 64n; bit++) {
      const { place, leaf } = lotAt(1n << bit, (1n << bit) + 1n, [], bit);
      tree = insist(takeSpace(tree, place, leaf));
    }
    const lowest = { lo: 0n, hi: 1n, conditions: [] };
    const proof = insist(proveFree(tree, lowest));
    expect(insist(verifyFree(() => true, 0n, U64_MAX, lowest, proof))).toEqual(lowest);
    let splits = 0;
    for (let node = tree.root; node.kind === "split"; node = node.left) splits += 1;
    expect(splits).toBe(SPLITS_MAX);
  });

  it("takes 32 conditions on a path and refuses 33, in the tree and in a proof", () => {
    const deepest = lotAt(3n, 9n, sides(CONDITIONS_MAX));
    const tree = insist(takeSpace(createTree(0n, 10n), deepest.place, deepest.leaf));
    const proof = insist(proveLeaf(tree, deepest.place));
    expect(insist(verifyProof(() => true, 0n, 10n, proof)).place).toEqual(deepest.place);
    const deeper = lotAt(3n, 9n, sides(CONDITIONS_MAX + 1));
    const refusal = { ok: false, code: "TOO_DEEP" };
    expect(takeSpace(createTree(0n, 10n), deeper.place, deeper.leaf)).toMatchObject(refusal);
    expect(buildTree(0n, 10n, [deeper])).toMatchObject(refusal);
    const branch = [0x10, ...new Array<number>(33).fill(0)];
    const bytes = sides(CONDITIONS_MAX + 1).flatMap(({ level }) => branch.with(1, level));
    expect(decodeWitness(Uint8Array.from(bytes), 0n, 10n)).toMatchObject(refusal);
  });

  it("refuses a leaf that says another range than its place", () => {
    const { leaf } = lotAt(3n, 9n);
    const place = { lo: 3n, hi: 8n, conditions: [] };
    const refusal = { ok: false, code: "LEAF_NOT_OF_CELL" };
    expect(takeSpace(createTree(0n, 10n), place, leaf)).toMatchObject(refusal);
  });

  it("has no space beyond u64", () => {
    expect(() => createTree(0n, U64_MAX + 1n)).toThrow("u64");
    expect(() => createTree(5n, 5n)).toThrow("u64");
  });
});

describe("building a tree", () => {
  it("refuses lots that overlap, go backwards or leave the space", () => {
    const build = (...ranges: [bigint, bigint][]) =>
      buildTree(
        10n,
        20n,
        ranges.map(([lo, hi]) => lotAt(lo, hi)),
      );
    expect(build([10n, 15n], [14n, 20n])).toMatchObject({ ok: false, code: "OCCUPIED" });
    expect(build([15n, 20n], [10n, 15n])).toMatchObject({ ok: false, code: "OCCUPIED" });
    expect(build([12n, 15n], [12n, 15n])).toMatchObject({ ok: false, code: "OCCUPIED" });
    expect(build([9n, 12n])).toMatchObject({ ok: false, code: "OUT_OF_SPACE" });
    expect(build([19n, 21n])).toMatchObject({ ok: false, code: "OUT_OF_SPACE" });
    expect(build([12n, 12n])).toMatchObject({ ok: false, code: "EMPTY_RANGE" });
    expect(treeRoot(insist(build()))).toEqual(treeRoot(createTree(10n, 20n)));
  });
});

describe("a witness", () => {
  const refusals: readonly [name: string, hex: string, code: string][] = [
    ["two free cells side by side", "2001" + "0000", "NOT_CANONICAL"],
    ["free cells that meet across splits", "2002" + "2001" + "0000" + "00", "NOT_CANONICAL"],
    ["a branch with two free sides", `10${"00".repeat(33)}0000`, "NOT_CANONICAL"],
    ["a step with a zero byte before it", "240001" + "0000", "NOT_CANONICAL"],
    ["a split below the range", "2000", "NOT_CANONICAL"],
    ["a split at the end of the range", "200a", "SPLIT_OUTSIDE"],
    ["a split in its parent's bit", `2101${"11".repeat(32)}2002`, "SPLIT_OUT_OF_ORDER"],
    ["a step to below the parent", `2104${"11".repeat(32)}2006`, "SPLIT_OUTSIDE"],
    ["free space as a pruned hash", `2101${freeHash()}00`, "NOT_CANONICAL"],
    ["a pruned node with a byte of its own", `200102${"11".repeat(32)}00`, "UNKNOWN_KIND"],
    ["an unknown kind", "40", "UNKNOWN_KIND"],
    ["a split inside a branch", `10${"00".repeat(33)}2001`, "UNKNOWN_KIND"],
    ["a cut", "2001", "TRUNCATED"],
    ["more bytes than nodes", "0000", "TRAILING_BYTES"],
  ];
  it.each(refusals)("is refused with %s", (_, hex, code) => {
    const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
    expect(decodeWitness(bytes, 0n, 10n)).toMatchObject({ ok: false, code });
  });
});

function freeHash(): string {
  return Buffer.from(treeRoot(createTree(0n, 1n))).toString("hex");
}
