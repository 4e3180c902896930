import type { BlockEffects } from "../blocks/applyTransactions.ts";
import { nameLateSpace } from "../blocks/lateSpaces.ts";
import { equalBytes } from "../lib/bytes.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import type { ConditionSide } from "../protocol/place.ts";
import type { LateSpace } from "../protocol/recordSeen.ts";
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
  const known = new Set(late.length === 0 ? [] : frozen.map(nameLateSpace));
  const named = new Set(late.map(nameLateSpace));
  const unknown = late.find(
    (each) => !known.has(nameLateSpace(each)) && !frozen.some((whole) => isInside(each, whole)),
  );
  if (unknown !== undefined) {
    const { lo, hi } = unknown.place;
    return refuse("NOT_LATE", `no record is known here that came too late for [${lo}, ${hi})`);
  }
  if (frozen.length === 0 || (late.length === 0 && made.length === 0)) return accept(frozen);
  return accept(
    frozen.map((each) => {
      const isSwept = each.isSwept || (named.size > 0 && named.has(nameLateSpace(each)));
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
