import { assert } from "../lib/assert.ts";
import { equalBytes } from "../lib/bytes.ts";
import { demand, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import { formatRange, formatVeo } from "../protocol/amountWords.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { CONDITIONS_MAX, SPLITS_MAX } from "../protocol/limits.ts";
import {
  areConditionsOrdered,
  type ConditionRef,
  type ConditionSide,
  compareConditions,
  type Place,
} from "../protocol/place.ts";
import {
  createBranch,
  createLeafNode,
  createSplit,
  FREE,
  hashNode,
  highestDifference,
  type SpaceNode,
} from "./node.ts";

/** Coordinates are u64. Splits on a path descend bit by bit, so there are at most `SPLITS_MAX`. */
const COORDINATE_END = 1n << BigInt(SPLITS_MAX);

/** A chain's space `[lo, hi)` and what stands in it: whole at the operator, pruned in a witness. */
export type SpaceTree = { readonly lo: bigint; readonly hi: bigint; readonly root: SpaceNode };

/** The nodes that operations have looked into: what a witness of them must hold. */
export type TouchSet = Set<SpaceNode>;

/**
 * Where somebody asks what stands: a coordinate, and the sides of conditions that he names. The way
 * down goes by them as far as they lead.
 */
export type AskedPath = { readonly at: bigint; readonly conditions: readonly ConditionSide[] };

/**
 * What an asked path leads to: a contract, free space, or a branch on a condition whose side was not
 * named. `place` is the cell, with the conditions passed on the way.
 */
export type FoundCell = {
  readonly place: Place;
  readonly found:
    | { readonly kind: "free" }
    | { readonly kind: "contract"; readonly leaf: Leaf }
    | { readonly kind: "branch"; readonly condition: ConditionRef };
};

type Cell = { readonly lo: bigint; readonly hi: bigint; readonly node: SpaceNode };

export function createTouchSet(): TouchSet {
  return new Set();
}

/** A space that is all free; `[lo, hi)` is not empty and within u64. */
export function createTree(lo: bigint, hi: bigint): SpaceTree {
  assert(0n <= lo && lo < hi && hi < COORDINATE_END, "a space is a range of u64 coordinates");
  return { lo, hi, root: FREE };
}

/** The 32-byte root of a tree's contracts. */
export function treeRoot(tree: SpaceTree): Uint8Array {
  return hashNode(tree.root);
}

/** The tree with only those nodes that were touched; free space is always kept, as it costs nothing. */
export function pruneTree(tree: SpaceTree, touched: TouchSet): SpaceTree {
  const prune = (node: SpaceNode): SpaceNode => {
    if (node.kind === "free") return node;
    if (!touched.has(node)) return { kind: "pruned", hash: hashNode(node) };
    if (node.kind === "split") return { ...node, left: prune(node.left), right: prune(node.right) };
    if (node.kind === "branch") return { ...node, yes: prune(node.yes), no: prune(node.no) };
    return node;
  };
  return { ...tree, root: prune(tree.root) };
}

/**
 * Put `leaf` at `place`, which must be free under exactly its conditions. Free cells are cut as
 * needed; a cell that holds anything is taken only whole. Refuses what stands in the way, and
 * `MISSING_WITNESS` where a pruned node would have to be looked into.
 */
export function takeSpace(
  tree: SpaceTree,
  place: Place,
  leaf: Leaf,
  touched?: TouchSet,
): Verdict<SpaceTree> {
  return judge(() => {
    demandInside(tree, place);
    demandOfPlace(leaf, place);
    const cell = findCell(tree, place.lo, touched);
    let root = tree.root;
    if (cell.node.kind === "free") {
      if (place.hi > cell.hi) {
        throw new Refusal("OCCUPIED", `the space is free only up to ${formatVeo(cell.hi)}`);
      }
      if (place.lo > cell.lo) root = insertStart(root, tree.lo, place.lo, touched);
      if (place.hi < cell.hi) root = insertStart(root, tree.lo, place.hi, touched);
    } else {
      const isWhole = cell.lo === place.lo && cell.hi === place.hi;
      if (!isWhole) {
        throw new Refusal("OCCUPIED", `a contract stands on ${formatRange(cell.lo, cell.hi)}`);
      }
    }
    root = replaceCell(root, place.lo, touched, (node) =>
      putLeaf(node, place.conditions, createLeafNode(leaf), touched),
    );
    return { ...tree, root };
  });
}

/** Make the contract of this id at `place` free, and join free neighbours. */
export function releaseSpace(
  tree: SpaceTree,
  place: Place,
  id: Uint8Array,
  touched?: TouchSet,
): Verdict<SpaceTree> {
  return judge(() => {
    demandInside(tree, place);
    const cell = findCell(tree, place.lo, touched);
    demand(cell.lo === place.lo && cell.hi === place.hi, "NO_SUCH_CONTRACT", "no such cell");
    let freed: SpaceNode = FREE;
    let root = replaceCell(tree.root, place.lo, touched, (node) => {
      freed = removeLeaf(node, place.conditions, id, touched);
      return freed;
    });
    if (freed.kind !== "free") return { ...tree, root };
    if (cell.hi < tree.hi && findCell({ ...tree, root }, cell.hi, touched).node.kind === "free") {
      root = removeStart(root, cell.hi, touched);
    }
    if (
      cell.lo > tree.lo &&
      findCell({ ...tree, root }, cell.lo - 1n, touched).node.kind === "free"
    ) {
      root = removeStart(root, cell.lo, touched);
    }
    return { ...tree, root };
  });
}

/** Put `leaf` where the contract of its id stands, on the same place. */
export function replaceLeaf(
  tree: SpaceTree,
  place: Place,
  leaf: Leaf,
  touched?: TouchSet,
): Verdict<SpaceTree> {
  return judge(() => {
    demandInside(tree, place);
    demandOfPlace(leaf, place);
    const cell = findCell(tree, place.lo, touched);
    demand(cell.lo === place.lo && cell.hi === place.hi, "NO_SUCH_CONTRACT", "no such cell");
    const root = replaceCell(tree.root, place.lo, touched, (node) => {
      const rest = removeLeaf(node, place.conditions, leaf.id, touched);
      return putLeaf(rest, place.conditions, createLeafNode(leaf), touched);
    });
    return { ...tree, root };
  });
}

/** The contract whose cell and conditions are exactly `place`; undefined if none stands there. */
export function findLeaf(
  tree: SpaceTree,
  place: Place,
  touched?: TouchSet,
): Verdict<Leaf | undefined> {
  return judge(() => {
    demandInside(tree, place);
    const cell = findCell(tree, place.lo, touched);
    if (cell.lo !== place.lo || cell.hi !== place.hi) return undefined;
    let { node } = cell;
    for (const condition of place.conditions) {
      if (node.kind !== "branch" || compareConditions(node.condition, condition) !== 0)
        return undefined;
      node = open(condition.side ? node.yes : node.no, touched);
    }
    return node.kind === "leaf" ? node.leaf : undefined;
  });
}

/**
 * The free cell that covers `place`, with the conditions under which it is free: a subset of
 * `place`'s own. Refuses `NOT_FREE` where a contract stands or several cells meet.
 */
export function findFreeCell(tree: SpaceTree, place: Place, touched?: TouchSet): Verdict<Place> {
  return judge(() => {
    demandInside(tree, place);
    const cell = findCell(tree, place.lo, touched);
    if (place.hi > cell.hi) {
      throw new Refusal("NOT_FREE", `the space is free only up to ${formatVeo(cell.hi)}`);
    }
    const conditions: ConditionSide[] = [];
    let { node } = cell;
    while (node.kind === "branch") {
      const { condition, yes, no } = node;
      const own = place.conditions.find((each) => compareConditions(each, condition) === 0);
      if (own === undefined) throw new Refusal("NOT_FREE", "the space is held under a condition");
      conditions.push(own);
      node = open(own.side ? yes : no, touched);
    }
    demand(node.kind === "free", "NOT_FREE", "a contract stands there");
    return { lo: cell.lo, hi: cell.hi, conditions };
  });
}

/** What stands at a coordinate under the sides of conditions that `asked` names, as far as they lead. */
export function findCellAt(
  tree: SpaceTree,
  asked: AskedPath,
  touched?: TouchSet,
): Verdict<FoundCell> {
  return judge(() => {
    if (asked.at < tree.lo || asked.at >= tree.hi) {
      throw new Refusal("OUT_OF_SPACE", `expected a point inside ${formatRange(tree.lo, tree.hi)}`);
    }
    const { lo, hi, ...cell } = findCell(tree, asked.at, touched);
    const conditions: ConditionSide[] = [];
    let { node } = cell;
    while (node.kind === "branch") {
      const { condition, yes, no } = node;
      const own = asked.conditions.find((each) => compareConditions(each, condition) === 0);
      if (own === undefined) {
        return { place: { lo, hi, conditions }, found: { kind: "branch", condition } };
      }
      conditions.push(own);
      node = open(own.side ? yes : no, touched);
    }
    const found =
      node.kind === "leaf"
        ? ({ kind: "contract", leaf: node.leaf } as const)
        : ({ kind: "free" } as const);
    return { place: { lo, hi, conditions }, found };
  });
}

/** A leaf and where it stands. */
export type PlacedLeaf = { readonly place: Place; readonly leaf: Leaf };

/** Every contract that stands anywhere on `place`: its range overlaps, and no condition sets them apart. */
export function contractsWithin(
  tree: SpaceTree,
  place: Place,
  touched?: TouchSet,
): Verdict<PlacedLeaf[]> {
  const content = contentWithin(tree, place, touched);
  return content.ok ? { ok: true, value: content.value.contracts } : content;
}

/** Whether any part of `place` is free. */
export function hasFree(tree: SpaceTree, place: Place): Verdict<boolean> {
  const content = contentWithin(tree, place, undefined);
  return content.ok ? { ok: true, value: content.value.isAnyFree } : content;
}

function contentWithin(
  tree: SpaceTree,
  place: Place,
  touched: TouchSet | undefined,
): Verdict<{ contracts: PlacedLeaf[]; isAnyFree: boolean }> {
  return judge(() => {
    demandInside(tree, place);
    const contracts: PlacedLeaf[] = [];
    let isAnyFree = false;
    const visit = (closed: SpaceNode, { lo, hi, conditions }: Place): void => {
      if (hi <= place.lo || lo >= place.hi) return;
      const node = open(closed, touched);
      if (node.kind === "free") isAnyFree = true;
      if (node.kind === "leaf") contracts.push({ place: { lo, hi, conditions }, leaf: node.leaf });
      if (node.kind === "split") {
        visit(node.left, { lo, hi: node.at, conditions });
        visit(node.right, { lo: node.at, hi, conditions });
      }
      if (node.kind === "branch") {
        const { condition } = node;
        const own = place.conditions.find((each) => equalBytes(each.hash, condition.hash));
        const under = (side: boolean) => [...conditions, { ...condition, side }];
        if (own === undefined || own.side) visit(node.yes, { lo, hi, conditions: under(true) });
        if (own === undefined || !own.side) visit(node.no, { lo, hi, conditions: under(false) });
      }
    };
    visit(tree.root, { lo: tree.lo, hi: tree.hi, conditions: [] });
    return { contracts, isAnyFree };
  });
}

/** The leaves of `contractsWithin`. */
export function leavesWithin(tree: SpaceTree, place: Place, touched?: TouchSet): Verdict<Leaf[]> {
  const found = contractsWithin(tree, place, touched);
  return found.ok ? { ok: true, value: found.value.map(({ leaf }) => leaf) } : found;
}

/** Whether no contract stands anywhere on `place`. */
export function isFree(tree: SpaceTree, place: Place, touched?: TouchSet): Verdict<boolean> {
  const leaves = leavesWithin(tree, place, touched);
  return leaves.ok ? { ok: true, value: leaves.value.length === 0 } : leaves;
}

function demandInside(tree: SpaceTree, place: Place): void {
  const isInside = tree.lo <= place.lo && place.lo < place.hi && place.hi <= tree.hi;
  if (!isInside) {
    throw new Refusal("OUT_OF_SPACE", `expected a range inside ${formatRange(tree.lo, tree.hi)}`);
  }
  demand(
    areConditionsOrdered(place.conditions),
    "CONDITIONS_OUT_OF_ORDER",
    "conditions must ascend",
  );
  const branches = place.conditions.length;
  demand(
    branches <= CONDITIONS_MAX,
    "TOO_DEEP",
    `expected at most ${CONDITIONS_MAX} conditions on a path, got ${branches}`,
  );
}

function demandOfPlace(leaf: Leaf, place: Place): void {
  const isWhole = leaf.lo === place.lo && leaf.hi === place.hi;
  demand(isWhole, "LEAF_NOT_OF_CELL", "a leaf's range is not its cell's");
}

function open(node: SpaceNode, touched: TouchSet | undefined): SpaceNode {
  if (node.kind === "pruned")
    throw new Refusal("MISSING_WITNESS", "the proof leaves out what is needed");
  touched?.add(node);
  return node;
}

function findCell(tree: SpaceTree, point: bigint, touched: TouchSet | undefined): Cell {
  let { lo, hi } = tree;
  let node = open(tree.root, touched);
  while (node.kind === "split") {
    if (point < node.at) hi = node.at;
    else lo = node.at;
    node = open(point < node.at ? node.left : node.right, touched);
  }
  return { lo, hi, node };
}

function replaceCell(
  closed: SpaceNode,
  start: bigint,
  touched: TouchSet | undefined,
  change: (node: SpaceNode) => SpaceNode,
): SpaceNode {
  const node = open(closed, touched);
  if (node.kind !== "split") return change(node);
  return start < node.at
    ? createSplit(node.at, replaceCell(node.left, start, touched, change), node.right)
    : createSplit(node.at, node.left, replaceCell(node.right, start, touched, change));
}

/** Cut the free cell that `start` lies in. `lo` is the first start under the node. */
function insertStart(
  closed: SpaceNode,
  lo: bigint,
  start: bigint,
  touched: TouchSet | undefined,
): SpaceNode {
  const node = open(closed, touched);
  if (node.kind !== "split") return createSplit(start, node, FREE);
  const own = highestDifference(lo, node.at);
  const difference = highestDifference(lo, start);
  if (difference > own) return createSplit(start, node, FREE);
  if (difference < own) {
    return createSplit(node.at, insertStart(node.left, lo, start, touched), node.right);
  }
  if (start > node.at) {
    return createSplit(node.at, node.left, insertStart(node.right, node.at, start, touched));
  }
  return createSplit(start, node.left, insertFirst(node.right, node.at, start, touched));
}

/** Add a free cell from `start` to `lo`, the first start under the node so far. */
function insertFirst(
  closed: SpaceNode,
  lo: bigint,
  start: bigint,
  touched: TouchSet | undefined,
): SpaceNode {
  const node = open(closed, touched);
  const isBelow =
    node.kind === "split" && highestDifference(start, lo) < highestDifference(lo, node.at);
  if (!isBelow) return createSplit(lo, FREE, node);
  return createSplit(node.at, insertFirst(node.left, lo, start, touched), node.right);
}

/** Join the two free cells that meet at `start`. */
function removeStart(closed: SpaceNode, start: bigint, touched: TouchSet | undefined): SpaceNode {
  const node = open(closed, touched);
  if (node.kind !== "split") throw new Refusal("NO_SUCH_START", `no cell starts at ${start}`);
  if (start < node.at) {
    return createSplit(node.at, removeStart(node.left, start, touched), node.right);
  }
  if (start > node.at) {
    return createSplit(node.at, node.left, removeStart(node.right, start, touched));
  }
  const right = open(node.right, touched);
  if (right.kind !== "split") return node.left;
  const rest = removeFirst(right, touched);
  return createSplit(rest.start, node.left, rest.node);
}

function removeFirst(
  node: SpaceNode & { kind: "split" },
  touched: TouchSet | undefined,
): { node: SpaceNode; start: bigint } {
  const left = open(node.left, touched);
  if (left.kind !== "split") return { node: node.right, start: node.at };
  const rest = removeFirst(left, touched);
  return { node: createSplit(node.at, rest.node, node.right), start: rest.start };
}

function putLeaf(
  closed: SpaceNode,
  conditions: readonly ConditionSide[],
  leaf: SpaceNode,
  touched: TouchSet | undefined,
): SpaceNode {
  const node = open(closed, touched);
  const [first, ...rest] = conditions;
  if (first === undefined) {
    demand(node.kind === "free", "OCCUPIED", "the space is not free under these conditions");
    return leaf;
  }
  if (node.kind === "free") {
    const below = putLeaf(FREE, rest, leaf, touched);
    const { level, hash } = first;
    return createBranch({ level, hash }, first.side ? below : FREE, first.side ? FREE : below);
  }
  const isSame = node.kind === "branch" && compareConditions(node.condition, first) === 0;
  if (!isSame) throw new Refusal("OCCUPIED", "the space is held under other conditions");
  return first.side
    ? createBranch(node.condition, putLeaf(node.yes, rest, leaf, touched), node.no)
    : createBranch(node.condition, node.yes, putLeaf(node.no, rest, leaf, touched));
}

function removeLeaf(
  closed: SpaceNode,
  conditions: readonly ConditionSide[],
  id: Uint8Array,
  touched: TouchSet | undefined,
): SpaceNode {
  const node = open(closed, touched);
  const [first, ...rest] = conditions;
  if (first === undefined) {
    if (node.kind === "leaf" && equalBytes(node.leaf.id, id)) return FREE;
    throw new Refusal("NO_SUCH_CONTRACT", "no contract of this id stands there");
  }
  if (node.kind !== "branch" || compareConditions(node.condition, first) !== 0) {
    throw new Refusal("NO_SUCH_CONTRACT", "no contract stands under these conditions");
  }
  const side = removeLeaf(first.side ? node.yes : node.no, rest, id, touched);
  return first.side
    ? createBranch(node.condition, side, node.no)
    : createBranch(node.condition, node.yes, side);
}
