import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { ConditionRef, Place } from "../../../src/protocol/place.ts";
import { buildTree } from "../../../src/space/build.ts";
import { createBranch, createLeafNode, createSplit, FREE } from "../../../src/space/node.ts";
import { proveFree, proveLeaf, verifyFree, verifyProof } from "../../../src/space/proof.ts";
import {
  createTouchSet,
  leavesWithin,
  pruneTree,
  type SpaceTree,
  treeRoot,
} from "../../../src/space/tree.ts";
import { decodeWitness, encodeWitness } from "../../../src/space/witness.ts";
import { createLot } from "../../properties/space/lots.ts";

const LO = 0n;
const HI = 100n;
const ALL: Place = { lo: LO, hi: HI, conditions: [] };
const FIRST = createLot({ lo: 10n, hi: 20n, conditions: [] }, 1n);
const SECOND = createLot({ lo: 20n, hi: 30n, conditions: [] }, 2n);
const GAP: Place = { lo: 40n, hi: 50n, conditions: [] };
const TREE = insist(buildTree(LO, HI, [FIRST, SECOND]));

const isRoot = (root: Uint8Array) => equalBytes(root, treeRoot(TREE));

/** A witness that shows everything on `place`. */
function showAll(tree: SpaceTree, place: Place): Uint8Array {
  const touched = createTouchSet();
  insist(leavesWithin(tree, place, touched));
  return encodeWitness(pruneTree(tree, touched));
}

describe("a proof of a contract", () => {
  it("shows one path, and nothing beside it", () => {
    const witness = showAll(TREE, ALL);
    expect(insist(decodeWitness(witness, LO, HI))).toEqual(TREE);
    expect(verifyProof(isRoot, LO, HI, witness)).toMatchObject({ code: "NOT_ONE_PATH" });
  });

  it("ends in a contract", () => {
    const nothing = encodeWitness(pruneTree(TREE, createTouchSet()));
    const refusal = { ok: false, code: "NOT_A_LEAF" };
    expect(verifyProof(isRoot, LO, HI, nothing)).toMatchObject(refusal);
    const free = insist(proveFree(TREE, GAP));
    expect(verifyProof(isRoot, LO, HI, free)).toMatchObject({ code: "NOT_ONE_PATH" });
  });

  it("leads to the root that is asked for", () => {
    const proof = insist(proveLeaf(TREE, FIRST.place));
    expect(verifyProof(() => false, LO, HI, proof)).toMatchObject({ code: "WRONG_ROOT" });
    expect(proveLeaf(TREE, GAP)).toMatchObject({ code: "NO_SUCH_CONTRACT" });
  });
});

describe("a proof of emptiness", () => {
  it("gives the whole free cell", () => {
    const proof = insist(proveFree(TREE, GAP));
    const cell = { lo: 30n, hi: HI, conditions: [] };
    expect(verifyFree(isRoot, LO, HI, GAP, proof)).toEqual({ ok: true, value: cell });
  });

  it("shows one path, and nothing beside it", () => {
    const witness = showAll(TREE, ALL);
    expect(verifyFree(isRoot, LO, HI, GAP, witness)).toMatchObject({ code: "NOT_ONE_PATH" });
  });

  it("leads to the root that is asked for", () => {
    const proof = insist(proveFree(TREE, GAP));
    expect(verifyFree(() => false, LO, HI, GAP, proof)).toMatchObject({ code: "WRONG_ROOT" });
  });

  it("is of no place that a contract stands on, or that leaves the space", () => {
    const proof = insist(proveFree(TREE, GAP));
    const over = { ...GAP, lo: 29n };
    expect(proveFree(TREE, over)).toMatchObject({ code: "NOT_FREE" });
    expect(verifyFree(isRoot, LO, HI, over, proof).ok).toBe(false);
    const beyond = { ...GAP, hi: HI + 1n };
    expect(verifyFree(isRoot, LO, HI, beyond, proof)).toMatchObject({ code: "OUT_OF_SPACE" });
  });

  it("holds under a side of a condition only for who names that side", () => {
    const condition = { level: 0, hash: new Uint8Array(32).fill(5) };
    const yes = [{ ...condition, side: true }];
    const no = [{ ...condition, side: false }];
    const tree = insist(buildTree(LO, HI, [createLot({ ...GAP, conditions: yes }, 3n)]));
    const proof = insist(proveFree(tree, { ...GAP, conditions: no }));
    const judge = (conditions: Place["conditions"]) =>
      verifyFree((root) => equalBytes(root, treeRoot(tree)), LO, HI, { ...GAP, conditions }, proof);
    expect(judge(no)).toEqual({ ok: true, value: { ...GAP, conditions: no } });
    expect(judge([])).toMatchObject({ code: "NOT_FREE" });
    expect(judge(yes).ok).toBe(false);
  });
});

describe("a proof by a liar", () => {
  const leaf = createLeafNode(FIRST.leaf);
  const condition = (level: number): ConditionRef => ({ level, hash: new Uint8Array(32).fill(1) });
  const inCell = (root: SpaceTree["root"]) =>
    decodeWitness(encodeWitness({ lo: 10n, hi: 20n, root }), 10n, 20n);

  it("cannot put conditions out of order, or one twice", () => {
    const inner = createBranch(condition(1), leaf, FREE);
    const refusal = { ok: false, code: "CONDITIONS_OUT_OF_ORDER" };
    expect(inCell(createBranch(condition(0), inner, FREE)).ok).toBe(true);
    expect(inCell(createBranch(condition(1), inner, FREE))).toMatchObject(refusal);
    expect(inCell(createBranch(condition(2), FREE, inner))).toMatchObject(refusal);
  });

  it("cannot show a contract on another range than its own", () => {
    const refusal = { ok: false, code: "LEAF_NOT_OF_CELL" };
    expect(inCell(leaf).ok).toBe(true);
    expect(inCell(createSplit(15n, leaf, FREE))).toMatchObject(refusal);
    expect(inCell(createSplit(12n, FREE, leaf))).toMatchObject(refusal);
  });
});
