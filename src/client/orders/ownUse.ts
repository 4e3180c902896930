import { equalBytes } from "../../lib/bytes.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import type { Journey } from "../rows.ts";
import { meets } from "../standing.ts";

/** Which own contracts a purchase that is under way goes on with: an order must not take them from it. */
export function findReserved(
  { followed }: TrackedChain,
  journeys: readonly (readonly [id: string, journey: Journey])[],
): (own: OwnLeaf) => boolean {
  const ranges = journeys.flatMap(([, journey]) => {
    const isUnderWay = journey.kind === "purchase" && journey.state.kind === "open";
    return isUnderWay && equalBytes(journey.chainId, followed.facts.id) ? [journey.offer] : [];
  });
  return ({ place }) => ranges.some((range) => meets(range, place));
}
