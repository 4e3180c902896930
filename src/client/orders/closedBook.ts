import { formatHex } from "../../lib/hex.ts";
import { listOracles } from "../../market/outcomes.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { OfferedBook } from "./offeredBooks.ts";

/**
 * Why no order on an outcome can count any more, in a sentence; undefined while one may. Matches count only in records below
 * the results of all oracles that the market reads.
 *
 * @param height - of the best main-chain header.
 */
export function whyClosed(
  { followed, oracles }: Pick<TrackedChain, "followed" | "oracles">,
  { market }: Pick<OfferedBook, "market">,
  height: number,
): string | undefined {
  if (height >= followed.facts.expiry) return "The chain has expired.";
  for (const oracle of listOracles(market.ask)) {
    const record = oracles.get(formatHex(oracle));
    if (record === undefined) return "The main chain knows no such question.";
    if (record.result !== "open") return "The question is answered.";
  }
  return undefined;
}
