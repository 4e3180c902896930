import { findBookByCondition, type OfferedBook } from "../../client/orders/offeredBooks.ts";
import { isSameMarket } from "../../client/tradeRecords.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { countOutcomes } from "../../market/outcomes.ts";
import { createTrueOrBadCondition } from "../../market/standardConditions.ts";
import { type Condition, hashCondition } from "../../protocol/condition.ts";
import type { FactKey, OracleResult } from "../../protocol/facts.ts";
import { PRICE_PARTS } from "../../protocol/limits.ts";
import type { ConditionSide, Place } from "../../protocol/place.ts";
import { type QuestionFacts, readBookAnswer } from "./bookAnswer.ts";

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
export function describeConditions(chain: QuestionFacts, place: Place): ConditionOutlook[] {
  return place.conditions.map((side) => describeCondition(chain, side));
}

/** The chance, in basis points, that every condition comes out for the holder; those on one oracle count once. */
export function combineChances(outlooks: readonly ConditionOutlook[]): bigint {
  return outlooks.reduce((least, { bps }) => (bps < least ? bps : least), WHOLE);
}

function describeCondition(chain: QuestionFacts, at: ConditionSide): ConditionOutlook {
  const { hash, side } = at;
  const offered = findBookByCondition(chain.followed.markets, hash);
  if (offered?.market.ask.kind === "categorical") return describeOutcome(chain, offered, at);
  const condition = chain.book.conditions.get(formatHex(hash));
  const [fact] = condition?.facts ?? [];
  if (condition === undefined || fact === undefined) {
    return { words: "a condition of its own", outcome: "open", bps: 0n, kind: "other" };
  }
  if (fact.kind === "oracle") return describeOracle(chain, condition, fact, side, offered);
  if (fact.kind === "payment") {
    const what = `the payment is recorded below height ${fact.height}`;
    const words = side ? `once ${what}` : `unless ${what}`;
    return { words, outcome: "open", bps: side ? WHOLE : 0n, kind: "payment" };
  }
  const what = `a secret is revealed below height ${fact.height}`;
  return { words: side ? `if ${what}` : `unless ${what}`, outcome: "open", bps: 0n, kind: "other" };
}

/** One outcome of several, as its oracles say it together. */
function describeOutcome(
  chain: QuestionFacts,
  offered: OfferedBook,
  { hash, side }: ConditionSide,
): ConditionOutlook {
  const { market, outcome, ref } = offered;
  const isOrBad = equalBytes(hash, ref.refund);
  const name = `“${market.question}” is ${side ? "" : "not "}“${market.outcomes[outcome] ?? ""}”`;
  const words = `if the answer to ${name}${isOrBad === side ? ", or cannot be told" : ""}`;
  const answer = readBookAnswer(chain, offered);
  if (answer === "open")
    return { words, outcome: "open", bps: priceOf(chain, offered, side), kind: "oracle" };
  return decide(words, (answer === outcome || (answer === "bad" && isOrBad)) === side);
}

function describeOracle(
  chain: QuestionFacts,
  condition: Condition,
  fact: FactKey,
  side: boolean,
  offered: OfferedBook | undefined,
): ConditionOutlook {
  const record = chain.oracles.get(formatHex(fact.key));
  const isOrBad =
    formatHex(hashCondition(condition)) ===
    formatHex(hashCondition(createTrueOrBadCondition(fact.key)));
  const question = record === undefined ? "the question" : `“${record.question}”`;
  const trueWords = isOrBad ? "yes, or cannot be answered" : "yes";
  const falseWords = isOrBad ? "no" : "no, or cannot be answered";
  const words = `if the answer to ${question} is ${side ? trueWords : falseWords}`;
  const result: OracleResult = record?.result ?? "open";
  if (result === "open") {
    return { words, outcome: "open", bps: priceOf(chain, offered, side), kind: "oracle" };
  }
  return decide(words, (result === "true" || (result === "bad" && isOrBad)) === side);
}

function decide(words: string, isFor: boolean): ConditionOutlook {
  const outcome = isFor ? "for" : "against";
  return { words, outcome, bps: isFor ? WHOLE : 0n, kind: "oracle" };
}

/** The chance of a side by the newest price; before there is one, a counterparty's; before that, all outcomes are alike. */
function priceOf(chain: QuestionFacts, offered: OfferedBook | undefined, side: boolean): bigint {
  const yes = offered === undefined ? WHOLE / 2n : yesPriceOf(chain, offered);
  return side ? yes : WHOLE - yes;
}

function yesPriceOf({ book }: QuestionFacts, { market, ref }: OfferedBook): bigint {
  const trade = book.trades.findLast((each) => isSameMarket(each.market, ref));
  if (trade !== undefined) return (BigInt(trade.price) * WHOLE) / BigInt(PRICE_PARTS);
  if (market.yesBps !== undefined) return BigInt(market.yesBps);
  return WHOLE / BigInt(Math.max(2, countOutcomes(market.ask)));
}
