import { compareRanks } from "../../blocks/anchoredProof.ts";
import { demand } from "../../lib/verdict.ts";
import type { Claim } from "./claim.ts";
import { computeClaimFee, countAbove } from "./deposits.ts";
import { isUndoing } from "./removal.ts";
import { findRisen } from "./resultOrder.ts";
import { linesOf, type ResultRecord } from "./resultRecord.ts";
import { NO_EFFECT, type SettlementEffect } from "./settlementEffect.ts";
import type { SettlementView } from "./settlementView.ts";
import { mergeRanks, type ShownLeaf, type ShownLine } from "./shownLine.ts";

/** What is done about a line that has a result already: it only shows, and names no terms. */
export function claimAgain(
  claim: Claim,
  carrier: Uint8Array,
  line: ShownLine,
  known: ResultRecord,
  results: readonly ResultRecord[],
  view: SettlementView,
): SettlementEffect {
  return known.removal === undefined
    ? improveResult(claim, line, known, results, view)
    : undoRemoval(claim, carrier, line, known, results, view);
}

/** The same line again: only to show a leaf of it at an earlier place. Its order counts as changed if it passes another. */
function improveResult(
  claim: Claim,
  line: ShownLine,
  known: ResultRecord,
  results: readonly ResultRecord[],
  view: SettlementView,
): SettlementEffect {
  demand(
    known.line.some(({ rank }, level) => compareRanks((line[level] as ShownLeaf).rank, rank) < 0),
    "NOT_EARLIER",
    "the line stands already, shown at this place or an earlier one",
  );
  demandNoTerms(claim);
  const improved = { ...known, line: mergeRanks(known.line, line) };
  const others = results.filter((result) => result !== known);
  const after = [...others, improved];
  const risen = findRisen(results, after);
  const put = after
    .filter((result) => result === improved || risen.includes(result))
    .map((result) => (risen.includes(result) ? { ...result, changedAt: view.height } : result));
  const above = countAbove(others, linesOf(after), improved.line);
  const fee = computeClaimFee(above, view.rules.parameters);
  return { ...NO_EFFECT, minerFee: fee, put };
}

/**
 * A removed line again, by right of a sealed leaf that stood before the close: it comes back for twice what
 * it paid, within the time that the removal names.
 */
function undoRemoval(
  claim: Claim,
  carrier: Uint8Array,
  line: ShownLine,
  known: ResultRecord,
  results: readonly ResultRecord[],
  view: SettlementView,
): SettlementEffect {
  demand(
    isUndoing(known, line, view.height),
    "REMOVED",
    "a close has removed this line, and nothing earlier is shown in time",
  );
  demandNoTerms(claim);
  const { height } = view;
  const deposit = 2n * known.deposit;
  const fee = 2n * known.fee;
  const changes = { carrier, deposit, fee, writtenAt: height, changedAt: height };
  const restored: ResultRecord = {
    ...known,
    ...changes,
    line: mergeRanks(known.line, line),
    removal: undefined,
  };
  const after = results.map((result) => (result === known ? restored : result));
  const risen = findRisen(results, after).filter((result) => result !== restored);
  const put = [restored, ...risen.map((each) => ({ ...each, changedAt: height }))];
  return { ...NO_EFFECT, deposit, minerFee: fee, put };
}

/** Refuse a claim that shows script, state or evidence where nothing is run. */
export function demandNoTerms({ state, scriptSig, script }: Claim): void {
  demand(
    state === undefined && scriptSig.length === 0 && script.length === 0,
    "NOT_EMPTY",
    "expected no state, script or evidence where nothing is run",
  );
}
