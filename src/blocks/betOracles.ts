import { equalBytes } from "../lib/bytes.ts";
import { judge, Refusal, type Verdict } from "../lib/verdict.ts";
import { type Condition, hashCondition } from "../protocol/condition.ts";
import type { ContractNew } from "../protocol/contractNew.ts";
import type { MarketRef } from "../protocol/order.ts";
import type { Place } from "../protocol/place.ts";

/** Conditions that are shown, each hashed once for all who are looked for among them. */
export type ShownConditions = readonly { readonly body: Condition; readonly hash: Uint8Array }[];

export function showConditions(bodies: readonly Condition[]): ShownConditions {
  return bodies.map((body) => ({ body, hash: hashCondition(body) }));
}

/**
 * Keys of the oracles under whose conditions a close puts space: those that the successors'
 * conditions read, where the condition does not stand on the closed contract's own path already.
 * The close counts only in a post recorded below the height of each one's result.
 *
 * @param shown - one that is needed and missing is refused.
 * @see docs/PROTOCOL.md section 7
 */
export function findBetOracles(
  closed: Place,
  successors: readonly ContractNew[],
  shown: ShownConditions,
): Verdict<Uint8Array[]> {
  return findOracles(listBetConditions(closed, successors), shown);
}

/** Hashes of the conditions that a close puts space under: those of its successors that are not on its own path already. */
export function listBetConditions(closed: Place, successors: readonly ContractNew[]): Uint8Array[] {
  return successors
    .flatMap(({ place }) => place.conditions)
    .filter(({ hash }) => !closed.conditions.some((own) => equalBytes(own.hash, hash)))
    .map(({ hash }) => hash);
}

/** Keys of the oracles that a market's conditions read: its matches count only in posts below their results. */
export function findMarketOracles(
  { refund, win }: MarketRef,
  shown: ShownConditions,
): Verdict<Uint8Array[]> {
  return findOracles([refund, win], shown);
}

function findOracles(hashes: readonly Uint8Array[], shown: ShownConditions): Verdict<Uint8Array[]> {
  return judge(() =>
    hashes.flatMap((hash) => {
      const found = shown.find((each) => equalBytes(each.hash, hash));
      if (found === undefined) {
        throw new Refusal("CONDITION_MISSING", "a condition of a successor is not shown");
      }
      return found.body.facts.filter(({ kind }) => kind === "oracle").map(({ key }) => key);
    }),
  );
}

/** Whether a record at `height` is below the result of every oracle; `resultHeight` is 0 while one is open. */
export function isBelowResults(
  height: number,
  oracles: readonly Uint8Array[],
  resultHeight: (key: Uint8Array) => number,
): boolean {
  return oracles.every((key) => {
    const decided = resultHeight(key);
    return decided === 0 || height < decided;
  });
}
