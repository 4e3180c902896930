import { assert } from "../assert.ts";
import { equalBytes } from "../bytes.ts";
import {
  createBranch,
  createLeaf,
  EMPTY_MAP_ROOT,
  firstDifferentBit,
  followKey,
  hashMapNode,
  isBitSet,
  MAP_DEPTH_MAX,
  MAP_KEY_BYTES,
  MAP_VALUE_BYTES_MAX,
  type MapLeaf,
  type MapNode,
} from "./mapNode.ts";

/**
 * A map from 32-byte keys to values of at most `MAP_VALUE_BYTES_MAX` bytes, as a binary Patricia
 * tree: its root depends on the content alone. A map never changes; an update gives a new one that
 * shares all but the path. Keys and values are kept as given, not copied: do not write to them.
 *
 * @see docs/PROTOCOL.md section 2
 */
export type MerkleMap = { readonly node: MapNode | undefined; readonly size: number };

const EMPTY_MAP: MerkleMap = { node: undefined, size: 0 };

/** The map without keys. */
export function emptyMap(): MerkleMap {
  return EMPTY_MAP;
}

/** The value of a 32-byte key, or undefined if the key is absent. */
export function getValue(map: MerkleMap, key: Uint8Array): Uint8Array | undefined {
  assertKey(key);
  if (map.node === undefined) return undefined;
  const leaf = followKey(map.node, key);
  return equalBytes(leaf.key, key) ? leaf.value : undefined;
}

/** The map with `key` set to `value`; the same map if it was so already. */
export function setValue(map: MerkleMap, key: Uint8Array, value: Uint8Array): MerkleMap {
  assertKey(key);
  assert(value.length <= MAP_VALUE_BYTES_MAX, `a map value of ${value.length} bytes`);
  const leaf = createLeaf(key, value);
  if (map.node === undefined) return { node: leaf, size: 1 };
  const found = followKey(map.node, key);
  const bit = firstDifferentBit(found.key, key);
  const isNew = bit < MAP_DEPTH_MAX;
  if (!isNew && equalBytes(found.value, value)) return map;
  return { node: insertLeaf(map.node, leaf, bit), size: isNew ? map.size + 1 : map.size };
}

/** The map without `key`; the same map if the key is absent. */
export function deleteValue(map: MerkleMap, key: Uint8Array): MerkleMap {
  if (getValue(map, key) === undefined) return map;
  return { node: removeLeaf(map.node as MapNode, key), size: map.size - 1 };
}

/** The 32-byte root. Only nodes made since it was last asked for are hashed. Do not write to it. */
export function mapRoot(map: MerkleMap): Uint8Array {
  return map.node === undefined ? EMPTY_MAP_ROOT : hashMapNode(map.node);
}

/** All keys with their values, in ascending order of the key. */
export function* entries(map: MerkleMap): Generator<readonly [Uint8Array, Uint8Array]> {
  const pending = map.node === undefined ? [] : [map.node];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.kind === "leaf") yield [node.key, node.value];
    else pending.push(node.one, node.zero);
  }
}

/** `bit` is the first in which the leaf's key differs from the keys it meets; a replaced leaf has none. */
function insertLeaf(node: MapNode, leaf: MapLeaf, bit: number): MapNode {
  if (node.kind === "branch" && node.bit < bit) {
    return isBitSet(leaf.key, node.bit)
      ? createBranch(node.bit, node.zero, insertLeaf(node.one, leaf, bit))
      : createBranch(node.bit, insertLeaf(node.zero, leaf, bit), node.one);
  }
  if (bit === MAP_DEPTH_MAX) return leaf;
  return isBitSet(leaf.key, bit) ? createBranch(bit, node, leaf) : createBranch(bit, leaf, node);
}

/** The node without the leaf of a key that it holds; its sibling takes the place of the branch above. */
function removeLeaf(node: MapNode, key: Uint8Array): MapNode | undefined {
  if (node.kind === "leaf") return undefined;
  if (isBitSet(key, node.bit)) {
    const one = removeLeaf(node.one, key);
    return one === undefined ? node.zero : createBranch(node.bit, node.zero, one);
  }
  const zero = removeLeaf(node.zero, key);
  return zero === undefined ? node.one : createBranch(node.bit, zero, node.one);
}

function assertKey(key: Uint8Array): void {
  assert(key.length === MAP_KEY_BYTES, `a map key of ${key.length} bytes`);
}
