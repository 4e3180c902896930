import { compareBytes } from "../../lib/bytes.ts";
import type { HeaderState } from "./headerState.ts";

/**
 * Whether the chain that ends in `a` is to be taken before the one that ends in `b`: the one with more
 * work, or of equal work the one whose tip has the lower hash. By content alone, never by who came
 * first: all who know the same headers agree.
 */
export function isBetterTip(a: HeaderState, b: HeaderState): boolean {
  if (a.work !== b.work) return a.work > b.work;
  return compareBytes(a.hash, b.hash) < 0;
}
