import type { BlockEffects } from "../blocks/applyTransactions.ts";
import { encode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import { type LateSpace, writeLateSpace } from "../protocol/recordSeen.ts";
import { type FrozenSpace, isVoid } from "./standing.ts";

/**
 * The frozen spaces after a block: those that it sweeps, and those where it makes something again. Refuses a sweep of
 * space that no record known here has frozen: what stands there may be somebody's.
 */
export function sweep(
  frozen: readonly FrozenSpace[],
  { seen, made }: Pick<BlockEffects, "seen" | "made">,
): Verdict<readonly FrozenSpace[]> {
  const known = new Set(seen === undefined ? [] : frozen.map(nameOf));
  const unknown = seen?.late.find((late) => !known.has(nameOf(late)));
  if (unknown !== undefined) {
    const { lo, hi } = unknown.place;
    return refuse("NOT_LATE", `no record is known here that came too late for [${lo}, ${hi})`);
  }
  if (frozen.length === 0 || (seen === undefined && made.length === 0)) return accept(frozen);
  const named = new Set(seen?.late.map(nameOf));
  return accept(
    frozen.map((each) => {
      const isSwept = each.isSwept || (named.size > 0 && named.has(nameOf(each)));
      return { ...each, isSwept: isSwept && !made.some((contract) => isVoid([each], contract)) };
    }),
  );
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
