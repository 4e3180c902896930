import { assert } from "../lib/assert.ts";
import { equalBytes } from "../lib/bytes.ts";
import { encode } from "../lib/codec.ts";
import type { ContractNew } from "../protocol/contractNew.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { type Place, writePlace } from "../protocol/place.ts";

/**
 * What a paid or decided contract becomes: the same range without its final condition. It can be
 * made once the other side of that condition is free, or closed as void in the same block.
 *
 * @see docs/PROTOCOL.md section 8
 */
export function createRedemption(leaf: Leaf, place: Place): ContractNew {
  assert(place.conditions.length > 0, "a contract without conditions has nothing to redeem");
  return {
    place: { ...place, conditions: place.conditions.slice(0, -1) },
    owner: leaf.owner,
    depositBps: leaf.depositBps,
    scriptHash: leaf.scriptHash,
  };
}

/**
 * Whether two places are both sides of one condition over the same range: who holds both holds what stands above it, and
 * may give both up for that, however the condition comes out.
 *
 * @see docs/PROTOCOL.md section 7, full sets
 */
export function areBothSides(a: Place, b: Place): boolean {
  if (a.conditions.length === 0 || a.lo !== b.lo || a.hi !== b.hi) return false;
  const bytesOf = (place: Place) => encode((writer) => writePlace(writer, place));
  return equalBytes(bytesOf(otherSide(a)), bytesOf(b));
}

/** Where the other side of a place's final condition stands. */
export function otherSide(place: Place): Place {
  const last = place.conditions.at(-1);
  assert(last !== undefined, "a contract without conditions has no other side");
  return {
    ...place,
    conditions: [...place.conditions.slice(0, -1), { ...last, side: !last.side }],
  };
}
