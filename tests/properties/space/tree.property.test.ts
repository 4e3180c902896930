import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { Place } from "../../../src/protocol/place.ts";
import { buildTree, type Lot } from "../../../src/space/build.ts";
import {
  createTouchSet,
  createTree,
  findLeaf,
  isFree,
  pruneTree,
  releaseSpace,
  type SpaceTree,
  takeSpace,
  treeRoot,
} from "../../../src/space/tree.ts";
import { decodeWitness, encodeWitness } from "../../../src/space/witness.ts";
import { areApart, chooseSides, createLot } from "./lots.ts";
import { canTake, naiveRoot } from "./naiveTree.ts";

/** A space across a high bit, so that starts on both sides of it meet. */
const LO = 2n ** 40n - 100n;
const HI = LO + 256n;

const step = fc.record({
  lo: fc.integer({ min: 0, max: 255 }),
  width: fc.integer({ min: 1, max: 40 }),
  sides: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
  /** What to do where something stands already: release it, or take beside it under other sides. */
  releases: fc.boolean(),
});
type Step = { lo: number; width: number; sides: number[]; releases: boolean };

type Change = { readonly kind: "take" | "release"; readonly lot: Lot };

function planChange(held: readonly Lot[], plan: Step, number: bigint): Change {
  const start = LO + BigInt(plan.lo);
  const standing = held.find(({ place }) => place.lo <= start && start < place.hi);
  if (standing !== undefined && plan.releases) return { kind: "release", lot: standing };
  const range = standing?.place ?? { lo: start, hi: start + BigInt(plan.width) };
  const place = { lo: range.lo, hi: range.hi, conditions: chooseSides(plan.sides) };
  return { kind: "take", lot: createLot(place, number) };
}

function applyChange(tree: SpaceTree, { kind, lot }: Change, touched = createTouchSet()) {
  return kind === "take"
    ? takeSpace(tree, lot.place, lot.leaf, touched)
    : releaseSpace(tree, lot.place, lot.leaf.id, touched);
}

/** Every lot that the steps leave standing, and the tree that holds them. */
function play(steps: readonly Step[]): { tree: SpaceTree; held: Lot[] } {
  let tree = createTree(LO, HI);
  let held: Lot[] = [];
  steps.forEach((each, index) => {
    const change = planChange(held, each, BigInt(index));
    const after = applyChange(tree, change);
    if (!after.ok) return;
    tree = after.value;
    held =
      change.kind === "take" ? [...held, change.lot] : held.filter((lot) => lot !== change.lot);
  });
  return { tree, held };
}

describe("the space tree", () => {
  it("agrees with the naive tree after every step, whole and from the witness alone", () => {
    let taken = 0;
    let branched = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        let tree = createTree(LO, HI);
        let held: Lot[] = [];
        steps.forEach((each, index) => {
          const change = planChange(held, each, BigInt(index));
          const { kind, lot } = change;
          const touched = createTouchSet();
          const after = applyChange(tree, change, touched);
          expect(after.ok).toBe(kind === "release" || canTake(LO, HI, held, lot.place));
          const bytes = encodeWitness(pruneTree(tree, touched));
          const witness = insist(decodeWitness(bytes, LO, HI));
          expect(encodeWitness(witness)).toEqual(bytes);
          expect(treeRoot(witness)).toEqual(treeRoot(tree));
          const stateless = applyChange(witness, change);
          if (!after.ok) {
            expect(stateless).toEqual(after);
            return;
          }
          expect(treeRoot(insist(stateless))).toEqual(treeRoot(after.value));
          tree = after.value;
          held = kind === "take" ? [...held, lot] : held.filter((own) => own !== lot);
          expect(treeRoot(tree)).toEqual(naiveRoot(LO, HI, held));
          taken += kind === "take" ? 1 : 0;
          branched += lot.place.conditions.length > 1 ? 1 : 0;
        });
      }),
      { seed: 7, numRuns: 400 },
    );
    expect(taken).toBeGreaterThan(3_000);
    expect(branched).toBeGreaterThan(500);
  });

  it("has a root that depends on the set alone: any order, and built whole", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60, size: "max" }),
        fc.infiniteStream(fc.nat()),
        (steps, numbers) => {
          const { tree, held } = play(steps);
          const shuffled = held
            .map((lot) => ({ lot, key: numbers.next().value ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ lot }) => lot);
          let other = createTree(LO, HI);
          for (const { place, leaf } of shuffled) other = insist(takeSpace(other, place, leaf));
          expect(treeRoot(other)).toEqual(treeRoot(tree));
          const sorted = shuffled.toSorted((a, b) => Number(a.place.lo - b.place.lo));
          expect(treeRoot(insist(buildTree(LO, HI, sorted)))).toEqual(treeRoot(tree));
          for (const { place, leaf } of held) {
            other = insist(releaseSpace(other, place, leaf.id));
          }
          expect(treeRoot(other)).toEqual(treeRoot(createTree(LO, HI)));
        },
      ),
      { seed: 8, numRuns: 300 },
    );
  });

  it("shows in a witness exactly what is free and what stands", () => {
    const asked = fc.record({
      lo: fc.integer({ min: 0, max: 250 }),
      width: fc.integer({ min: 1, max: 30 }),
      sides: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60, size: "max" }),
        asked,
        (steps, { lo, width, sides }) => {
          const { tree, held } = play(steps);
          const start = LO + BigInt(lo);
          const end = start + BigInt(width);
          const place: Place = {
            lo: start,
            hi: end < HI ? end : HI,
            conditions: chooseSides(sides),
          };
          const touched = createTouchSet();
          const answer = insist(isFree(tree, place, touched));
          expect(answer).toBe(held.every((lot) => areApart(lot.place, place)));
          const leaf = insist(findLeaf(tree, held[0]?.place ?? place, touched));
          expect(leaf).toEqual(held[0]?.leaf);
          const bytes = encodeWitness(pruneTree(tree, touched));
          const witness = insist(decodeWitness(bytes, LO, HI));
          expect(insist(isFree(witness, place))).toBe(answer);
          expect(insist(findLeaf(witness, held[0]?.place ?? place))).toEqual(leaf);
        },
      ),
      { seed: 9, numRuns: 1_000 },
    );
  });

  it("has a pruned root where nothing was looked into", () => {
    const { place, leaf } = createLot({ lo: LO, hi: HI, conditions: [] }, 1n);
    const tree = insist(takeSpace(createTree(LO, HI), place, leaf));
    const bytes = encodeWitness(pruneTree(tree, createTouchSet()));
    const witness = insist(decodeWitness(bytes, LO, HI));
    expect(formatHex(bytes)).toBe(`02${formatHex(treeRoot(tree))}`);
    expect(equalBytes(treeRoot(witness), treeRoot(tree))).toBe(true);
    expect(findLeaf(witness, place)).toMatchObject({ ok: false, code: "MISSING_WITNESS" });
  });
});
