import { describe, expect, it } from "vitest";
import { createUpgradingVerify } from "../../../src/crypto/upgradingVerify.ts";
import type { Verify } from "../../../src/protocol/signature.ts";
import { computePublicKey, signDigest } from "../../../src/protocol/signature.ts";

const KEY = new Uint8Array(32).fill(7);
const DIGEST = new Uint8Array(32).fill(9);
const SIGNATURE = signDigest(DIGEST, KEY);
const PUBLIC = computePublicKey(KEY);

async function checkOften(verify: Verify, times: number): Promise<boolean[]> {
  const answers: boolean[] = [];
  for (let time = 0; time < times; time++) {
    answers.push(verify(SIGNATURE, DIGEST, PUBLIC));
    await Promise.resolve();
  }
  return answers;
}

describe("the predicate of a thread that must not wait", () => {
  it("goes over to the fast implementation once there is enough to check", async () => {
    let loads = 0;
    let asked = 0;
    const fast: Verify = () => {
      asked += 1;
      return true;
    };
    const verify = createUpgradingVerify(() => {
      loads += 1;
      return Promise.resolve(fast);
    });
    await checkOften(verify, 49);
    expect(loads).toBe(0);
    await checkOften(verify, 100);
    expect(loads).toBe(1);
    expect(asked).toBeGreaterThan(90);
  });

  it("stays with the reference where the fast one cannot be had", async () => {
    const verify = createUpgradingVerify(() => Promise.reject(new Error("no WebAssembly here")));
    expect(new Set(await checkOften(verify, 120))).toEqual(new Set([true]));
    expect(verify(SIGNATURE, DIGEST, computePublicKey(new Uint8Array(32).fill(8)))).toBe(false);
  });
});
