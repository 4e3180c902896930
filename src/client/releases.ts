import type { BlockEffects } from "../blocks/applyTransactions.ts";
import { isTimed } from "../blocks/history.ts";
import { hasFree } from "../space/tree.ts";
import type { Range } from "./standing.ts";

/**
 * Space that a close left free, a part of it at least: nothing that is made there later says what stood there before.
 *
 * - `height`: of the block of the close.
 */
export type Release = Range & { readonly height: number };

/**
 * All releases of a chain, as far as they are kept. `forgotten`: ranges of those that are not, the oldest, joined to few:
 * whose space lies there does not know all who held it before.
 */
export type Releases = {
  readonly kept: readonly Release[];
  readonly forgotten: readonly Range[];
};

export const NO_RELEASES: Releases = { kept: [], forgotten: [] };

/** Releases that are kept singly. No honest chain has many: what is given up has successors. */
const KEPT_MAX = 1_024;
const FORGOTTEN_MAX = 64;

/** The releases after a block at `height`. */
export function keepReleases(
  before: Releases,
  { closed, tree }: Pick<BlockEffects, "closed" | "tree">,
  height: number,
): Releases {
  const fresh = closed.filter(isTimed).filter(({ place }) => {
    const free = hasFree(tree, place);
    // A part that a block leaves out is taken for free, so that more is looked at, never less.
    return !free.ok || free.value;
  });
  if (fresh.length === 0) return before;
  const all = [...before.kept, ...fresh.map(({ place: { lo, hi } }) => ({ lo, hi, height }))];
  const dropped = all.slice(0, Math.max(0, all.length - KEPT_MAX));
  if (dropped.length === 0) return { ...before, kept: all };
  return {
    kept: all.slice(dropped.length),
    forgotten: joinRanges([...before.forgotten, ...dropped]),
  };
}

/** At most `FORGOTTEN_MAX` ranges that cover all of these. */
function joinRanges(ranges: readonly Range[]): Range[] {
  const sorted = ranges.toSorted((a, b) => (a.lo < b.lo ? -1 : Number(a.lo > b.lo)));
  const joined: { lo: bigint; hi: bigint }[] = [];
  for (const { lo, hi } of sorted) {
    const last = joined.at(-1);
    if (last === undefined || lo > last.hi) joined.push({ lo, hi });
    else if (hi > last.hi) last.hi = hi;
  }
  while (joined.length > FORGOTTEN_MAX) {
    const gapAt = (at: number) => (joined[at]?.lo ?? 0n) - (joined[at - 1]?.hi ?? 0n);
    let nearest = 1;
    for (let at = 2; at < joined.length; at++) if (gapAt(at) < gapAt(nearest)) nearest = at;
    const [next] = joined.splice(nearest, 1);
    const last = joined[nearest - 1];
    if (last !== undefined && next !== undefined) last.hi = next.hi;
  }
  return joined;
}
