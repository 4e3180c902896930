import { equalBytes } from "../../lib/bytes.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { MainChain } from "../mainChain.ts";
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

/** Height of a chain's block up to which all are recorded under enough confirmations, as far as it is kept; 0 for none. */
export function findBuried({ book, checkpoints }: TrackedChain, mainChain: MainChain): number {
  const { confirmations } = mainChain.book().parameters;
  const heightMax = mainChain.tip().header.height + 1 - confirmations;
  const last = [...checkpoints, book].findLast(
    ({ lastPost }) => lastPost !== undefined && lastPost.record.height <= heightMax,
  );
  return last?.lastPost?.blockHeight ?? 0;
}
