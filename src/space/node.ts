import { hashEncoded } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { hashLeaf, type Leaf } from "../protocol/leaf.ts";
import type { ConditionRef } from "../protocol/place.ts";
import { TAGS } from "../protocol/tags.ts";

/**
 * A node of a space tree: what it says never changes. Its 32-byte hash is made when it is first asked for (`hashNode`), and kept: of the
 * many nodes that the changes of one block replace, most are never asked. `pruned` stands for a node that a witness leaves out.
 *
 * @see docs/PROTOCOL.md section 3
 */
export type SpaceNode =
  | { readonly kind: "free"; readonly hash: Uint8Array }
  | { readonly kind: "leaf"; readonly leaf: Leaf; hash: Uint8Array | undefined }
  | {
      readonly kind: "split";
      readonly at: bigint;
      readonly left: SpaceNode;
      readonly right: SpaceNode;
      hash: Uint8Array | undefined;
    }
  | {
      readonly kind: "branch";
      readonly condition: ConditionRef;
      readonly yes: SpaceNode;
      readonly no: SpaceNode;
      hash: Uint8Array | undefined;
    }
  | { readonly kind: "pruned"; readonly hash: Uint8Array };

/** The operator's own, unsold space. */
export const FREE = { kind: "free", hash: taggedHash(TAGS.spaceFree) } as const satisfies SpaceNode;

export function createLeafNode(leaf: Leaf): SpaceNode {
  return { kind: "leaf", leaf, hash: undefined };
}

export function createSplit(at: bigint, left: SpaceNode, right: SpaceNode): SpaceNode {
  return { kind: "split", at, left, right, hash: undefined };
}

/** A branch; with two free sides it is free. */
export function createBranch(condition: ConditionRef, yes: SpaceNode, no: SpaceNode): SpaceNode {
  if (yes.kind === "free" && no.kind === "free") return FREE;
  return { kind: "branch", condition, yes, no, hash: undefined };
}

/** The 32-byte hash of a node, with all below it: at most as many steps down as a path has splits and branches. */
export function hashNode(node: SpaceNode): Uint8Array {
  if (node.kind === "free" || node.kind === "pruned") return node.hash;
  node.hash ??= computeHash(node);
  return node.hash;
}

function computeHash(node: Extract<SpaceNode, { kind: "leaf" | "split" | "branch" }>): Uint8Array {
  if (node.kind === "leaf") return hashLeaf(node.leaf);
  if (node.kind === "split") {
    const left = hashNode(node.left);
    const right = hashNode(node.right);
    return hashEncoded(TAGS.spaceSplit, (writer) =>
      writer.u64(node.at).fixed(left, 32).fixed(right, 32),
    );
  }
  const { condition, yes, no } = node;
  const level = Uint8Array.of(condition.level);
  return taggedHash(TAGS.spaceBranch, level, condition.hash, hashNode(yes), hashNode(no));
}

/** Number of the highest bit in which two coordinates (u64) differ, 1 to 64; 0 if they are equal. */
export function highestDifference(a: bigint, b: bigint): number {
  const difference = a ^ b;
  const high = Number(difference >> 32n);
  return high === 0 ? 32 - Math.clz32(Number(difference)) : 64 - Math.clz32(high);
}
