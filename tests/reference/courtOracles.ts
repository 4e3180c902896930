/** What conditions on oracles come to. Written from section 7 alone, as the court is from sections 4 to 6. */

import type { CourtCondition } from "./courtCase.ts";

/** The oracles that a condition reads, in order; none for a payment. */
export function oraclesOf(condition: CourtCondition | undefined): readonly string[] {
  if (condition?.kind === "oracle") return [condition.oracle];
  return condition?.kind === "outcome" ? condition.oracles : [];
}

/**
 * Whether a condition on oracles is true.
 *
 * @param resultOf - what an oracle says; "bad" where it has said nothing when it is read.
 */
export function isOracleTrue(
  condition: Exclude<CourtCondition, { readonly kind: "payment" }>,
  resultOf: (oracle: string) => string,
): boolean {
  if (condition.kind === "oracle") return condition.trueFor.includes(resultOf(condition.oracle));
  const { oracles, outcome, isOrBad } = condition;
  const results = oracles.map(resultOf);
  const first = results.findIndex((result) => result !== "false");
  // The first that is true names the outcome; one that is bad before it, or none true, is the bad case.
  return results[first] === "true" ? first === outcome : isOrBad;
}
