import { ORDER_CONTRACTS_MAX } from "../../protocol/limits.ts";
import type { Piece } from "../../protocol/order.ts";
import type { OwnLeaf } from "../ownLeaves.ts";

/** An own contract as an order names it. */
export type OwnPiece = { readonly own: OwnLeaf; readonly piece: Piece };

/**
 * Cash for an order that may cost `cost` satoshi: the narrowest contract that covers it, so that as little as may be waits
 * with it; or else the widest together, which is the fewest. May be too little, where there is no more.
 */
export function chooseCash(free: readonly OwnPiece[], cost: bigint): OwnPiece[] {
  const byWidth = free.toSorted((a, b) => compareWidths(a.piece, b.piece));
  const single = byWidth.find(({ piece }) => piece.hi - piece.lo >= cost);
  if (single !== undefined) return [single];
  const chosen: OwnPiece[] = [];
  let width = 0n;
  for (const each of byWidth.toReversed().slice(0, ORDER_CONTRACTS_MAX)) {
    if (width >= cost) break;
    chosen.push(each);
    width += each.piece.hi - each.piece.lo;
  }
  return chosen;
}

/**
 * A position cut into the fewest parts that orders can name: each of at most so many contracts as an order may have, and as
 * wide as whole lots. What fills made stands in whole lots, one after another in the order of its making.
 *
 * @param pieces - in the order in which they were made. @returns the parts; what cannot be cut so is left out.
 */
export function cutPosition(pieces: readonly OwnPiece[], lot: bigint): OwnPiece[][] {
  const parts: OwnPiece[][] = [];
  let part: OwnPiece[] = [];
  let open: OwnPiece[] = [];
  let width = 0n;
  for (const each of pieces) {
    open.push(each);
    width += each.piece.hi - each.piece.lo;
    if (width % lot !== 0n) continue;
    if (part.length + open.length > ORDER_CONTRACTS_MAX && part.length > 0) {
      parts.push(part);
      part = [];
    }
    if (open.length <= ORDER_CONTRACTS_MAX) part = [...part, ...open];
    open = [];
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

function compareWidths(a: Piece, b: Piece): number {
  const wider = a.hi - a.lo - (b.hi - b.lo);
  if (wider !== 0n) return wider < 0n ? -1 : 1;
  return a.lo < b.lo ? -1 : 1;
}
