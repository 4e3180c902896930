import { assert } from "../lib/assert.ts";
import { demand, insist, judge, type Verdict } from "../lib/verdict.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";
import { createSplit, FREE, highestDifference, type SpaceNode } from "./node.ts";
import { createTree, type SpaceTree, takeSpace } from "./tree.ts";

/** A contract and where it stands. */
export type Lot = { readonly place: Place; readonly leaf: Leaf };

/**
 * The tree over `[lo, hi)` that holds `lots`, the same that taking them one by one gives, in one
 * pass. Lots ascend by range; those of one range, on sides of conditions, stand next to each other.
 */
export function buildTree(lo: bigint, hi: bigint, lots: Iterable<Lot>): Verdict<SpaceTree> {
  return judge(() => {
    const cells = new CellJoiner();
    let end = lo;
    for (const group of groupByRange(lots)) {
      const [{ place }] = group;
      demand(lo <= place.lo, "OUT_OF_SPACE", `expected a lot from ${lo}, got ${place.lo}`);
      demand(end <= place.lo, "OCCUPIED", `expected a lot from ${end}, got one from ${place.lo}`);
      demand(place.hi <= hi, "OUT_OF_SPACE", `expected a lot up to ${hi}, got ${place.hi}`);
      if (end < place.lo) cells.append(end, FREE);
      cells.append(place.lo, buildCell(group));
      end = place.hi;
    }
    if (end < hi) cells.append(end, FREE);
    return { ...createTree(lo, hi), root: cells.finish() };
  });
}

type Group = readonly [Lot, ...Lot[]];

function* groupByRange(lots: Iterable<Lot>): Iterable<Group> {
  let group: [Lot, ...Lot[]] | undefined;
  for (const lot of lots) {
    if (group?.[0].place.lo === lot.place.lo && group[0].place.hi === lot.place.hi) group.push(lot);
    else {
      if (group !== undefined) yield group;
      group = [lot];
    }
  }
  if (group !== undefined) yield group;
}

/** The node of one cell: the root of a space that is this cell alone. */
function buildCell(group: Group): SpaceNode {
  const [{ place }] = group;
  demand(
    place.lo < place.hi,
    "EMPTY_RANGE",
    `expected lo below hi, got [${place.lo}, ${place.hi})`,
  );
  let cell = createTree(place.lo, place.hi);
  for (const lot of group) cell = insist(takeSpace(cell, lot.place, lot.leaf));
  return cell.root;
}

/** A split whose right side still grows; `bit` is the highest in which the starts it parts differ. */
type OpenSplit = { readonly at: bigint; readonly left: SpaceNode; readonly bit: number };

/**
 * Joins cells, given from left to right, by the splits of the canonical shape. Bits of the splits on
 * a path descend, so a start that differs from the one before in a higher bit closes all below it.
 */
class CellJoiner {
  readonly #open: OpenSplit[] = [];
  #last: { readonly start: bigint; readonly node: SpaceNode } | undefined;

  append(start: bigint, node: SpaceNode): void {
    if (this.#last !== undefined) {
      const bit = highestDifference(this.#last.start, start);
      this.#open.push({ at: start, left: this.#close(this.#last.node, bit), bit });
    }
    this.#last = { start, node };
  }

  finish(): SpaceNode {
    assert(this.#last !== undefined, "a space has a cell");
    return this.#close(this.#last.node, Number.POSITIVE_INFINITY);
  }

  /** `right` with every open split below `bit` closed over it. */
  #close(right: SpaceNode, bit: number): SpaceNode {
    let node = right;
    for (let top = this.#open.at(-1); top !== undefined && top.bit < bit; top = this.#open.at(-1)) {
      node = createSplit(top.at, top.left, node);
      this.#open.pop();
    }
    return node;
  }
}
