import { encode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { type LateSpace, writeLateSpace } from "../protocol/recordSeen.ts";

/** A late space, and whether a block has taken out of the tree what was made there since. */
export type SweptSpace = LateSpace & { readonly isSwept: boolean };

/** Two late spaces of one name are the same. Hex. */
export function nameLateSpace(late: LateSpace): string {
  return formatHex(encode((writer) => writeLateSpace(writer, late)));
}

/**
 * Up to which of the blocks to `height`, all recorded, everything stands for certain that still stands: in a late space that is
 * not swept nothing does that was made since.
 *
 * @see docs/PROTOCOL.md section 4, late closes
 */
export function findCertain(late: readonly SweptSpace[], height: number): number {
  return late.reduce(
    (certain, { since, isSwept }) => (isSwept ? certain : Math.min(certain, since - 1)),
    height,
  );
}
