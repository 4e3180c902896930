import { writeAnchoredProof } from "../../src/blocks/anchoredProof.ts";
import { judgeClaim } from "../../src/chain/settlement/judgeClaim.ts";
import { encodeResultRecord } from "../../src/chain/settlement/resultRecord.ts";
import { encodeTransaction } from "../../src/chain/transaction.ts";
import { encode } from "../../src/lib/codec.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { insist } from "../../src/lib/verdict.ts";
import { computePublicKey, signDigest, verifySignature } from "../../src/protocol/signature.ts";
import { createDeepClaim, type Nesting } from "./deepClaim.ts";

/**
 * What a claim costs.
 *
 * - `proofBytes`: of the anchored proofs of all its levels. - `transactionBytes`: what stands in a main-chain
 *   block. - `stateBytes`: what the main chain keeps until the timeout.
 * - `checkMs`: to judge it. - `signatureRatio`: that time to its signatures alone, in turn with it.
 */
export type ClaimFigures = {
  readonly proofBytes: number;
  readonly transactionBytes: number;
  readonly stateBytes: number;
  readonly checkMs: number;
  readonly signatureRatio: number;
};

const SAMPLES = 15;
/** Checks in a sample: a browser's clock is coarse. */
const REPEATS = 4;
const WARM_UP = 8;
const KEY = sha256(new Uint8Array([1]));
const DIGEST = sha256(new Uint8Array([2]));

/** Build a claim and measure it. `now`: milliseconds, as fine as the machine has them. */
export function measureClaim(nesting: Nesting, now: () => number): ClaimFigures {
  const { claim, carrier, view } = createDeepClaim(nesting);
  const hops = claim.line.reduce((sum, { proof }) => sum + proof.hops.length, 0);
  const body = { kind: "sortition-contract", claim } as const;
  const signature = signDigest(DIGEST, KEY);
  const owner = computePublicKey(KEY);
  const checks: number[] = [];
  const bare: number[] = [];
  const check = (): void => void insist(judgeClaim(claim, carrier, view));
  const verifyAll = (): void => {
    for (let i = 0; i <= hops; i++) verifySignature(signature, DIGEST, owner);
  };
  for (let turn = 0; turn < WARM_UP; turn++) check();
  for (let sample = 0; sample < SAMPLES; sample++) {
    checks.push(time(now, check));
    bare.push(time(now, verifyAll));
  }
  const [result] = insist(judgeClaim(claim, carrier, view)).put;
  if (result === undefined) throw new Error("a first claim writes its result");
  const transaction = { from: carrier, nonce: 1, fee: 0n, body };
  return {
    proofBytes: claim.line.reduce(
      (sum, { proof }) => sum + encode((writer) => writeAnchoredProof(writer, proof)).length,
      0,
    ),
    transactionBytes: encodeTransaction({ transaction, signature }).length,
    stateBytes: encodeResultRecord(result).length,
    checkMs: Math.round(median(checks) * 100) / 100,
    signatureRatio: Math.round((100 * median(checks)) / median(bare)) / 100,
  };
}

function time(now: () => number, work: () => void): number {
  const start = now();
  for (let turn = 0; turn < REPEATS; turn++) work();
  return (now() - start) / REPEATS;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
