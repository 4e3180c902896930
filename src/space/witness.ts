import { equalBytes } from "../lib/bytes.ts";
import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { demand, Refusal, type Verdict } from "../lib/verdict.ts";
import { readLeaf, writeLeaf } from "../protocol/leaf.ts";
import { CONDITIONS_MAX, SPLITS_MAX } from "../protocol/limits.ts";
import { type ConditionRef, compareConditions } from "../protocol/place.ts";
import {
  createBranch,
  createLeafNode,
  createSplit,
  FREE,
  highestDifference,
  type SpaceNode,
} from "./node.ts";
import type { SpaceTree } from "./tree.ts";

/** First byte of a node. A branch or split adds which sides are pruned, a split the length of its step. */
const KINDS = { free: 0x00, leaf: 0x01, pruned: 0x02, branch: 0x10, split: 0x20 } as const;
/** A pruned side has no byte of its own: its parent's says so, and only its hash follows. */
const PRUNED = { first: 0x01, second: 0x02 } as const;
/** Bytes of the step less one, 0 to 7, stand above the two bits for the sides. */
const STEP_SHIFT = 2;

/**
 * A pruned tree as bytes, nodes from the root, left and yes first: a proof of all that it shows.
 *
 * @see docs/PROTOCOL.md section 3
 */
export function encodeWitness(tree: SpaceTree): Uint8Array {
  return encode((writer) => {
    if (tree.root.kind === "pruned") writer.u8(KINDS.pruned);
    writeNode(writer, tree.root, tree.lo);
  });
}

/** Decode a pruned tree over `[lo, hi)`; refuses every shape that is not canonical where it can be seen. */
export function decodeWitness(bytes: Uint8Array, lo: bigint, hi: bigint): Verdict<SpaceTree> {
  return decode(bytes, (reader) => ({ lo, hi, root: new WitnessReader(reader).readRoot(lo, hi) }));
}

/** `lo` is the first coordinate under the node. */
function writeNode(writer: Writer, node: SpaceNode, lo: bigint): void {
  switch (node.kind) {
    case "free":
      writer.u8(KINDS.free);
      break;
    case "leaf":
      writeLeaf(writer.u8(KINDS.leaf), node.leaf);
      break;
    case "pruned":
      writer.fixed(node.hash, 32);
      break;
    case "split": {
      const bytes = Math.ceil(highestDifference(lo, node.at) / 8);
      writer.u8(KINDS.split | ((bytes - 1) << STEP_SHIFT) | prunedSides(node.left, node.right));
      writeStep(writer, lo ^ node.at, bytes);
      writeNode(writer, node.left, lo);
      writeNode(writer, node.right, node.at);
      break;
    }
    case "branch":
      writer.u8(KINDS.branch | prunedSides(node.yes, node.no));
      writer.u8(node.condition.level).fixed(node.condition.hash, 32);
      writeNode(writer, node.yes, lo);
      writeNode(writer, node.no, lo);
      break;
  }
}

function prunedSides(first: SpaceNode, second: SpaceNode): number {
  return (
    (first.kind === "pruned" ? PRUNED.first : 0) | (second.kind === "pruned" ? PRUNED.second : 0)
  );
}

function writeStep(writer: Writer, step: bigint, bytes: number): void {
  for (let left = bytes - 1; left >= 0; left--) {
    writer.u8(Number((step >> BigInt(8 * left)) & 0xffn));
  }
}

function readStep(reader: Reader, bytes: number): bigint {
  const first = reader.u8();
  demand(first !== 0, "NOT_CANONICAL", "a step begins with a byte that is not zero");
  let [high, low] = bytes > 4 ? [first, 0] : [0, first];
  for (let after = bytes - 2; after >= 0; after--) {
    if (after >= 4) high = high * 256 + reader.u8();
    else low = low * 256 + reader.u8();
  }
  return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
}

/**
 * The range a node covers, and the bit its parent split at. Bits descend from 64, so no path has more
 * than `SPLITS_MAX` splits.
 */
type Bounds = { readonly lo: bigint; readonly hi: bigint; readonly bit: number };

/** Reads cells in the order of their starts; remembers the one before, as free cells never meet. */
class WitnessReader {
  readonly #reader: Reader;
  #isAfterFree = false;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  readRoot(lo: bigint, hi: bigint): SpaceNode {
    const kind = this.#reader.u8();
    if (kind === KINDS.pruned) return this.#readPruned();
    return this.#readNode(kind, { lo, hi, bit: SPLITS_MAX + 1 });
  }

  #readNode(kind: number, bounds: Bounds): SpaceNode {
    if (kind >> 5 !== KINDS.split >> 5) return this.#readCell(kind, bounds);
    const { lo, hi } = bounds;
    const at = lo ^ readStep(this.#reader, ((kind >> STEP_SHIFT) & 7) + 1);
    // The message is made only when it is needed: it would cost as much as the split's hash.
    if (at <= lo || at >= hi) {
      throw new Refusal("SPLIT_OUTSIDE", `expected a split in (${lo}, ${hi}), got ${at}`);
    }
    const bit = highestDifference(lo, at);
    demand(bit < bounds.bit, "SPLIT_OUT_OF_ORDER", "splits on a path must descend bit by bit");
    const left =
      kind & PRUNED.first
        ? this.#readPruned()
        : this.#readNode(this.#reader.u8(), { lo, hi: at, bit });
    const right =
      kind & PRUNED.second
        ? this.#readPruned()
        : this.#readNode(this.#reader.u8(), { lo: at, hi, bit });
    return createSplit(at, left, right);
  }

  #readCell(kind: number, bounds: Bounds): SpaceNode {
    const isFree = kind === KINDS.free;
    demand(!isFree || !this.#isAfterFree, "NOT_CANONICAL", "free neighbours are one cell");
    this.#isAfterFree = isFree;
    return this.#readUnder(kind, bounds, undefined, 0);
  }

  #readPruned(): SpaceNode {
    this.#isAfterFree = false;
    const hash = this.#reader.fixed(32);
    demand(!equalBytes(hash, FREE.hash), "NOT_CANONICAL", "free space is never pruned");
    return { kind: "pruned", hash };
  }

  /** A node inside a cell; `above` is the condition of the branch it hangs from. */
  #readUnder(
    kind: number,
    bounds: Bounds,
    above: ConditionRef | undefined,
    branches: number,
  ): SpaceNode {
    const reader = this.#reader;
    if (kind === KINDS.free) return FREE;
    if (kind === KINDS.leaf) {
      const leaf = readLeaf(reader);
      const isWhole = leaf.lo === bounds.lo && leaf.hi === bounds.hi;
      demand(isWhole, "LEAF_NOT_OF_CELL", "a leaf's range is not its cell's");
      return createLeafNode(leaf);
    }
    if (kind >> STEP_SHIFT !== KINDS.branch >> STEP_SHIFT) {
      throw new Refusal("UNKNOWN_KIND", `expected a node of a cell, got kind ${kind}`);
    }
    demand(branches < CONDITIONS_MAX, "TOO_DEEP", `expected at most ${CONDITIONS_MAX} branches`);
    const condition = { level: reader.u8(), hash: reader.fixed(32) };
    const isOrdered = above === undefined || compareConditions(above, condition) < 0;
    demand(isOrdered, "CONDITIONS_OUT_OF_ORDER", "conditions on a path must ascend");
    const yes =
      kind & PRUNED.first
        ? this.#readPruned()
        : this.#readUnder(reader.u8(), bounds, condition, branches + 1);
    const no =
      kind & PRUNED.second
        ? this.#readPruned()
        : this.#readUnder(reader.u8(), bounds, condition, branches + 1);
    demand(yes !== FREE || no !== FREE, "NOT_CANONICAL", "a branch with two free sides is free");
    return createBranch(condition, yes, no);
  }
}
