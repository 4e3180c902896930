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

const KINDS = { free: 0, leaf: 1, split: 2, branch: 3, pruned: 4 } as const;

/** A pruned tree as bytes, nodes from the root, left and yes first: a proof of all that it shows. */
export function encodeWitness(tree: SpaceTree): Uint8Array {
  return encode((writer) => writeNode(writer, tree.root));
}

/** Decode a pruned tree over `[lo, hi)`; refuses every shape that is not canonical where it can be seen. */
export function decodeWitness(bytes: Uint8Array, lo: bigint, hi: bigint): Verdict<SpaceTree> {
  return decode(bytes, (reader) => ({
    lo,
    hi,
    root: readNode(reader, { lo, hi, bit: 65, splits: 0 }),
  }));
}

function writeNode(writer: Writer, node: SpaceNode): void {
  writer.u8(KINDS[node.kind]);
  if (node.kind === "leaf") writeLeaf(writer, node.leaf);
  if (node.kind === "pruned") writer.fixed(node.hash, 32);
  if (node.kind === "split") {
    writer.u64(node.at);
    writeNode(writer, node.left);
    writeNode(writer, node.right);
  }
  if (node.kind === "branch") {
    writer.u8(node.condition.level).fixed(node.condition.hash, 32);
    writeNode(writer, node.yes);
    writeNode(writer, node.no);
  }
}

/** The range a node covers, the bit its parent split at, and how deep it stands. */
type Bounds = {
  readonly lo: bigint;
  readonly hi: bigint;
  readonly bit: number;
  readonly splits: number;
};

function readNode(reader: Reader, bounds: Bounds): SpaceNode {
  const kind = reader.u8();
  if (kind !== KINDS.split) return readCellNode(reader, kind, bounds, undefined, 0);
  const { lo, hi, splits } = bounds;
  demand(splits < SPLITS_MAX, "TOO_DEEP", `expected at most ${SPLITS_MAX} splits on a path`);
  const at = reader.u64();
  demand(lo < at && at < hi, "SPLIT_OUTSIDE", `expected a split inside (${lo}, ${hi}), got ${at}`);
  const bit = highestDifference(lo, at);
  demand(bit < bounds.bit, "SPLIT_OUT_OF_ORDER", "splits on a path must descend bit by bit");
  const left = readNode(reader, { lo, hi: at, bit, splits: splits + 1 });
  const right = readNode(reader, { lo: at, hi, bit, splits: splits + 1 });
  demand(left !== FREE || right !== FREE, "NOT_CANONICAL", "free neighbours are one cell");
  return createSplit(at, left, right);
}

function readCellNode(
  reader: Reader,
  kind: number,
  bounds: Bounds,
  above: ConditionRef | undefined,
  branches: number,
): SpaceNode {
  switch (kind) {
    case KINDS.free:
      return FREE;
    case KINDS.leaf: {
      const leaf = readLeaf(reader);
      const isWhole = leaf.lo === bounds.lo && leaf.hi === bounds.hi;
      demand(isWhole, "LEAF_NOT_OF_CELL", "a leaf's range is not its cell's");
      return createLeafNode(leaf);
    }
    case KINDS.branch: {
      demand(branches < CONDITIONS_MAX, "TOO_DEEP", `expected at most ${CONDITIONS_MAX} branches`);
      const condition = { level: reader.u8(), hash: reader.fixed(32) };
      const isOrdered = above === undefined || compareConditions(above, condition) < 0;
      demand(isOrdered, "CONDITIONS_OUT_OF_ORDER", "conditions on a path must ascend");
      const yes = readCellNode(reader, reader.u8(), bounds, condition, branches + 1);
      const no = readCellNode(reader, reader.u8(), bounds, condition, branches + 1);
      demand(yes !== FREE || no !== FREE, "NOT_CANONICAL", "a branch with two free sides is free");
      return createBranch(condition, yes, no);
    }
    case KINDS.pruned: {
      const hash = reader.fixed(32);
      demand(!equalBytes(hash, FREE.hash), "NOT_CANONICAL", "free space is never pruned");
      return { kind: "pruned", hash };
    }
    default:
      throw new Refusal("UNKNOWN_KIND", `expected a node of a cell, got kind ${kind}`);
  }
}
