import { concatBytes } from "../../../src/lib/bytes.ts";
import { encode } from "../../../src/lib/codec.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { writeLeaf } from "../../../src/protocol/leaf.ts";
import type { Place } from "../../../src/protocol/place.ts";
import type { Lot } from "../../../src/space/build.ts";
import { sameCondition } from "./lots.ts";

const FREE = sha256(Uint8Array.of(0x10));

/** The root by its definition: cells from the set of contracts, then the Patricia trie over their starts. */
export function naiveRoot(lo: bigint, hi: bigint, lots: readonly Lot[]): Uint8Array {
  const cells: { lo: bigint; hash: Uint8Array }[] = [];
  let end = lo;
  for (const start of [...new Set(lots.map((lot) => lot.place.lo))].sort((a, b) =>
    a < b ? -1 : 1,
  )) {
    const own = lots.filter((lot) => lot.place.lo === start);
    if (start > end) cells.push({ lo: end, hash: FREE });
    cells.push({ lo: start, hash: cellHash(own, 0) });
    end = own[0]?.place.hi ?? end;
  }
  if (end < hi) cells.push({ lo: end, hash: FREE });
  const build = (from: number, to: number): Uint8Array => {
    const first = cells[from] as { lo: bigint; hash: Uint8Array };
    if (from === to) return first.hash;
    let bit = 63n;
    while ((first.lo ^ (cells[to]?.lo ?? 0n)) >> bit === 0n) bit -= 1n;
    let middle = from + 1;
    while ((((cells[middle]?.lo ?? 0n) >> bit) & 1n) === 0n) middle += 1;
    const at = encode((writer) => writer.u64(cells[middle]?.lo ?? 0n));
    return sha256(concatBytes(Uint8Array.of(0x12), at, build(from, middle - 1), build(middle, to)));
  };
  return build(0, cells.length - 1);
}

function cellHash(lots: readonly Lot[], depth: number): Uint8Array {
  const [first] = lots;
  if (first === undefined) return FREE;
  const condition = first.place.conditions[depth];
  if (condition === undefined) {
    const leaf = encode((writer) => writeLeaf(writer, first.leaf));
    return sha256(concatBytes(Uint8Array.of(0x11), leaf));
  }
  const [yes, no] = [true, false].map((side) =>
    cellHash(
      lots.filter((lot) => lot.place.conditions[depth]?.side === side),
      depth + 1,
    ),
  ) as [Uint8Array, Uint8Array];
  return sha256(concatBytes(Uint8Array.of(0x13, condition.level), condition.hash, yes, no));
}

/**
 * Whether `place` can be taken beside what is held: apart in range, or in the very same cell with
 * its first other condition another side of the same condition.
 */
export function canTake(lo: bigint, hi: bigint, held: readonly Lot[], place: Place): boolean {
  if (place.lo < lo || place.hi > hi) return false;
  return held.every((lot) => {
    const own = lot.place;
    if (own.hi <= place.lo || place.hi <= own.lo) return true;
    if (own.lo !== place.lo || own.hi !== place.hi) return false;
    for (let depth = 0; ; depth++) {
      const [a, b] = [own.conditions[depth], place.conditions[depth]];
      if (a === undefined || b === undefined || !sameCondition(a, b)) return false;
      if (a.side !== b.side) return true;
    }
  });
}
