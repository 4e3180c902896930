import { describe, expect, it } from "vitest";
import { formatHex } from "../../../../src/lib/hex.ts";
import { carryProof, proveKey, verifyMapProof } from "../../../../src/lib/map/mapProof.ts";
import { emptyMap, mapRoot, setValue } from "../../../../src/lib/map/merkleMap.ts";
import { insist } from "../../../../src/lib/verdict.ts";
import { SeededRandom } from "../../../reference/seededRandom.ts";

/** Keys that share long beginnings, so that branches stand close together. */
function keysOf(random: SeededRandom, count: number): Uint8Array[] {
  const stem = random.bytes(32);
  return Array.from({ length: count }, () => {
    const key = stem.slice();
    const from = random.below(33);
    key.set(random.bytes(32 - from), from);
    return key;
  });
}

describe("a proof carried from change to change", () => {
  it.each([1, 2, 3, 4, 5, 6])("is the one that the whole map gives: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const keys = keysOf(random, 24);
    const watched = [...keys.slice(0, 6), ...keysOf(random, 3)];
    let map = emptyMap();
    let proofs = watched.map((key) => proveKey(map, key));
    for (let change = 0; change < 120; change++) {
      const key = keys[random.below(keys.length)] as Uint8Array;
      const changed = { key, proof: proveKey(map, key), value: random.bytes(1 + random.below(40)) };
      proofs = proofs.map((proof, index) =>
        insist(carryProof(watched[index] as Uint8Array, proof, changed)),
      );
      map = setValue(map, key, changed.value);
      for (const [index, proof] of proofs.entries()) {
        const own = watched[index] as Uint8Array;
        expect(formatHex(proof)).toBe(formatHex(proveKey(map, own)));
        expect(verifyMapProof(mapRoot(map), own, proof).ok).toBe(true);
      }
    }
  });

  it("is refused where the proofs are of different maps", () => {
    const [key, other] = [new Uint8Array(32), new Uint8Array(32).fill(255)];
    const map = setValue(setValue(emptyMap(), key, key), other, other);
    const changed = { key, proof: proveKey(map, key), value: other };
    expect(carryProof(other, proveKey(emptyMap(), other), changed)).toMatchObject({
      ok: false,
      code: "OTHER_MAP",
    });
  });
});
