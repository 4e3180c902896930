import { assert } from "../../lib/assert.ts";
import { bytesToBigint } from "../../lib/bytes.ts";
import { taggedHash } from "../../lib/hash.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import { TAGS } from "../../protocol/tags.ts";

/** D: the first main-chain height at which a claim on a chain of this expiry is valid. */
export function computeClaimStart(
  expiry: number,
  parameters: Pick<NetworkParameters, "drawBlocks">,
): number {
  return expiry + parameters.drawBlocks + 1;
}

/** Heights whose proof-of-work hashes make the draw: the K above the expiry, in order. */
export function drawHeights(
  expiry: number,
  parameters: Pick<NetworkParameters, "drawBlocks">,
): number[] {
  return Array.from({ length: parameters.drawBlocks }, (_, index) => expiry + 1 + index);
}

/** What a draw is over: the chain, and its space `[lo, hi)`. */
export type DrawnSpace = {
  readonly id: Uint8Array;
  readonly lo: bigint;
  readonly hi: bigint;
};

/**
 * The winning point: `lo + (H(draw ‖ network id ‖ chain id ‖ work hashes) mod (hi - lo))`. One draw
 * serves every depth. The modulus favours no point by more than `(hi - lo) / 2^256`.
 *
 * @param workHashes - `proofOfWorkHash` (32 bytes each) of the headers at `drawHeights`, in order.
 * @see docs/PROTOCOL.md section 6, the draw
 */
export function drawPoint(
  networkId: Uint8Array,
  chain: DrawnSpace,
  workHashes: readonly Uint8Array[],
): bigint {
  assert(chain.lo < chain.hi, "a chain has space");
  const hash = taggedHash(TAGS.draw, networkId, chain.id, ...workHashes);
  return chain.lo + (bytesToBigint(hash) % (chain.hi - chain.lo));
}

/** Whether the half-open range `[lo, hi)` holds the point. */
export function coversPoint(range: { lo: bigint; hi: bigint }, point: bigint): boolean {
  return range.lo <= point && point < range.hi;
}
