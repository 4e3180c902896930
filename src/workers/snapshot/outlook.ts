import type { TrackedChain } from "../../client/chainTracker.ts";
import { formatHex } from "../../lib/hex.ts";
import { createTrueOrBadCondition } from "../../market/standardConditions.ts";
import { type Condition, hashCondition } from "../../protocol/condition.ts";
import type { FactKey, OracleResult } from "../../protocol/facts.ts";
import type { ConditionSide, Place } from "../../protocol/place.ts";

/** How one condition on a contract's path stands for its holder. */
export type ConditionOutlook = {
  readonly words: string;
  readonly outcome: "open" | "for" | "against";
  /** Chance that it comes out for the holder, in basis points, at the market's price while it is open. */
  readonly bps: bigint;
  readonly kind: "payment" | "oracle" | "other";
};

const WHOLE = 10_000n;

/** Say in words what a place waits for, condition by condition. */
export function describeConditions(chain: TrackedChain, place: Place): ConditionOutlook[] {
  return place.conditions.map((side) => describeCondition(chain, side));
}

/** The chance, in basis points, that every condition comes out for the holder; those on one oracle count once. */
export function combineChances(outlooks: readonly ConditionOutlook[]): bigint {
  return outlooks.reduce((least, { bps }) => (bps < least ? bps : least), WHOLE);
}

function describeCondition(chain: TrackedChain, { hash, side }: ConditionSide): ConditionOutlook {
  const condition = chain.book.conditions.get(formatHex(hash));
  const [fact] = condition?.facts ?? [];
  if (condition === undefined || fact === undefined) {
    return { words: "a condition of its own", outcome: "open", bps: 0n, kind: "other" };
  }
  if (fact.kind === "oracle") return describeOracle(chain, condition, fact, side);
  if (fact.kind === "payment") {
    const what = `the payment is recorded below height ${fact.height}`;
    const words = side ? `once ${what}` : `unless ${what}`;
    return { words, outcome: "open", bps: side ? WHOLE : 0n, kind: "payment" };
  }
  const what = `a secret is revealed below height ${fact.height}`;
  return { words: side ? `if ${what}` : `unless ${what}`, outcome: "open", bps: 0n, kind: "other" };
}

function describeOracle(
  chain: TrackedChain,
  condition: Condition,
  fact: FactKey,
  side: boolean,
): ConditionOutlook {
  const record = chain.oracles.get(formatHex(fact.key));
  const market = chain.followed.markets.find(
    ({ ask }) => ask.kind === "binary" && formatHex(ask.oracle) === formatHex(fact.key),
  );
  const isOrBad =
    formatHex(hashCondition(condition)) ===
    formatHex(hashCondition(createTrueOrBadCondition(fact.key)));
  const question = record === undefined ? "the question" : `“${record.question}”`;
  const trueWords = isOrBad ? "yes, or cannot be answered" : "yes";
  const falseWords = isOrBad ? "no" : "no, or cannot be answered";
  const words = `if the answer to ${question} is ${side ? trueWords : falseWords}`;
  const result: OracleResult = record?.result ?? "open";
  if (result === "open") {
    const yesBps = BigInt(market?.yesBps ?? 5_000);
    return { words, outcome: "open", bps: side ? yesBps : WHOLE - yesBps, kind: "oracle" };
  }
  const isTrue = result === "true" || (result === "bad" && isOrBad);
  const outcome = isTrue === side ? "for" : "against";
  return { words, outcome, bps: outcome === "for" ? WHOLE : 0n, kind: "oracle" };
}
