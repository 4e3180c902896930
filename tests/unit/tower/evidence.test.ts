import { describe, expect, it } from "vitest";
import {
  decodeTowerEvidence,
  encodeTowerEvidence,
  locatorOf,
  sealingIvOf,
  sealingKeyOf,
  triggerOfContract,
  triggerOfTerms,
} from "../../../src/api/towerEvidence.ts";
import { openSealed, sealBytes } from "../../../src/crypto/sealBytes.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { Leaf } from "../../../src/protocol/leaf.ts";
import { SLASHES } from "../../properties/decoders/chainSamples.ts";
import { fill, LEAVES } from "../../properties/decoders/sampleValues.ts";

const [LEAF] = LEAVES as readonly [Leaf, ...Leaf[]];
const KEY = sealingKeyOf(triggerOfContract(LEAF));

describe("what a cheat shows", () => {
  it("is the same for a contract however its leaf was changed, and another for another contract", () => {
    const trigger = triggerOfContract(LEAF);
    const sealed: Leaf = { ...LEAF, madeIn: 9, sealed: true, depositBps: 7 };
    expect(triggerOfContract(sealed)).toEqual(trigger);
    for (const other of [
      { ...LEAF, id: fill(32, 77) },
      { ...LEAF, owner: fill(33, 77) },
      { ...LEAF, lo: LEAF.lo + 1n },
      { ...LEAF, hi: LEAF.hi + 1n },
    ]) {
      expect(triggerOfContract(other)).not.toEqual(trigger);
    }
  });

  it("is of old terms known to nobody who has not seen a signature of theirs", () => {
    const terms = { stateNonce: 3, scriptHash: fill(32, 2) };
    const triggers = [
      triggerOfTerms(fill(32, 1), terms, undefined),
      triggerOfTerms(fill(32, 1), terms, fill(65, 3)),
      triggerOfTerms(fill(32, 1), terms, fill(65, 4)),
      triggerOfTerms(fill(32, 1), { ...terms, stateNonce: 4 }, fill(65, 3)),
      triggerOfTerms(fill(32, 9), terms, fill(65, 3)),
    ];
    expect(new Set(triggers.map(String)).size).toBe(triggers.length);
  });

  it("leads to a locator that is not the key", () => {
    const trigger = triggerOfContract(LEAF);
    expect(locatorOf(trigger)).not.toEqual(sealingKeyOf(trigger));
    expect(locatorOf(trigger)).not.toEqual(trigger);
  });
});

describe("evidence", () => {
  it("comes out as it went in, padded to one of few lengths", () => {
    for (const slash of SLASHES) {
      const bytes = encodeTowerEvidence(slash);
      expect(bytes.length % 4_096).toBe(0);
      expect(insist(decodeTowerEvidence(bytes))).toEqual(slash);
      expect(decodeTowerEvidence(bytes.slice(1)).ok).toBe(false);
      const marked = bytes.slice();
      marked[bytes.length - 1] = 1;
      expect(decodeTowerEvidence(marked)).toMatchObject({ code: "NOT_CANONICAL" });
      const longer = new Uint8Array(bytes.length + 4_096);
      longer.set(bytes);
      expect(decodeTowerEvidence(longer)).toMatchObject({ code: "NOT_CANONICAL" });
    }
  });

  it("is opened by the key of its trigger alone, and only unchanged", async () => {
    const bytes = encodeTowerEvidence(SLASHES[1] ?? SLASHES[0] ?? expect.fail());
    const iv = sealingIvOf(KEY, bytes);
    const sealed = await sealBytes(KEY, iv, bytes);
    expect(insist(await openSealed(KEY, sealed))).toEqual(bytes);
    expect(sealed.slice(0, 12)).toEqual(iv);
    expect(sealingIvOf(KEY, bytes.slice(1))).not.toEqual(iv);
    expect(sealingIvOf(fill(32, 5), bytes)).not.toEqual(iv);
    const changed = sealed.slice();
    changed[40] = (changed[40] ?? 0) ^ 1;
    for (const [key, box] of [
      [fill(32, 5), sealed],
      [KEY, changed],
      [KEY, sealed.slice(0, 20)],
    ] as const) {
      expect(await openSealed(key, box)).toMatchObject({ ok: false, code: "BROKEN_SEAL" });
    }
  });
});
