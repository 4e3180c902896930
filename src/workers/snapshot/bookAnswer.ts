import { computeFactValue } from "../../blocks/conditionOutcome.ts";
import type { TrackedChain } from "../../client/chainTracker.ts";
import type { OfferedBook } from "../../client/orders/offeredBooks.ts";
import { formatHex } from "../../lib/hex.ts";
import { listOracles, readAnswer } from "../../market/outcomes.ts";

/** The part of a chain that says how its questions stand. */
export type QuestionFacts = {
  readonly followed: Pick<TrackedChain["followed"], "markets"> & {
    readonly facts: Pick<TrackedChain["followed"]["facts"], "expiry">;
  };
  readonly book: Pick<TrackedChain["book"], "conditions" | "trades">;
} & Pick<TrackedChain, "oracles" | "settlement">;

/** What the oracles of a book's question say; from the draw on, one that is still open is bad. */
export function readBookAnswer(
  { oracles, followed, settlement }: QuestionFacts,
  { market }: OfferedBook,
): ReturnType<typeof readAnswer> {
  const { expiry } = followed.facts;
  const height = settlement === undefined ? 0 : expiry;
  const values = listOracles(market.ask).map((key) => {
    const recorded = { kind: "oracle", record: oracles.get(formatHex(key)) } as const;
    return computeFactValue({ kind: "oracle", key }, recorded, height, expiry).value;
  });
  return readAnswer(market.ask, values);
}
