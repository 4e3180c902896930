import type { SweptSpace } from "../blocks/lateSpaces.ts";
import { formatHex } from "../lib/hex.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { areApart, type Place } from "../protocol/place.ts";
import type { LateSpace } from "../protocol/recordSeen.ts";
import type { PlacedLeaf } from "../space/tree.ts";

/** A contract as a checker of all blocks knows it, own or not. */
export type LiveContract = { readonly leaf: Leaf; readonly place: Place; readonly madeIn: number };

/** A half-open range of a chain's space. */
export type Range = { readonly lo: bigint; readonly hi: bigint };

/**
 * Contracts that are counted, not kept: how many begin in each of `CROWD_PIECES` equal pieces of the
 * space, and how wide they are together.
 */
export type Crowd = readonly CrowdPiece[];
export type CrowdPiece = { readonly count: number; readonly width: bigint };

/** What stands in a chain, as far as it is kept. */
export type Standing = {
  readonly live: ReadonlyMap<string, LiveContract>;
  readonly crowd: Crowd;
};

/** Strangers' contracts that a book keeps singly. */
const STRANGERS_MAX = 512;
export const CROWD_PIECES = 256;
const NOBODY: CrowdPiece = { count: 0, width: 0n };

export function createCrowd(): Crowd {
  return Array.from({ length: CROWD_PIECES }, () => NOBODY);
}

/**
 * Space where a close did not count because its record came too late: what stood there before still does, whatever
 * the operator's tree says from then on. `isSwept`: and that says nothing else, so nobody can be given what is not there.
 */
export type FrozenSpace = SweptSpace;

/** What a block does to what stands. `void`: contracts that it made where they do not count. */
type StandingChange = {
  readonly closed: readonly PlacedLeaf[];
  readonly made: readonly LiveContract[];
  readonly sealed: readonly LiveContract[];
  readonly void: readonly LiveContract[];
};

/**
 * What stands after a block. Beyond a limit the narrowest strangers' contracts are only counted; those on
 * ranges of a kept contract stay longest.
 *
 * @param isKept - own contracts, and whatever else is never only counted, by hex id.
 */
export function changeStanding(
  before: Standing & { readonly chain: Range; readonly frozen: readonly FrozenSpace[] },
  change: StandingChange,
  isKept: (id: string) => boolean,
): Standing {
  if (Object.values(change).every((each) => each.length === 0)) return before;
  const live = new Map(before.live);
  const crowd = [...before.crowd];
  const count = ({ lo, hi }: Leaf, step: 1 | -1) => {
    const at = pieceOf(before.chain, lo);
    const piece = crowd[at] ?? NOBODY;
    const width = piece.width + BigInt(step) * (hi - lo);
    const counted = piece.count + step;
    crowd[at] = counted <= 0 ? NOBODY : { count: counted, width: width < 0n ? 0n : width };
  };
  for (const closed of change.closed) {
    const isCounted = !live.delete(formatHex(closed.leaf.id));
    if (isCounted && !isVoid(before.frozen, closed)) count(closed.leaf, -1);
  }
  for (const made of change.made) live.set(formatHex(made.leaf.id), made);
  for (const sealed of change.sealed) {
    const id = formatHex(sealed.leaf.id);
    if (live.has(id)) live.set(id, sealed);
  }
  for (const { leaf } of change.void) live.delete(formatHex(leaf.id));
  for (const id of findNarrowest(live, isKept)) {
    count((live.get(id) as LiveContract).leaf, 1);
    live.delete(id);
  }
  return { live, crowd };
}

/** The strangers' contracts beyond the limit, those to be counted first. */
function findNarrowest(
  live: ReadonlyMap<string, LiveContract>,
  isKept: (id: string) => boolean,
): readonly string[] {
  if (live.size <= STRANGERS_MAX) return [];
  const kept: LiveContract[] = [];
  const strangers: { id: string; width: bigint; isNear: boolean; leaf: LiveContract["leaf"] }[] =
    [];
  for (const [id, contract] of live) {
    const { leaf } = contract;
    if (isKept(id)) kept.push(contract);
    else strangers.push({ id, width: leaf.hi - leaf.lo, isNear: false, leaf });
  }
  const excess = strangers.length - STRANGERS_MAX;
  if (excess <= 0) return [];
  for (const stranger of strangers) {
    stranger.isNear = kept.some(({ leaf }) => meets(leaf, stranger.leaf));
  }
  const ordered = strangers.sort(
    (a, b) =>
      Number(a.isNear) - Number(b.isNear) || (a.width < b.width ? -1 : Number(a.width > b.width)),
  );
  return ordered.slice(0, excess).map(({ id }) => id);
}

/** Which piece of the space a coordinate lies in. */
function pieceOf({ lo, hi }: Range, at: bigint): number {
  return Number(((at - lo) * BigInt(CROWD_PIECES)) / (hi - lo));
}

/** Where piece number `index` of a space begins: rounded up, so that it holds what `pieceOf` puts into it. */
export function pieceStart({ lo, hi }: Range, index: number): bigint {
  const pieces = BigInt(CROWD_PIECES);
  return lo + (BigInt(index) * (hi - lo) + pieces - 1n) / pieces;
}

export function crowdCount(crowd: Crowd): number {
  return crowd.reduce((sum, { count }) => sum + count, 0);
}

export function meets(a: Range, b: Range): boolean {
  return a.lo < b.hi && b.lo < a.hi;
}

/** Whether a contract was made where something else still stands. */
export function isVoid(frozen: readonly LateSpace[], { place, leaf }: PlacedLeaf): boolean {
  return frozen.some((late) => leaf.madeIn >= late.since && !areApart(late.place, place));
}

/** Whether a contract stands where the operator's tree says something else: nothing can be done with it before the chain ends. */
export function isFrozen(frozen: readonly LateSpace[], place: Place): boolean {
  return frozen.some((late) => !areApart(late.place, place));
}
