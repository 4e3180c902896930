import { assert } from "../lib/assert.ts";
import { equalBytes } from "../lib/bytes.ts";
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

/** Contracts that hold together all that stands above some conditions, and where that is. */
export type FullSet<Held> = { readonly above: Place; readonly contracts: readonly Held[] };

/**
 * The full set that a contract is part of: contracts over one range, of which exactly one wins however the conditions come out. Both
 * sides of one condition are such a set, and every outcome of a question whose outcomes stand below one another. Of
 * several sets the one that gives the most space back.
 *
 * @param held - what may be given up, the contract itself among it.
 * @param countMax - of the contracts in a set.
 * @see docs/PROTOCOL.md section 7, full sets
 */
export function findFullSet<Held extends { readonly place: Place }>(
  own: Place,
  held: readonly Held[],
  countMax: number,
): FullSet<Held> | undefined {
  const near = held.filter(({ place }) => place.lo === own.lo && place.hi === own.hi);
  for (let depth = 0; depth < own.conditions.length; depth++) {
    const above = { ...own, conditions: own.conditions.slice(0, depth) };
    const contracts = findCover(above, near);
    if (contracts !== undefined && contracts.length <= countMax) return { above, contracts };
  }
  return undefined;
}

/** Contracts that hold all of a place together: one that stands just there, or such covers of both sides of what it is branched on. */
function findCover<Held extends { readonly place: Place }>(
  place: Place,
  held: readonly Held[],
): readonly Held[] | undefined {
  const depth = place.conditions.length;
  const under = held.filter((each) => isUnder(each.place, place));
  const whole = under.find((each) => each.place.conditions.length === depth);
  if (whole !== undefined) return [whole];
  // Whatever stands in one cell under the same conditions is branched on the same next one.
  const next = under[0]?.place.conditions[depth];
  if (next === undefined) return undefined;
  const below = (side: boolean) =>
    findCover({ ...place, conditions: [...place.conditions, { ...next, side }] }, under);
  const yes = below(true);
  const no = yes && below(false);
  return no && [...yes, ...no];
}

function isUnder({ conditions }: Place, above: Place): boolean {
  return above.conditions.every(({ hash, side }, index) => {
    const own = conditions[index];
    return own !== undefined && own.side === side && equalBytes(own.hash, hash);
  });
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
