import { sha256, taggedHash } from "../lib/hash.ts";
import { hashLeaf, type Leaf } from "../protocol/leaf.ts";
import type { ConditionRef } from "../protocol/place.ts";
import { TAGS } from "../protocol/tags.ts";

/**
 * A node of a space tree. Immutable, its 32-byte hash computed when made. `pruned` stands for a node
 * that a witness leaves out.
 *
 * @see docs/PROTOCOL.md section 3
 */
export type SpaceNode =
  | { readonly kind: "free"; readonly hash: Uint8Array }
  | { readonly kind: "leaf"; readonly leaf: Leaf; readonly hash: Uint8Array }
  | {
      readonly kind: "split";
      readonly at: bigint;
      readonly left: SpaceNode;
      readonly right: SpaceNode;
      readonly hash: Uint8Array;
    }
  | {
      readonly kind: "branch";
      readonly condition: ConditionRef;
      readonly yes: SpaceNode;
      readonly no: SpaceNode;
      readonly hash: Uint8Array;
    }
  | { readonly kind: "pruned"; readonly hash: Uint8Array };

/** The operator's own, unsold space. */
export const FREE: SpaceNode = { kind: "free", hash: taggedHash(TAGS.spaceFree) };

export function createLeafNode(leaf: Leaf): SpaceNode {
  return { kind: "leaf", leaf, hash: hashLeaf(leaf) };
}

export function createSplit(at: bigint, left: SpaceNode, right: SpaceNode): SpaceNode {
  const preimage = new Uint8Array(1 + 8 + 32 + 32);
  preimage[0] = TAGS.spaceSplit;
  new DataView(preimage.buffer).setBigUint64(1, at);
  preimage.set(left.hash, 9);
  preimage.set(right.hash, 41);
  return { kind: "split", at, left, right, hash: sha256(preimage) };
}

/** A branch; with two free sides it is free. */
export function createBranch(condition: ConditionRef, yes: SpaceNode, no: SpaceNode): SpaceNode {
  if (yes.kind === "free" && no.kind === "free") return FREE;
  const level = Uint8Array.of(condition.level);
  const hash = taggedHash(TAGS.spaceBranch, level, condition.hash, yes.hash, no.hash);
  return { kind: "branch", condition, yes, no, hash };
}

/** Number of the highest bit in which two coordinates (u64) differ, 1 to 64; 0 if they are equal. */
export function highestDifference(a: bigint, b: bigint): number {
  const difference = a ^ b;
  const high = Number(difference >> 32n);
  return high === 0 ? 32 - Math.clz32(Number(difference)) : 64 - Math.clz32(high);
}
