import { encode } from "../codec.ts";
import { taggedHash } from "../hash.ts";
import { MAP_TAGS } from "./tags.ts";

/** Bytes of every key. */
export const MAP_KEY_BYTES = 32;
/** Most bytes of a value: a proof carries one whole, so it bounds every proof. */
export const MAP_VALUE_BYTES_MAX = 4_096;
/** Bits of a key, and so the most branches on any path. */
export const MAP_DEPTH_MAX = 8 * MAP_KEY_BYTES;

/** A key of 32 bytes with its value. `hash` is filled when first asked for. */
export type MapLeaf = {
  readonly kind: "leaf";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  hash: Uint8Array | undefined;
};

/**
 * Two or more keys that agree on every bit before `bit`; those with the bit 0 are below `zero`, the
 * others below `one`. Bit 0 is the highest of the first byte, so `zero` before `one` is key order.
 */
export type MapBranch = {
  readonly kind: "branch";
  readonly bit: number;
  readonly zero: MapNode;
  readonly one: MapNode;
  hash: Uint8Array | undefined;
};

/** Never changed once made, but for its cached hash; maps share them. */
export type MapNode = MapLeaf | MapBranch;

/** Root of the map without keys. */
export const EMPTY_MAP_ROOT = taggedHash(MAP_TAGS.empty);

export function createLeaf(key: Uint8Array, value: Uint8Array): MapLeaf {
  return { kind: "leaf", key, value, hash: undefined };
}

export function createBranch(bit: number, zero: MapNode, one: MapNode): MapBranch {
  return { kind: "branch", bit, zero, one, hash: undefined };
}

/** `H(leaf ‖ key ‖ value length u32 ‖ value)`, 32 bytes. */
export function hashMapLeaf(key: Uint8Array, value: Uint8Array): Uint8Array {
  const length = encode((writer) => writer.u32(value.length));
  return taggedHash(MAP_TAGS.leaf, key, length, value);
}

/** `H(branch ‖ bit u8 ‖ zero ‖ one)`, 32 bytes. */
export function hashMapBranch(bit: number, zero: Uint8Array, one: Uint8Array): Uint8Array {
  return taggedHash(MAP_TAGS.branch, Uint8Array.of(bit), zero, one);
}

/** A node's hash, 32 bytes; computed once for each node. */
export function hashMapNode(node: MapNode): Uint8Array {
  node.hash ??=
    node.kind === "leaf"
      ? hashMapLeaf(node.key, node.value)
      : hashMapBranch(node.bit, hashMapNode(node.zero), hashMapNode(node.one));
  return node.hash;
}

/** Bit `index` of a key, counted from the highest bit of its first byte. */
export function isBitSet(key: Uint8Array, index: number): boolean {
  return (((key[index >> 3] as number) >> (7 - (index & 7))) & 1) === 1;
}

/** The first bit in which two keys differ, or `MAP_DEPTH_MAX` if they are equal. */
export function firstDifferentBit(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < MAP_KEY_BYTES; i++) {
    const difference = (a[i] as number) ^ (b[i] as number);
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return MAP_DEPTH_MAX;
}

/** The one leaf that `key` leads to: its own if the key is present, else that of some other key. */
export function followKey(node: MapNode, key: Uint8Array): MapLeaf {
  let current = node;
  while (current.kind === "branch") {
    current = isBitSet(key, current.bit) ? current.one : current.zero;
  }
  return current;
}
