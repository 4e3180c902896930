import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes } from "../../../../src/lib/bytes.ts";
import { formatHex } from "../../../../src/lib/hex.ts";
import { EMPTY_MAP_ROOT, hashMapBranch, hashMapLeaf } from "../../../../src/lib/map/mapNode.ts";
import { proveKey, updateFromProof, verifyMapProof } from "../../../../src/lib/map/mapProof.ts";
import {
  deleteValue,
  emptyMap,
  entries,
  getValue,
  type MerkleMap,
  mapRoot,
  setValue,
} from "../../../../src/lib/map/merkleMap.ts";
import { naiveProof, naiveRoot } from "../../../reference/naiveMap.ts";
import { SeededRandom } from "../../../reference/seededRandom.ts";

/** Keys that share long prefixes or suffixes as often as not, so that paths get deep and uneven. */
const keys = fc
  .tuple(fc.constantFrom(0x00, 0xff, 0x55), fc.nat({ max: 255 }), fc.nat({ max: 7 }))
  .map(([fill, at, low]) => {
    const key = new Uint8Array(32).fill(fill);
    key[at >> 3] = (key[at >> 3] as number) ^ (0x80 >> (at & 7));
    key[31] = (key[31] as number) ^ low;
    return key;
  });
const values = fc.uint8Array({ maxLength: 40 });
const changes = fc.array(fc.tuple(keys, fc.option(values, { nil: undefined })), { maxLength: 40 });

function build(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): MerkleMap {
  return pairs.reduce((map, [key, value]) => setValue(map, key, value), emptyMap());
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
  return flipped;
}

function key(...front: number[]): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(front);
  return bytes;
}

describe("merkle map", () => {
  it("has the roots that its layout gives", () => {
    const value = Uint8Array.of(7);
    const one = setValue(emptyMap(), key(0x80), value);
    const two = setValue(one, key(0xa0), new Uint8Array());
    expect(formatHex(mapRoot(emptyMap()))).toBe(
      "e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e71",
    );
    expect(mapRoot(one)).toEqual(hashMapLeaf(key(0x80), value));
    expect(mapRoot(two)).toEqual(
      hashMapBranch(2, mapRoot(one), hashMapLeaf(key(0xa0), new Uint8Array())),
    );
  });

  it("agrees with the naive map after every change, and leaves older maps as they were", () => {
    fc.assert(
      fc.property(changes, (list) => {
        const naive = new Map<string, Uint8Array>();
        let map = emptyMap();
        const history = [{ map, root: mapRoot(map) }];
        for (const [changed, value] of list) {
          if (value === undefined) {
            naive.delete(formatHex(changed));
            map = deleteValue(map, changed);
          } else {
            naive.set(formatHex(changed), value);
            map = setValue(map, changed, value);
          }
          expect(getValue(map, changed)).toEqual(value);
          expect(map.size).toBe(naive.size);
          expect(equalBytes(mapRoot(map), naiveRoot(naive))).toBe(true);
          history.push({ map, root: mapRoot(map) });
        }
        const content = Array.from(entries(map), ([k, value]) => [formatHex(k), value]);
        expect(content).toEqual([...naive].sort(([a], [b]) => (a < b ? -1 : 1)));
        for (const { map: old, root } of history) {
          // Rebuilt, so that a cached hash cannot hide a change.
          expect(mapRoot(build([...entries(old)].reverse()))).toEqual(root);
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it("is the same map when nothing changes", () => {
    const map = setValue(emptyMap(), key(1), key(2));
    expect(setValue(map, key(1), key(2))).toBe(map);
    expect(deleteValue(map, key(3))).toBe(map);
    expect(mapRoot(deleteValue(map, key(1)))).toEqual(EMPTY_MAP_ROOT);
  });

  it("holds a path of 256 branches, and proves along it", () => {
    const deep = Array.from({ length: 256 }, (_, bit) =>
      flip(key(), 8 * (bit >> 3) + 7 - (bit & 7)),
    );
    const map = build([...deep, key()].map((each) => [each, new Uint8Array(4096)] as const));
    const proof = proveKey(map, key());
    expect(proof).toHaveLength(1 + 4 + 4096 + 2 + 256 * 33);
    expect(verifyMapProof(mapRoot(map), key(), proof)).toEqual({
      ok: true,
      value: new Uint8Array(4096),
    });
    expect(deep.reduce(deleteValue, map).size).toBe(1);
  });

  it("dies of our own mistakes", () => {
    expect(() => setValue(emptyMap(), new Uint8Array(31), key())).toThrow("a map key of 31 bytes");
    expect(() => setValue(emptyMap(), key(), new Uint8Array(4097))).toThrow("4097 bytes");
  });
});

describe("map proofs", () => {
  it("are byte for byte the naive ones and show what the map holds", () => {
    fc.assert(
      fc.property(changes, keys, (list, other) => {
        const pairs = list.map(([k, value]) => [k, value ?? new Uint8Array()] as const);
        const map = build(pairs);
        const naive = new Map(pairs.map(([k, value]) => [formatHex(k), value]));
        for (const asked of [other, ...pairs.map(([k]) => k)]) {
          const proof = proveKey(map, asked);
          expect(equalBytes(proof, naiveProof(naive, formatHex(asked)))).toBe(true);
          const verdict = verifyMapProof(mapRoot(map), asked, proof);
          expect(verdict).toEqual({ ok: true, value: getValue(map, asked) });
        }
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it("are refused after any single-bit change of the proof, the value in it, the root or the key", () => {
    const random = new SeededRandom(4);
    const pairs = Array.from({ length: 50 }, () => [random.bytes(32), random.bytes(20)] as const);
    const map = build(pairs);
    const root = mapRoot(map);
    const present = (pairs[0] as (typeof pairs)[0])[0];
    const absent = random.bytes(32);
    for (const asked of [present, absent]) {
      const proof = proveKey(map, asked);
      for (let bit = 0; bit < 8 * proof.length; bit++) {
        const verdict = verifyMapProof(root, asked, flip(proof, bit));
        expect(verdict.ok, `bit ${bit} of the proof`).toBe(false);
      }
      for (let bit = 0; bit < 256; bit++) {
        expect(verifyMapProof(flip(root, bit), asked, proof).ok).toBe(false);
      }
    }
    const proof = proveKey(map, present);
    for (let bit = 0; bit < 256; bit++) {
      expect(verifyMapProof(root, flip(present, bit), proof).ok).toBe(false);
    }
    expect(verifyMapProof(root.subarray(1), present, proof).ok).toBe(false);
    expect(verifyMapProof(root, present.subarray(1), proof)).toMatchObject({
      code: "WRONG_KEY_LENGTH",
    });
  });

  it("of absence hold for other keys only where these are absent too, by the same proof", () => {
    const random = new SeededRandom(5);
    const map = build(
      Array.from({ length: 50 }, () => [random.bytes(32), random.bytes(9)] as const),
    );
    const absent = random.bytes(32);
    const proof = proveKey(map, absent);
    for (let bit = 0; bit < 256; bit++) {
      const asked = flip(absent, bit);
      const verdict = verifyMapProof(mapRoot(map), asked, proof);
      expect(verdict.ok).toBe(equalBytes(proveKey(map, asked), proof));
      if (verdict.ok) expect(getValue(map, asked)).toBeUndefined();
    }
  });

  describe("cannot forge an absence", () => {
    const map = build([
      [key(0x00), Uint8Array.of(1)],
      [key(0x40), Uint8Array.of(2)],
      [key(0x80), Uint8Array.of(3)],
    ]);
    const root = mapRoot(map);
    const codeOf = (asked: Uint8Array, proof: Uint8Array) => {
      const verdict = verifyMapProof(root, asked, proof);
      return verdict.ok ? undefined : verdict.code;
    };

    it("by showing a leaf that stands elsewhere", () => {
      // As Amoveo's verifier would take it: another key's leaf, truly under the root.
      const own = proveKey(map, key(0x40));
      const forged = Uint8Array.from([2, ...key(0x40), ...own.subarray(1)]);
      expect(codeOf(key(0x80), forged)).toBe("LEAF_ELSEWHERE");
      expect(codeOf(key(0x40), forged)).toBe("NOT_CANONICAL");
      expect(codeOf(key(0x41), forged)).toBeUndefined();
    });

    it("by claiming that the map is empty", () => {
      expect(codeOf(key(0x80), Uint8Array.of(0))).toBe("WRONG_ROOT");
    });

    it("by turning the branches about or telling other bits", () => {
      const proof = proveKey(map, key(0x00));
      const [low, high] = [proof.subarray(8, 8 + 33), proof.subarray(8 + 33)];
      const turned = Uint8Array.from([...proof.subarray(0, 8), ...high, ...low]);
      expect(codeOf(key(0x00), turned)).toBe("BITS_NOT_ASCENDING");
      const twice = proof.slice();
      twice[8 + 33] = proof[8] as number;
      expect(codeOf(key(0x00), twice)).toBe("BITS_NOT_ASCENDING");
      const later = proof.slice();
      later[8 + 33] = 200;
      expect(codeOf(key(0x00), later)).toBe("WRONG_ROOT");
    });

    it("by passing off a branch as a leaf: their preimages differ in the first byte", () => {
      const branch = Uint8Array.from([...key(0x80), ...root]);
      const forged = Uint8Array.from([2, ...key(0x81), 0, 0, 0, 64, ...branch, 0, 0]);
      expect(codeOf(key(0x80), forged)).toBe("WRONG_ROOT");
    });
  });

  it("give a verdict on 100,000 random and mutated proofs, none of them a lie", () => {
    const random = new SeededRandom(6);
    const pairs = Array.from({ length: 40 }, () => [random.bytes(32), random.bytes(12)] as const);
    const map = build(pairs);
    const root = mapRoot(map);
    const asked = [...pairs.slice(0, 10).map(([k]) => k), ...pairs.map(([k]) => flip(k, 255))];
    const proofs = asked.map((k) => proveKey(map, k));
    let accepted = 0;
    for (let i = 0; i < 100_000; i++) {
      const of = random.below(asked.length);
      const honest = proofs[random.below(proofs.length)] as Uint8Array;
      const proof =
        i % 4 === 0
          ? random.bytes(random.below(120))
          : i % 4 === 1
            ? Uint8Array.from([random.below(3), ...honest.subarray(1)])
            : random.mutate(honest);
      const k = asked[of] as Uint8Array;
      const verdict = verifyMapProof(root, k, proof);
      const isHonest = equalBytes(proof, proofs[of] as Uint8Array);
      if (verdict.ok !== isHonest) expect(verdict.ok, formatHex(proof)).toBe(isHonest);
      if (verdict.ok) accepted++;
    }
    expect(accepted).toBeGreaterThan(50);
  });

  it("can be updated from a proof alone, to the root that the whole map would have", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(keys, values), { maxLength: 30 }),
        keys,
        values,
        (pairs, at, to) => {
          const map = build(pairs);
          const updated = updateFromProof(mapRoot(map), at, proveKey(map, at), to);
          expect(updated).toEqual({
            ok: true,
            value: { before: getValue(map, at), root: mapRoot(setValue(map, at, to)) },
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is not updated from a proof of another key or under another root", () => {
    const map = build([
      [key(0x80), Uint8Array.of(1)],
      [key(0x20), Uint8Array.of(2)],
      [key(0xa0), Uint8Array.of(3)],
    ]);
    const proof = proveKey(map, key(0xa0));
    for (const [root, at] of [
      [mapRoot(map), key(0x20)],
      [flip(mapRoot(map), 9), key(0xa0)],
    ] as const) {
      expect(updateFromProof(root, at, proof, Uint8Array.of(4)).ok).toBe(false);
    }
  });
});
