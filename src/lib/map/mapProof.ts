import { assert } from "../assert.ts";
import { concatBytes, equalBytes } from "../bytes.ts";
import { decode, encode, type Reader } from "../codec.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../verdict.ts";
import {
  EMPTY_MAP_ROOT,
  firstDifferentBit,
  hashMapBranch,
  hashMapLeaf,
  hashMapNode,
  isBitSet,
  MAP_DEPTH_MAX,
  MAP_KEY_BYTES,
  MAP_VALUE_BYTES_MAX,
} from "./mapNode.ts";
import type { MerkleMap } from "./merkleMap.ts";

/** What stands where a key leads: nothing at all, the key's own leaf, or the leaf of another key. */
const FOUND = { nothing: 0, ownLeaf: 1, otherLeaf: 2 } as const;

/** A branch on the way from the root to the leaf: the bit it decides, and the child not taken. */
type ProofStep = { readonly bit: number; readonly sibling: Uint8Array };

type MapProof =
  | { readonly found: typeof FOUND.nothing }
  | {
      readonly found: typeof FOUND.ownLeaf | typeof FOUND.otherLeaf;
      /** The other leaf's key; undefined for the key's own leaf. */
      readonly otherKey: Uint8Array | undefined;
      readonly value: Uint8Array;
      readonly steps: readonly ProofStep[];
    };

/**
 * The one proof of what stands at a 32-byte key, or that nothing does: `found` u8; then, unless the
 * map is empty, the other leaf's key (32, only if `found` is 2), the leaf's value (u32 length) and the
 * branches root first (u16 count, each bit u8 and sibling 32).
 */
export function proveKey(map: MerkleMap, key: Uint8Array): Uint8Array {
  assert(key.length === MAP_KEY_BYTES, `a map key of ${key.length} bytes`);
  if (map.node === undefined) return Uint8Array.of(FOUND.nothing);
  const steps: ProofStep[] = [];
  let node = map.node;
  while (node.kind === "branch") {
    const [taken, other] = isBitSet(key, node.bit) ? [node.one, node.zero] : [node.zero, node.one];
    steps.push({ bit: node.bit, sibling: hashMapNode(other) });
    node = taken;
  }
  return encodeWay(key, node.key, node.value, steps);
}

/** The proof for a key whose way leads by `steps` to the leaf of `leafKey`. */
function encodeWay(
  key: Uint8Array,
  leafKey: Uint8Array,
  value: Uint8Array,
  steps: readonly ProofStep[],
): Uint8Array {
  const isOwn = equalBytes(leafKey, key);
  return concatBytes(
    Uint8Array.of(isOwn ? FOUND.ownLeaf : FOUND.otherLeaf),
    isOwn ? new Uint8Array() : leafKey,
    encode((writer) => writer.u32(value.length)),
    value,
    encode((writer) => writer.u16(steps.length)),
    ...steps.flatMap((step) => [Uint8Array.of(step.bit), step.sibling]),
  );
}

/**
 * What the map with this 32-byte root holds at a 32-byte key: the value, or undefined if the key is
 * proven absent. Every branch commits to the bit it decides and the key alone decides the side, so
 * the path from a root, and with it the answer and the proof, is the only one, even under a root
 * that a stranger made up. Work: at most `MAP_DEPTH_MAX` + 1 hashes, none unless the shape is right.
 */
export function verifyMapProof(
  root: Uint8Array,
  key: Uint8Array,
  proof: Uint8Array,
): Verdict<Uint8Array | undefined> {
  return judge(() => {
    demand(key.length === MAP_KEY_BYTES, "WRONG_KEY_LENGTH", `got a key of ${key.length} bytes`);
    const shown = insist(decode(proof, readMapProof));
    if (shown.found === FOUND.nothing) {
      demand(equalBytes(root, EMPTY_MAP_ROOT), "WRONG_ROOT", "the map is not empty");
      return undefined;
    }
    const { otherKey, value, steps } = shown;
    if (otherKey !== undefined) judgeOtherKey(otherKey, key, steps);
    const hash = climb(hashMapLeaf(otherKey ?? key, value), key, steps);
    demand(equalBytes(hash, root), "WRONG_ROOT", "the proof does not lead to the root");
    return otherKey === undefined ? value : undefined;
  });
}

/**
 * The root after `key` is set to `value` in the map with this root, from the proof of what stands at
 * the key alone. What `setValue` does to a whole map.
 */
export function updateFromProof(
  root: Uint8Array,
  key: Uint8Array,
  proof: Uint8Array,
  value: Uint8Array,
): Verdict<{ readonly before: Uint8Array | undefined; readonly root: Uint8Array }> {
  assert(value.length <= MAP_VALUE_BYTES_MAX, `a map value of ${value.length} bytes`);
  return judge(() => {
    const before = insist(verifyMapProof(root, key, proof));
    const steps = stepsAfter(key, insist(decode(proof, readMapProof)));
    return { before, root: climb(hashMapLeaf(key, value), key, steps) };
  });
}

/**
 * The proof of what stands at `key` after another key was set, or the same one, from the proofs of both in
 * the map before. So who watches one key of a map needs no more of it than what its changes bring along.
 */
export function carryProof(
  key: Uint8Array,
  proof: Uint8Array,
  changed: {
    readonly key: Uint8Array;
    readonly proof: Uint8Array;
    readonly value: Uint8Array;
  },
): Verdict<Uint8Array> {
  return judge(() => {
    const own = insist(decode(proof, readMapProof));
    const steps = stepsAfter(changed.key, insist(decode(changed.proof, readMapProof)));
    const parting = steps.findIndex(({ bit }) => isBitSet(key, bit) !== isBitSet(changed.key, bit));
    const at = steps[parting];
    if (at === undefined) return encodeWay(key, changed.key, changed.value, steps);
    demand(own.found !== FOUND.nothing, "OTHER_MAP", "the proofs are of different maps");
    // Beyond the branch at which the ways part, the own way is as it was.
    const leaf = hashMapLeaf(changed.key, changed.value);
    const sibling = climb(leaf, changed.key, steps.slice(parting + 1));
    const below = own.steps.filter(({ bit }) => bit > at.bit);
    const way = [...steps.slice(0, parting), { bit: at.bit, sibling }, ...below];
    return encodeWay(key, own.otherKey ?? key, own.value, way);
  });
}

/** The branches over a key's leaf once it is set, from what stood where the key led. */
function stepsAfter(key: Uint8Array, shown: MapProof): readonly ProofStep[] {
  if (shown.found === FOUND.nothing) return [];
  const { otherKey, steps } = shown;
  if (otherKey === undefined) return steps;
  // The new branch stands where the two keys part: under the steps above that bit, over those below.
  const bit = firstDifferentBit(otherKey, key);
  const above = steps.filter((step) => step.bit < bit);
  const below = steps.slice(above.length);
  const sibling = climb(hashMapLeaf(otherKey, shown.value), otherKey, below);
  return [...above, { bit, sibling }];
}

/** The hash at the top of the steps, from that of the leaf below them. */
function climb(leaf: Uint8Array, key: Uint8Array, steps: readonly ProofStep[]): Uint8Array {
  let hash = leaf;
  for (const { bit, sibling } of steps.toReversed()) {
    hash = isBitSet(key, bit)
      ? hashMapBranch(bit, sibling, hash)
      : hashMapBranch(bit, hash, sibling);
  }
  return hash;
}

/** Another leaf shows absence only if it is where the key leads, and is not the key's own. */
function judgeOtherKey(otherKey: Uint8Array, key: Uint8Array, steps: readonly ProofStep[]): void {
  demand(!equalBytes(otherKey, key), "NOT_CANONICAL", "the other leaf has the key itself");
  for (const { bit } of steps) {
    demand(
      isBitSet(otherKey, bit) === isBitSet(key, bit),
      "LEAF_ELSEWHERE",
      `the other leaf parts from the key at branch bit ${bit}`,
    );
  }
}

function readMapProof(reader: Reader): MapProof {
  const found = reader.u8();
  if (found === FOUND.nothing) return { found };
  if (found !== FOUND.ownLeaf && found !== FOUND.otherLeaf) {
    throw new Refusal("NOT_CANONICAL", `expected what was found as 0, 1 or 2, got ${found}`);
  }
  const otherKey = found === FOUND.otherLeaf ? reader.fixed(MAP_KEY_BYTES) : undefined;
  const value = reader.bytes(MAP_VALUE_BYTES_MAX);
  const steps = reader.list(MAP_DEPTH_MAX, 33, (each) => ({
    bit: each.u8(),
    sibling: each.fixed(32),
  }));
  for (let i = 1; i < steps.length; i++) {
    demand(
      (steps[i - 1] as ProofStep).bit < (steps[i] as ProofStep).bit,
      "BITS_NOT_ASCENDING",
      "the branch bits do not ascend from the root",
    );
  }
  return { found, otherKey, value, steps };
}
