import type { ContractClose } from "../protocol/contractClose.ts";
import type { ContractNew } from "../protocol/contractNew.ts";
import type { Place } from "../protocol/place.ts";

/** The contracts that a close names to stand where its own stood; none for a void one. */
export function successorsOf({ authorisation: by }: ContractClose): readonly ContractNew[] {
  return by.kind === "exact" ? by.close.successors : [];
}

/** Places of a close's successors that are not all on the closed contract's own range. */
export function placesOutside(close: ContractClose): Place[] {
  const { lo, hi } = close.place;
  return successorsOf(close)
    .map(({ place }) => place)
    .filter((place) => place.lo < lo || place.hi > hi);
}
