import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { Leaf } from "../../../src/protocol/leaf.ts";
import type { Place } from "../../../src/protocol/place.ts";
import { createLeafNode, createSplit, FREE, type SpaceNode } from "../../../src/space/node.ts";
import { proveLeaf, verifyProof } from "../../../src/space/proof.ts";
import {
  createTouchSet,
  createTree,
  findLeaf,
  pruneTree,
  releaseSpace,
  type SpaceTree,
  takeSpace,
  treeRoot,
} from "../../../src/space/tree.ts";
import { decodeWitness, encodeWitness } from "../../../src/space/witness.ts";

const WIDTH = 256n;

function createLot(lo: bigint, hi: bigint): { place: Place; leaf: Leaf } {
  const id = new Uint8Array(32);
  id[30] = Number(lo >> 8n);
  id[31] = Number(lo & 255n);
  const leaf: Leaf = {
    id,
    owner: new Uint8Array(33).fill(2),
    lo,
    hi,
    depositBps: 0,
    scriptHash: new Uint8Array(32),
    sealed: false,
    anchor: { kind: "none" },
  };
  return { place: { lo, hi, conditions: [] }, leaf };
}

/** The tree by its definition: cells from the set of contracts, then the Patricia trie over their starts. */
function naiveRoot(leaves: readonly Leaf[]): Uint8Array {
  const cells: { lo: bigint; node: SpaceNode }[] = [];
  let end = 0n;
  for (const leaf of leaves.toSorted((a, b) => (a.lo < b.lo ? -1 : 1))) {
    if (leaf.lo > end) cells.push({ lo: end, node: FREE });
    cells.push({ lo: leaf.lo, node: createLeafNode(leaf) });
    end = leaf.hi;
  }
  if (end < WIDTH) cells.push({ lo: end, node: FREE });
  const build = (from: number, to: number): SpaceNode => {
    const first = cells[from] as { lo: bigint; node: SpaceNode };
    if (from === to) return first.node;
    let bit = 63n;
    while ((first.lo ^ (cells[to]?.lo ?? 0n)) >> bit === 0n) bit -= 1n;
    let middle = from + 1;
    while ((((cells[middle]?.lo ?? 0n) >> bit) & 1n) === 0n) middle += 1;
    return createSplit(cells[middle]?.lo ?? 0n, build(from, middle - 1), build(middle, to));
  };
  return build(0, cells.length - 1).hash;
}

const step = fc.record({
  lo: fc.integer({ min: 0, max: 255 }),
  width: fc.integer({ min: 1, max: 40 }),
});

describe("the space tree", () => {
  it("agrees with the naive tree after every step, whole and from the witness alone", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let tree: SpaceTree = createTree(0n, WIDTH);
        const held = new Map<string, Leaf>();
        for (const { lo, width } of steps) {
          const start = BigInt(lo);
          const end = start + BigInt(width);
          const standing = [...held.values()].find((leaf) => leaf.lo <= start && start < leaf.hi);
          const touched = createTouchSet();
          const { place, leaf } =
            standing === undefined ? createLot(start, end) : createLot(standing.lo, standing.hi);
          const apply = (on: SpaceTree, touch?: ReturnType<typeof createTouchSet>) =>
            standing === undefined
              ? takeSpace(on, place, leaf, touch)
              : releaseSpace(on, place, leaf.id, touch);
          const after = apply(tree, touched);
          const clashes = [...held.values()].some((each) => each.lo < end && start < each.hi);
          const isValid = standing !== undefined || (!clashes && end <= WIDTH);
          expect(after.ok).toBe(isValid);
          if (!after.ok) continue;
          const bytes = encodeWitness(pruneTree(tree, touched));
          const witness = insist(decodeWitness(bytes, 0n, WIDTH));
          expect(treeRoot(witness)).toEqual(treeRoot(tree));
          expect(treeRoot(insist(apply(witness)))).toEqual(treeRoot(after.value));
          if (standing === undefined) held.set(formatHex(leaf.id), leaf);
          else held.delete(formatHex(standing.id));
          tree = after.value;
          expect(treeRoot(tree)).toEqual(naiveRoot([...held.values()]));
        }
      }),
      { seed: 7, numRuns: 400 },
    );
  });

  it("proves each of 1,000 equal lots in a path of at most 480 bytes", () => {
    let tree = createTree(0n, 1_000n);
    for (let lo = 0n; lo < 1_000n; lo++) {
      const { place, leaf } = createLot(lo, lo + 1n);
      tree = insist(takeSpace(tree, place, leaf));
    }
    const root = formatHex(treeRoot(tree));
    const LEAF_NODE_BYTES = 1 + 149;
    for (let lo = 0n; lo < 1_000n; lo += 37n) {
      const { place, leaf } = createLot(lo, lo + 1n);
      const proof = insist(proveLeaf(tree, place));
      expect(proof.length - LEAF_NODE_BYTES).toBeLessThanOrEqual(480);
      const shown = insist(verifyProof((own) => formatHex(own) === root, 0n, 1_000n, proof));
      expect(shown).toEqual({ place, leaf });
      for (let at = 0; at < proof.length; at += 1) {
        const flipped = proof.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        const judged = verifyProof((own) => formatHex(own) === root, 0n, 1_000n, flipped);
        expect(judged.ok).toBe(false);
      }
    }
  });

  it("holds two contracts on one range on opposite sides, and frees the cell with the last", () => {
    const condition = { level: 64, hash: new Uint8Array(32).fill(9) };
    const sides = [true, false].map((side) => {
      const lot = createLot(10n, 20n);
      const place = { ...lot.place, conditions: [{ ...condition, side }] };
      return { place, leaf: { ...lot.leaf, id: new Uint8Array(32).fill(side ? 1 : 2) } };
    });
    const empty = createTree(0n, WIDTH);
    let tree = empty;
    for (const { place, leaf } of sides) tree = insist(takeSpace(tree, place, leaf));
    for (const { place, leaf } of sides) {
      expect(insist(findLeaf(tree, place))).toEqual(leaf);
      expect(takeSpace(tree, place, leaf)).toMatchObject({ ok: false, code: "OCCUPIED" });
    }
    for (const { place, leaf } of sides) tree = insist(releaseSpace(tree, place, leaf.id));
    expect(treeRoot(tree)).toEqual(treeRoot(empty));
  });

  it("gives a verdict on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(typeof decodeWitness(bytes, 0n, WIDTH).ok).toBe("boolean");
      }),
      { seed: 11, numRuns: 100_000 },
    );
  });
});
