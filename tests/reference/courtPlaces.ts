/** Whether what is said of places and terms is the same, for the court. */

import type { CourtPlace, CourtTerms } from "./courtCase.ts";

export function isSamePlace(a: CourtPlace, b: CourtPlace): boolean {
  const text = ({ conditions }: CourtPlace) =>
    JSON.stringify(conditions.map((c) => [c.name, c.side]));
  return a.lo === b.lo && a.hi === b.hi && text(a) === text(b);
}

export function isSameTerms(a: CourtTerms, b: CourtTerms): boolean {
  const isSame = isSamePlace(a, b) && a.owner === b.owner && a.script === b.script;
  return isSame && (a.shareBps ?? 0n) === (b.shareBps ?? 0n);
}

/** Whether a leaf holds any of the space at `place`: ranges meet, and no condition tells them apart. */
export function isOnSpace(leaf: CourtPlace, place: CourtPlace): boolean {
  const isApart = leaf.conditions.some(({ name, side }) =>
    place.conditions.some((own) => own.name === name && own.side !== side),
  );
  return leaf.lo < place.hi && place.lo < leaf.hi && !isApart;
}
