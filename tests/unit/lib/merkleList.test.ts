import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../../../src/lib/codec.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import {
  type ListProof,
  listRoot,
  proveItem,
  readListProof,
  verifyItem,
  writeListProof,
} from "../../../src/lib/merkleList.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

const random = new SeededRandom(7);
const ITEMS = Array.from({ length: 100 }, (_, i) => random.bytes(i % 40));

function hash(...parts: (Uint8Array | number[])[]): Uint8Array {
  const hasher = createHash("sha256");
  for (const part of parts) hasher.update(Uint8Array.from(part));
  return new Uint8Array(hasher.digest());
}

/** A second reading: the top over items is the pair of the tops over the greatest power of two below, and the rest. */
function naiveTop(items: readonly Uint8Array[]): Uint8Array {
  if (items.length === 1) return hash([5], items[0] as Uint8Array);
  let half = 1;
  while (half * 2 < items.length) half *= 2;
  return hash([6], naiveTop(items.slice(0, half)), naiveTop(items.slice(half)));
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
  return flipped;
}

const encodeProof = (proof: ListProof) => encode((writer) => writeListProof(writer, proof));

describe("merkle list", () => {
  it("has the naive root, and proves every item of every length", () => {
    expect(listRoot([])).toEqual(hash([7], [0, 0, 0, 0]));
    for (let count = 1; count <= ITEMS.length; count++) {
      const items = ITEMS.slice(0, count);
      const root = listRoot(items);
      expect(root).toEqual(hash([7], [0, 0, 0, count], naiveTop(items)));
      for (const [index, item] of items.entries()) {
        const proof = proveItem(items, index);
        expect(decode(encodeProof(proof), readListProof)).toEqual({ ok: true, value: proof });
        expect(verifyItem(root, item, proof)).toEqual({ ok: true, value: { index, count } });
      }
    }
  });

  it("never gives two lengths one root, even where an item is made to look like a node", () => {
    const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)];
    const leaves = Uint8Array.from([...hash([5], a), ...hash([5], b)]);
    const roots = [[], [a], [a, b], [a, a], [a, b, b], [leaves], [listRoot([a, b])]].map(listRoot);
    expect(new Set(roots.map(formatHex)).size).toBe(roots.length);
  });

  it("refuses every single-bit change of proof, root and item", () => {
    const items = ITEMS.slice(0, 11);
    const root = listRoot(items);
    for (const index of [0, 7, 10]) {
      const item = items[index] as Uint8Array;
      const proof = proveItem(items, index);
      const bytes = encodeProof(proof);
      for (let bit = 0; bit < 8 * bytes.length; bit++) {
        const changed = decode(flip(bytes, bit), readListProof);
        expect(changed.ok && verifyItem(root, item, changed.value).ok, `bit ${bit}`).toBe(false);
      }
      for (let bit = 0; bit < 256; bit++) {
        expect(verifyItem(flip(root, bit), item, proof).ok).toBe(false);
      }
      for (let bit = 0; bit < 8 * item.length; bit++) {
        expect(verifyItem(root, flip(item, bit), proof).ok).toBe(false);
      }
    }
  });

  it("gives a verdict on proofs of any shape", () => {
    const root = listRoot(ITEMS);
    const item = ITEMS[3] as Uint8Array;
    const proof = proveItem(ITEMS, 3);
    const codeOf = (change: Partial<ListProof>) => {
      const verdict = verifyItem(root, item, { ...proof, ...change });
      return verdict.ok ? undefined : verdict.code;
    };
    expect(codeOf({})).toBeUndefined();
    expect(codeOf({ index: 100 })).toBe("NO_SUCH_ITEM");
    expect(codeOf({ index: -1 })).toBe("NOT_CANONICAL");
    expect(codeOf({ count: 2 ** 32 })).toBe("NOT_CANONICAL");
    expect(codeOf({ count: Number.NaN })).toBe("NOT_CANONICAL");
    expect(codeOf({ count: 2 ** 32 - 1 })).toBe("SIBLING_MISSING");
    expect(codeOf({ siblings: [] })).toBe("SIBLING_MISSING");
    expect(codeOf({ siblings: [new Uint8Array(31)] })).toBe("SIBLING_MISSING");
    expect(codeOf({ siblings: [...proof.siblings, root] })).toBe("NOT_CANONICAL");
    expect(codeOf({ count: 101 })).toBe("WRONG_ROOT");
  });

  it("gives a verdict on 100,000 random and mutated proofs, and takes only the honest one", () => {
    const root = listRoot(ITEMS);
    const honest = ITEMS.map((_, index) => encodeProof(proveItem(ITEMS, index)));
    for (let i = 0; i < 100_000; i++) {
      const index = random.below(ITEMS.length);
      const base = honest[index] as Uint8Array;
      const bytes = i % 4 === 0 ? random.bytes(random.below(80)) : random.mutate(base);
      const decoded = decode(bytes, readListProof);
      const verdict = decoded.ok
        ? verifyItem(root, ITEMS[index] as Uint8Array, decoded.value)
        : decoded;
      if (verdict.ok) expect(formatHex(bytes)).toBe(formatHex(base));
    }
  });
});
