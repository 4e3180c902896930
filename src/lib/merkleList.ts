import { assert } from "./assert.ts";
import { equalBytes } from "./bytes.ts";
import { encode, type Reader, type Writer } from "./codec.ts";
import { taggedHash } from "./hash.ts";
import { demand, judge, type Verdict } from "./verdict.ts";

/** Domain tags of the list's hashes. `src/protocol/tags.ts` keeps these numbers free. */
const LIST_TAGS = { leaf: 0x05, node: 0x06, root: 0x07 } as const;

/** Levels over a list of 2^32 - 1 items, the most that the committed u32 count can say. */
const LIST_DEPTH_MAX = 32;

/**
 * That an item stands in a list. `index` counts from 0; `siblings` are 32-byte hashes, the item's
 * own first. A last node without a neighbour moves up unchanged and has no sibling.
 */
export type ListProof = {
  readonly index: number;
  readonly count: number;
  readonly siblings: readonly Uint8Array[];
};

/**
 * The 32-byte root of an ordered list: `H(root ‖ count u32 ‖ top)`. The count makes the tree's shape
 * plain, so lists of different length never share a root; the empty list has no top.
 *
 * @see docs/PROTOCOL.md section 2
 */
export function listRoot(items: readonly Uint8Array[]): Uint8Array {
  const top = hashLevels(items).at(-1)?.[0];
  return hashRoot(items.length, top ?? new Uint8Array());
}

/** Prove the item at `index`, which must exist. */
export function proveItem(items: readonly Uint8Array[], index: number): ListProof {
  assert(Number.isInteger(index) && index >= 0 && index < items.length, `no item ${index}`);
  const siblings: Uint8Array[] = [];
  let place = index;
  for (const level of hashLevels(items)) {
    const sibling = level[place ^ 1];
    if (sibling !== undefined) siblings.push(sibling);
    place >>>= 1;
  }
  return { index, count: items.length, siblings };
}

/**
 * Where `item` stands in the list with this 32-byte root, and how many items the list has. Exactly
 * one proof is accepted for each root and index. Work: at most `LIST_DEPTH_MAX` + 2 hashes.
 */
export function verifyItem(
  root: Uint8Array,
  item: Uint8Array,
  proof: ListProof,
): Verdict<{ readonly index: number; readonly count: number }> {
  return judge(() => {
    const { index, count, siblings } = proof;
    demand(isCount(count) && isCount(index), "NOT_CANONICAL", "index and count are not u32");
    demand(index < count, "NO_SUCH_ITEM", `no item ${index} in a list of ${count}`);
    let hash = taggedHash(LIST_TAGS.leaf, item);
    let used = 0;
    for (
      let place = index, width = count;
      width > 1;
      place = Math.floor(place / 2), width = Math.ceil(width / 2)
    ) {
      const isRight = place % 2 === 1;
      if (!isRight && place === width - 1) continue;
      const sibling = siblings[used++];
      demand(sibling?.length === 32, "SIBLING_MISSING", `no sibling ${used - 1} of 32 bytes`);
      hash = isRight ? hashPair(sibling, hash) : hashPair(hash, sibling);
    }
    demand(used === siblings.length, "NOT_CANONICAL", "more siblings than the place has");
    demand(equalBytes(hashRoot(count, hash), root), "WRONG_ROOT", "the proof misses the root");
    return { index, count };
  });
}

/** Encode: index u32, count u32, siblings (u16 count, 32 each). */
export function writeListProof(writer: Writer, proof: ListProof): void {
  writer.u32(proof.index).u32(proof.count);
  writer.list(proof.siblings, LIST_DEPTH_MAX, (each, sibling) => each.fixed(sibling, 32));
}

export function readListProof(reader: Reader): ListProof {
  const index = reader.u32();
  const count = reader.u32();
  return { index, count, siblings: reader.list(LIST_DEPTH_MAX, 32, (each) => each.fixed(32)) };
}

/** Leaves first, the top alone in the last level; no level over no items. */
function hashLevels(items: readonly Uint8Array[]): Uint8Array[][] {
  if (items.length === 0) return [];
  let level = items.map((item) => taggedHash(LIST_TAGS.leaf, item));
  const levels = [level];
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i] as Uint8Array;
      const right = level[i + 1];
      above.push(right === undefined ? left : hashPair(left, right));
    }
    levels.push(above);
    level = above;
  }
  return levels;
}

function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  return taggedHash(LIST_TAGS.node, left, right);
}

function hashRoot(count: number, top: Uint8Array): Uint8Array {
  return taggedHash(
    LIST_TAGS.root,
    encode((writer) => writer.u32(count)),
    top,
  );
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}
