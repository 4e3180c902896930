import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { ConditionSide, Place } from "../protocol/place.ts";
import type { SpaceNode } from "./node.ts";
import { createTouchSet, findLeaf, pruneTree, type SpaceTree, treeRoot } from "./tree.ts";
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
 * Check a single proof over `[lo, hi)`: exactly one contract is shown, and `isRoot` knows the root
 * that the path gives.
 */
export function verifyProof(
  isRoot: (root: Uint8Array) => boolean,
  lo: bigint,
  hi: bigint,
  bytes: Uint8Array,
): Verdict<ProvenCell> {
  return judge(() => {
    const tree = insist(decodeWitness(bytes, lo, hi));
    demand(isRoot(treeRoot(tree)), "WRONG_ROOT", "the path does not lead to the root");
    const shown: ProvenCell[] = [];
    collect(tree.root, lo, hi, [], shown);
    const [only, ...others] = shown;
    if (only === undefined || others.length > 0) {
      throw new Refusal("NOT_ONE_LEAF", `expected one contract, got ${shown.length}`);
    }
    return only;
  });
}

function collect(
  node: SpaceNode,
  lo: bigint,
  hi: bigint,
  conditions: readonly ConditionSide[],
  shown: ProvenCell[],
): void {
  if (node.kind === "leaf") shown.push({ place: { lo, hi, conditions }, leaf: node.leaf });
  if (node.kind === "split") {
    collect(node.left, lo, node.at, conditions, shown);
    collect(node.right, node.at, hi, conditions, shown);
  }
  if (node.kind === "branch") {
    collect(node.yes, lo, hi, [...conditions, { ...node.condition, side: true }], shown);
    collect(node.no, lo, hi, [...conditions, { ...node.condition, side: false }], shown);
  }
}
