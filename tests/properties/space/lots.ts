import { encode } from "../../../src/lib/codec.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import type { Leaf } from "../../../src/protocol/leaf.ts";
import type { ConditionRef, ConditionSide, Place } from "../../../src/protocol/place.ts";
import type { Lot } from "../../../src/space/build.ts";
import type { SpaceNode } from "../../../src/space/node.ts";
import type { SpaceTree } from "../../../src/space/tree.ts";
import type { SeededRandom } from "../../reference/seededRandom.ts";

const OWNER = new Uint8Array(33).fill(2);
const SCRIPT_HASH = new Uint8Array(32);

/** A contract at `place`; `number` (u64) makes its id. */
export function createLot(place: Place, number: bigint): Lot {
  const id = new Uint8Array(32);
  id.set(
    encode((writer) => writer.u64(number)),
    24,
  );
  const leaf: Leaf = {
    id,
    owner: OWNER,
    lo: place.lo,
    hi: place.hi,
    depositBps: 0,
    scriptHash: SCRIPT_HASH,
    madeIn: 1,
    sealed: false,
    anchor: { kind: "none" },
  };
  return { place, leaf };
}

/** Lots that follow each other from `lo`, with the widths given. */
export function* adjoiningLots(lo: bigint, widths: Iterable<bigint>): Iterable<Lot> {
  let start = lo;
  for (const width of widths) {
    yield createLot({ lo: start, hi: start + width, conditions: [] }, start);
    start += width;
  }
}

/** How the sizes of a chain's contracts may be spread; widths in satoshi. */
export const SIZES = ["equal", "random", "skewed"] as const;
export type Sizes = (typeof SIZES)[number];

/**
 * `count` widths: all of `width`, evenly random up to twice that, or over nine orders of magnitude
 * with every order as likely as any other.
 */
export function drawWidths(
  sizes: Sizes,
  count: number,
  width: number,
  random: SeededRandom,
): bigint[] {
  return Array.from({ length: count }, () => {
    if (sizes === "equal") return BigInt(width);
    if (sizes === "random") return BigInt(1 + random.below(2 * width - 1));
    return BigInt(Math.floor(10 ** (9 * (random.below(1_000_000) / 1_000_000))));
  });
}

/** Bytes of the path to every unconditional leaf, its own node left out, as docs/PROTOCOL.md section 3 lays it out. */
export function pathBytes(tree: SpaceTree): number[] {
  const lengths: number[] = [];
  const walk = (node: SpaceNode, lo: bigint, above: number): void => {
    if (node.kind === "leaf") lengths.push(above);
    if (node.kind !== "split") return;
    const step = Math.ceil((lo ^ node.at).toString(16).length / 2);
    const side = (other: SpaceNode): number => above + 1 + step + (other.kind === "free" ? 1 : 32);
    walk(node.left, lo, side(node.right));
    walk(node.right, node.at, side(node.left));
  };
  walk(tree.root, tree.lo, 0);
  return lengths;
}

/** Mean and maximum of some figures. */
export function summarise(figures: Iterable<number>): { mean: number; max: number } {
  let [sum, count, max] = [0, 0, 0];
  for (const figure of figures) {
    sum += figure;
    count += 1;
    max = Math.max(max, figure);
  }
  return { mean: sum / count, max };
}

/** A few conditions to stand under, ascending: two levels, and two conditions of one level. */
export const CONDITIONS: readonly ConditionRef[] = [
  { level: 0, hash: new Uint8Array(32).fill(9) },
  { level: 64, hash: new Uint8Array(32).fill(1) },
  { level: 64, hash: new Uint8Array(32).fill(7) },
];

/** Sides of some of `CONDITIONS`: for each, 0 leaves it out, 1 is yes, 2 is no. */
export function chooseSides(choices: readonly number[]): ConditionSide[] {
  return CONDITIONS.flatMap((condition, index) => {
    const choice = choices[index] ?? 0;
    return choice === 0 ? [] : [{ ...condition, side: choice === 1 }];
  });
}

/** Whether two places can both hold: apart in range, or on opposite sides of one condition. */
export function areApart(a: Place, b: Place): boolean {
  if (a.hi <= b.lo || b.hi <= a.lo) return true;
  return a.conditions.some((own) =>
    b.conditions.some((other) => own.side !== other.side && sameCondition(own, other)),
  );
}

export function sameCondition(a: ConditionRef, b: ConditionRef): boolean {
  return a.level === b.level && formatHex(a.hash) === formatHex(b.hash);
}
