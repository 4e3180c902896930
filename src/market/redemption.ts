import { assert } from "../lib/assert.ts";
import type { ContractNew } from "../protocol/contractNew.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";

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

/** Where the other side of a place's final condition stands. */
export function otherSide(place: Place): Place {
  const last = place.conditions.at(-1);
  assert(last !== undefined, "a contract without conditions has no other side");
  return {
    ...place,
    conditions: [...place.conditions.slice(0, -1), { ...last, side: !last.side }],
  };
}
