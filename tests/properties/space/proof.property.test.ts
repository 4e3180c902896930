import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { Place } from "../../../src/protocol/place.ts";
import { buildTree, type Lot } from "../../../src/space/build.ts";
import {
  createBranch,
  createLeafNode,
  createSplit,
  FREE,
  type SpaceNode,
} from "../../../src/space/node.ts";
import { proveFree, proveLeaf, verifyFree, verifyProof } from "../../../src/space/proof.ts";
import {
  createTouchSet,
  createTree,
  leavesWithin,
  pruneTree,
  type SpaceTree,
  takeSpace,
  treeRoot,
} from "../../../src/space/tree.ts";
import { decodeWitness, encodeWitness } from "../../../src/space/witness.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { InputMaker } from "../decoders/inputs.ts";
import {
  adjoiningLots,
  areApart,
  CONDITIONS,
  chooseSides,
  createLot,
  drawWidths,
  pathBytes,
  SIZES,
  summarise,
} from "./lots.ts";

const LO = 2n ** 40n - 1_000n;
const HI = LO + 4_096n;
const LEAF_NODE_BYTES = 1 + 153;

/** A space with contracts, some of them on sides of conditions, and gaps. */
function drawTree(random: SeededRandom, lo: bigint, hi: bigint): { tree: SpaceTree; lots: Lot[] } {
  let tree = createTree(lo, hi);
  const lots: Lot[] = [];
  const width = Number(hi - lo);
  for (let tries = 0; tries < 60; tries++) {
    const standing = lots[random.below(lots.length + 1)];
    const start = lo + BigInt(random.below(width));
    const range =
      standing !== undefined && random.below(2) === 0
        ? standing.place
        : { lo: start, hi: start + BigInt(1 + random.below(1 + (width >> 4))) };
    const sides = random.below(3) === 0 ? [] : [0, 1, 2].map(() => random.below(3));
    const place = { lo: range.lo, hi: range.hi, conditions: chooseSides(sides) };
    const lot = createLot(place, BigInt(tries));
    const after = takeSpace(tree, lot.place, lot.leaf);
    if (!after.ok) continue;
    tree = after.value;
    lots.push(lot);
  }
  return { tree, lots };
}

/** Every free cell of a whole tree, by its definition. */
function freeCells(node: SpaceNode, place: Place): Place[] {
  const { lo, hi, conditions } = place;
  if (node.kind === "free") return [place];
  if (node.kind === "split") {
    const left = freeCells(node.left, { lo, hi: node.at, conditions });
    return [...left, ...freeCells(node.right, { lo: node.at, hi, conditions })];
  }
  if (node.kind !== "branch") return [];
  const under = (side: boolean) => [...conditions, { ...node.condition, side }];
  return [
    ...freeCells(node.yes, { lo, hi, conditions: under(true) }),
    ...freeCells(node.no, { lo, hi, conditions: under(false) }),
  ];
}

function rootIs(tree: SpaceTree): (root: Uint8Array) => boolean {
  const expected = treeRoot(tree);
  return (root) => equalBytes(root, expected);
}

describe("proofs of the space tree", () => {
  it("prove every contract and every free cell, and no two overlap", () => {
    const random = new SeededRandom(21);
    let branched = 0;
    for (let round = 0; round < 60; round++) {
      const { tree, lots } = drawTree(random, LO, HI);
      const proven = lots.map(({ place, leaf }) => {
        const bytes = insist(proveLeaf(tree, place));
        const shown = insist(verifyProof(rootIs(tree), LO, HI, bytes));
        expect(shown).toEqual({ place, leaf });
        expect(proveFree(tree, place)).toMatchObject({ ok: false, code: "NOT_FREE" });
        return shown.place;
      });
      for (const cell of freeCells(tree.root, { lo: LO, hi: HI, conditions: [] })) {
        const part = { ...cell, lo: cell.hi - 1n };
        const bytes = insist(proveFree(tree, part));
        const shown = insist(verifyFree(rootIs(tree), LO, HI, part, bytes));
        expect(shown).toEqual(cell);
        expect(verifyProof(rootIs(tree), LO, HI, bytes)).toMatchObject({ ok: false });
        if (cell.hi < HI) {
          const beyond = { ...cell, hi: cell.hi + 1n };
          expect(verifyFree(rootIs(tree), LO, HI, beyond, bytes)).toMatchObject({ ok: false });
        }
        if (cell.conditions.length > 0) {
          const bare = { ...cell, conditions: [] };
          expect(verifyFree(rootIs(tree), LO, HI, bare, bytes)).toMatchObject({ ok: false });
          branched += 1;
        }
        proven.push(shown);
      }
      expectApart(proven);
    }
    expect(branched).toBeGreaterThan(100);
  });

  it("of a tree that a liar made overlap in nothing that is accepted", () => {
    const random = new SeededRandom(22);
    let accepted = 0;
    let refused = 0;
    for (let round = 0; round < 3_000; round++) {
      const tree: SpaceTree = { lo: 0n, hi: 64n, root: drawLie(random, 0n, 64n, 0) };
      const proven: Place[] = [];
      for (const { path, end } of pathsOf(tree.root)) {
        const bytes = encodePath(tree, path);
        if (bytes === undefined) continue;
        const asked = { lo: end.lo, hi: end.lo + 1n, conditions: end.conditions };
        const leaf = verifyProof(rootIs(tree), 0n, 64n, bytes);
        const free = verifyFree(rootIs(tree), 0n, 64n, asked, bytes);
        if (leaf.ok) proven.push(leaf.value.place);
        if (free.ok) proven.push(free.value);
        if (leaf.ok || free.ok) accepted += 1;
        else refused += 1;
      }
      expectApart(proven);
    }
    expect(accepted).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(1_000);
  });

  it("are refused, or prove nothing else, after any single bit is flipped", () => {
    const random = new SeededRandom(23);
    let flips = 0;
    for (let round = 0; round < 4; round++) {
      const { tree, lots } = drawTree(random, LO, HI);
      const lot = lots[random.below(lots.length)] as Lot;
      const proof = insist(proveLeaf(tree, lot.place));
      const cells = freeCells(tree.root, { lo: LO, hi: HI, conditions: [] });
      const cell = cells[random.below(cells.length)] as Place;
      const emptiness = insist(proveFree(tree, cell));
      for (const flipped of everyFlip(proof)) {
        expect(verifyProof(rootIs(tree), LO, HI, flipped).ok).toBe(false);
        flips += 1;
      }
      for (const flipped of everyFlip(emptiness)) {
        expect(verifyFree(rootIs(tree), LO, HI, cell, flipped).ok).toBe(false);
        flips += 1;
      }
    }
    expect(flips).toBeGreaterThan(10_000);
  });

  it("give a verdict on 100,000 random and mutated inputs, and only the truth is accepted", () => {
    const random = new SeededRandom(24);
    const { tree, lots } = drawTree(random, LO, HI);
    const cells = freeCells(tree.root, { lo: LO, hi: HI, conditions: [] });
    const known = new Set(lots.map(({ leaf }) => formatHex(leaf.id)));
    const witnesses = lots.map(({ place }) => {
      const touched = createTouchSet();
      insist(leavesWithin(tree, { ...place, conditions: [] }, touched));
      return encodeWitness(pruneTree(tree, touched));
    });
    const proofs = lots.map(({ place }) => insist(proveLeaf(tree, place)));
    const cell = cells.find((each) => each.conditions.length > 0) as Place;
    const hostileProofs = new InputMaker(proofs, 24);
    const hostileEmptiness = new InputMaker([insist(proveFree(tree, cell))], 25);
    const hostileWitnesses = new InputMaker(witnesses, 26);
    for (let run = 0; run < 100_000; run++) {
      const shown = verifyProof(rootIs(tree), LO, HI, hostileProofs.next(run));
      if (shown.ok) expect(known.has(formatHex(shown.value.leaf.id))).toBe(true);
      const free = verifyFree(rootIs(tree), LO, HI, cell, hostileEmptiness.next(run));
      if (free.ok) expect(free.value).toEqual(cell);
      const witness = hostileWitnesses.next(run);
      const decoded = decodeWitness(witness, LO, HI);
      if (decoded.ok) expect(equalBytes(encodeWitness(decoded.value), witness)).toBe(true);
    }
  });

  it("take at most 480 bytes of path among 1,000 equal lots, wherever the space begins", () => {
    for (const [start, width] of [
      [0n, 1],
      [0n, 100_000_000],
      [2n ** 40n - 500n * 99_999_999n, 99_999_999],
      [2n ** 63n - 1n, 100_000_000],
    ] as const) {
      const widths = drawWidths("equal", 1_000, width, new SeededRandom(1));
      const lots = [...adjoiningLots(start, widths)];
      const hi = start + BigInt(width) * 1_000n;
      const tree = insist(buildTree(start, hi, lots));
      const lengths = lots.map(
        ({ place }) => insist(proveLeaf(tree, place)).length - LEAF_NODE_BYTES,
      );
      expect(lengths).toEqual(pathBytes(tree));
      expect(summarise(lengths).max).toBeLessThanOrEqual(480);
    }
  });

  it("take at most 900 bytes of path among 1,000,000 equal lots", () => {
    const widths = drawWidths("equal", 1_000_000, 100_000, new SeededRandom(1));
    const hi = 10n ** 11n;
    const tree = insist(buildTree(0n, hi, adjoiningLots(0n, widths)));
    expect(summarise(pathBytes(tree)).max).toBeLessThanOrEqual(900);
    const random = new SeededRandom(25);
    for (let sample = 0; sample < 500; sample++) {
      const lo = BigInt(random.below(1_000_000)) * 100_000n;
      const { place, leaf } = createLot({ lo, hi: lo + 100_000n, conditions: [] }, lo);
      const bytes = insist(proveLeaf(tree, place));
      expect(bytes.length - LEAF_NODE_BYTES).toBeLessThanOrEqual(900);
      expect(insist(verifyProof(rootIs(tree), 0n, hi, bytes))).toEqual({ place, leaf });
    }
  });

  it("have paths that grow with the logarithm of the number, whatever the sizes", () => {
    for (const sizes of SIZES) {
      const widths = drawWidths(sizes, 10_000, 1_000_000, new SeededRandom(26));
      const hi = widths.reduce((sum, width) => sum + width, 0n);
      const tree = insist(buildTree(0n, hi, adjoiningLots(0n, widths)));
      const { mean, max } = summarise(pathBytes(tree));
      expect(mean).toBeLessThan(2 * 14 * 41);
      expect(max).toBeLessThanOrEqual(64 * 41);
    }
  });
});

function expectApart(places: readonly Place[]): void {
  places.forEach((place, index) => {
    for (const other of places.slice(index + 1)) {
      if (!areApart(place, other)) expect([place, other]).toBe("apart");
    }
  });
}

function* everyFlip(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    yield flipped;
  }
}

/**
 * A tree by nobody's rules: splits mostly inside their range, but anywhere in it, in any order of bits,
 * conditions in any order and twice, leaves that mostly claim the range they stand on.
 */
function drawLie(random: SeededRandom, lo: bigint, hi: bigint, depth: number): SpaceNode {
  const kind = random.below(depth > 5 ? 2 : 6);
  if (kind === 0 && depth > 0) return FREE;
  if (kind <= 1) {
    const isTrue = random.below(4) > 0;
    const range = isTrue ? { lo, hi } : { lo: lo > 0n ? lo - 1n : 0n, hi: hi + 1n };
    const number = BigInt(random.below(1_000_000));
    return createLeafNode(createLot({ ...range, conditions: [] }, number).leaf);
  }
  if (kind === 2 || hi - lo < 2n) {
    const condition = CONDITIONS[random.below(CONDITIONS.length)] as (typeof CONDITIONS)[number];
    const yes = drawLie(random, lo, hi, depth + 1);
    return createBranch(condition, yes, drawLie(random, lo, hi, depth + 1));
  }
  const at =
    random.below(8) === 0
      ? BigInt(random.below(64))
      : lo + 1n + BigInt(random.below(Number(hi - lo) - 1));
  const left = drawLie(random, lo, at, depth + 1);
  return createSplit(at, left, drawLie(random, at, hi > at ? hi : at + 1n, depth + 1));
}

type LiePath = { readonly path: readonly SpaceNode[]; readonly end: Place };

/** Every way down from a node to a leaf or free space, with the place it would prove. */
function pathsOf(root: SpaceNode): LiePath[] {
  const paths: LiePath[] = [];
  const walk = (node: SpaceNode, above: readonly SpaceNode[], place: Place): void => {
    const path = [...above, node];
    if (node.kind === "free" || node.kind === "leaf") paths.push({ path, end: place });
    if (node.kind === "split") {
      walk(node.left, path, { ...place, hi: node.at });
      walk(node.right, path, { ...place, lo: node.at });
    }
    if (node.kind === "branch") {
      for (const side of [true, false]) {
        const known = place.conditions.filter((own) => own.hash !== node.condition.hash);
        const conditions = [...known, { ...node.condition, side }].sort(
          (a, b) =>
            CONDITIONS.findIndex((each) => each.hash === a.hash) -
            CONDITIONS.findIndex((each) => each.hash === b.hash),
        );
        walk(side ? node.yes : node.no, path, { ...place, conditions });
      }
    }
  };
  walk(root, [], { lo: 0n, hi: 64n, conditions: [] });
  return paths;
}

/** The bytes of one path; undefined where a split at its own lower bound has no encoding. */
function encodePath(tree: SpaceTree, path: readonly SpaceNode[]): Uint8Array | undefined {
  try {
    return encodeWitness(pruneTree(tree, new Set(path)));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
