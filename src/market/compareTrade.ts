import { equalBytes } from "../lib/bytes.ts";
import type { Match } from "../protocol/match.ts";
import { digestMatches, volumeOf } from "./batch.ts";

/** What the block of a batch has done in one market. `isFull`: it may have had no room for more. */
export type BlockTrade = {
  readonly price: number;
  readonly volume: bigint;
  readonly digest: Uint8Array;
  readonly isFull: boolean;
};

/**
 * How what a block has done compares with what its orders come to.
 *
 * - `same`: it has the first `held` of the matches, which are all, or as many as there was room for.
 * - `noTrade`: it trades, and its orders do not. - `leftOut`: it has only the first `held` of `wanted` matches, though there was
 *   room. - `otherPrice`, `otherVolume`: as it says. - `otherShares`: the same price and volume, and others who trade.
 */
export type Comparison = { readonly kind: "same"; readonly held: number } | Difference;

export type Difference =
  | { readonly kind: "noTrade"; readonly price: number }
  | { readonly kind: "leftOut"; readonly held: number; readonly wanted: number }
  | { readonly kind: "otherPrice"; readonly price: number; readonly expected: number }
  | { readonly kind: "otherVolume"; readonly volume: bigint; readonly expected: bigint }
  | { readonly kind: "otherShares" };

/**
 * Compare what a block has done in a market with the matches that follow from its orders. One that may have had no room for all
 * of them has the first.
 *
 * @param trade - undefined where the block has no match of the market.
 * @see docs/PROTOCOL.md section 7, the audit
 */
export function compareTrade(
  expected: readonly Match[],
  trade: BlockTrade | undefined,
): Comparison {
  const [first] = expected;
  const wanted = expected.length;
  if (trade === undefined) {
    return first === undefined ? { kind: "same", held: 0 } : { kind: "leftOut", held: 0, wanted };
  }
  const { price, volume, digest, isFull } = trade;
  if (first === undefined) return { kind: "noTrade", price };
  if (first.price !== price) return { kind: "otherPrice", price, expected: first.price };
  const held = countHeld(expected, volume);
  const isSame = equalBytes(digestMatches(expected.slice(0, held)), digest);
  if (isSame) {
    const isWhole = held === wanted || isFull;
    return { kind: isWhole ? "same" : "leftOut", held, wanted };
  }
  const whole = volumeOf(expected);
  if (whole !== volume) return { kind: "otherVolume", volume, expected: whole };
  return { kind: "otherShares" };
}

/** How many of the first matches have this volume together, or all: every match adds to it. */
function countHeld(matches: readonly Match[], volume: bigint): number {
  let sum = 0n;
  for (const [index, match] of matches.entries()) {
    sum += volumeOf([match]);
    if (sum >= volume) return index + 1;
  }
  return matches.length;
}
