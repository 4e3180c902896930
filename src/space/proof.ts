import { equalBytes } from "../lib/bytes.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { ConditionSide, Place } from "../protocol/place.ts";
import type { SpaceNode } from "./node.ts";
import {
  type AskedPath,
  createTouchSet,
  type FoundCell,
  findCellAt,
  findFreeCell,
  findLeaf,
  pruneTree,
  type SpaceTree,
  treeRoot,
} from "./tree.ts";
import { decodeWitness, encodeWitness } from "./witness.ts";

/** What a single proof shows: the exact cell and conditions, from the path itself, and the leaf there. */
export type ProvenCell = { readonly place: Place; readonly leaf: Leaf };

/** Prove the contract at `place`: the tree pruned to its path. */
export function proveLeaf(tree: SpaceTree, place: Place): Verdict<Uint8Array> {
  return judge(() => {
    const touched = createTouchSet();
    const leaf = insist(findLeaf(tree, place, touched));
    if (leaf === undefined) throw new Refusal("NO_SUCH_CONTRACT", "no contract stands there");
    return encodeWitness(pruneTree(tree, touched));
  });
}

/**
 * Prove that nothing stands on `place`: the tree pruned to the path of the free cell that covers it.
 * Refuses `NOT_FREE` where no one free cell does.
 */
export function proveFree(tree: SpaceTree, place: Place): Verdict<Uint8Array> {
  return judge(() => {
    const touched = createTouchSet();
    insist(findFreeCell(tree, place, touched));
    return encodeWitness(pruneTree(tree, touched));
  });
}

/**
 * Check a proof of a contract over `[lo, hi)`: one path, to a leaf, and `isRoot` knows the root that
 * it gives. No more than one proof is accepted for each root and contract.
 */
export function verifyProof(
  isRoot: (root: Uint8Array) => boolean,
  lo: bigint,
  hi: bigint,
  bytes: Uint8Array,
): Verdict<ProvenCell> {
  return judge(() => {
    const tree = insist(decodeWitness(bytes, lo, hi));
    const cell = followPath(tree);
    demand(isRoot(treeRoot(tree)), "WRONG_ROOT", "the path does not lead to the root");
    return cell;
  });
}

/**
 * Check a proof over `[lo, hi)` that nothing stands on `asked`. The value is the free cell that
 * covers it, with the conditions under which it is free. No more than one proof is accepted for each
 * root and cell.
 */
export function verifyFree(
  isRoot: (root: Uint8Array) => boolean,
  lo: bigint,
  hi: bigint,
  asked: Place,
  bytes: Uint8Array,
): Verdict<Place> {
  return judge(() => {
    const tree = insist(decodeWitness(bytes, lo, hi));
    const touched = createTouchSet();
    const cell = insist(findFreeCell(tree, asked, touched));
    const path = encodeWitness(pruneTree(tree, touched));
    demand(equalBytes(path, bytes), "NOT_ONE_PATH", "the proof shows more than the path");
    demand(isRoot(treeRoot(tree)), "WRONG_ROOT", "the path does not lead to the root");
    return cell;
  });
}

/** Prove what stands on an asked path, whatever it is: the tree pruned to that path. */
export function provePath(tree: SpaceTree, asked: AskedPath): Verdict<Uint8Array> {
  return judge(() => {
    const touched = createTouchSet();
    insist(findCellAt(tree, asked, touched));
    return encodeWitness(pruneTree(tree, touched));
  });
}

/**
 * Check a proof over `[lo, hi)` of what stands on an asked path. Whatever stands there has one, of a
 * bounded length, and no more than one proof is accepted for each root and path asked.
 */
export function verifyPath(
  isRoot: (root: Uint8Array) => boolean,
  lo: bigint,
  hi: bigint,
  asked: AskedPath,
  bytes: Uint8Array,
): Verdict<FoundCell> {
  return judge(() => {
    const tree = insist(decodeWitness(bytes, lo, hi));
    const touched = createTouchSet();
    const cell = insist(findCellAt(tree, asked, touched));
    const path = encodeWitness(pruneTree(tree, touched));
    demand(equalBytes(path, bytes), "NOT_ONE_PATH", "the proof shows more than the path");
    demand(isRoot(treeRoot(tree)), "WRONG_ROOT", "the path does not lead to the root");
    return cell;
  });
}

/** The leaf at the end of a tree that is pruned to one path. */
function followPath(tree: SpaceTree): ProvenCell {
  let { lo, hi, root: node } = tree;
  const conditions: ConditionSide[] = [];
  while (node.kind === "split" || node.kind === "branch") {
    const [first, second] = node.kind === "split" ? [node.left, node.right] : [node.yes, node.no];
    const isFirst = isOpen(first);
    demand(isFirst !== isOpen(second), "NOT_ONE_PATH", "one side of a node, and no more, goes on");
    if (node.kind === "branch") conditions.push({ ...node.condition, side: isFirst });
    else if (isFirst) hi = node.at;
    else lo = node.at;
    node = isFirst ? first : second;
  }
  if (node.kind !== "leaf")
    throw new Refusal("NOT_A_LEAF", `expected a contract, got ${node.kind}`);
  return { place: { lo, hi, conditions }, leaf: node.leaf };
}

function isOpen(node: SpaceNode): boolean {
  return node.kind !== "free" && node.kind !== "pruned";
}
