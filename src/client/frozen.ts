import type { BlockEffects } from "../blocks/applyTransactions.ts";
import { equalBytes } from "../lib/bytes.ts";
import { encode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import type { ConditionSide } from "../protocol/place.ts";
import { type LateSpace, writeLateSpace } from "../protocol/recordSeen.ts";
import { type FrozenSpace, isVoid } from "./standing.ts";

/**
 * The frozen spaces after a block: those that it sweeps, and those where it makes something again. Refuses a sweep of
 * space that no record known here has frozen: what stands there may be somebody's. Space inside a frozen one may be swept by
 * itself, which does not sweep the whole; what a book holds to stand it goes on to hold.
 */
export function sweep(
  frozen: readonly FrozenSpace[],
  { seen, made }: Pick<BlockEffects, "seen" | "made">,
): Verdict<readonly FrozenSpace[]> {
  const late = seen?.late ?? [];
  const known = new Set(late.length === 0 ? [] : frozen.map(nameOf));
  const named = new Set(late.map(nameOf));
  const unknown = late.find(
    (each) => !known.has(nameOf(each)) && !frozen.some((whole) => isInside(each, whole)),
  );
  if (unknown !== undefined) {
    const { lo, hi } = unknown.place;
    return refuse("NOT_LATE", `no record is known here that came too late for [${lo}, ${hi})`);
  }
  if (frozen.length === 0 || (late.length === 0 && made.length === 0)) return accept(frozen);
  return accept(
    frozen.map((each) => {
      const isSwept = each.isSwept || (named.size > 0 && named.has(nameOf(each)));
      return { ...each, isSwept: isSwept && !made.some((contract) => isVoid([each], contract)) };
    }),
  );
}

/** Whether whatever is void by one late space is so by another, too. */
function isInside({ place, since }: LateSpace, whole: LateSpace): boolean {
  const { lo, hi, conditions } = whole.place;
  const isUnder = (outer: ConditionSide) =>
    place.conditions.some(({ hash, side }) => side === outer.side && equalBytes(hash, outer.hash));
  return lo <= place.lo && place.hi <= hi && whole.since <= since && conditions.every(isUnder);
}

/**
 * Up to which of the blocks to `height`, all recorded, everything stands for certain that still stands in the state after the last
 * one taken: in an unswept space nothing does that was made since.
 */
export function findCertain(frozen: readonly FrozenSpace[], height: number): number {
  return frozen.reduce(
    (certain, { since, isSwept }) => (isSwept ? certain : Math.min(certain, since - 1)),
    height,
  );
}

function nameOf(late: LateSpace): string {
  return formatHex(encode((writer) => writeLateSpace(writer, late)));
}
