import { insist, judge, type Verdict } from "../../lib/verdict.ts";
import { judgeClaim } from "../settlement/judgeClaim.ts";
import { judgeSlash } from "../settlement/judgeSlash.ts";
import { judgeTimeout } from "../settlement/judgeTimeout.ts";
import type { SettlementEffect } from "../settlement/settlementEffect.ts";
import type { SettlementView } from "../settlement/settlementView.ts";
import { encodeChainRecord } from "../state/chainRecord.ts";
import { credit, dropRecord, type MainState, putRecord } from "../state/mainState.ts";
import { putResults, putSettled } from "../state/results.ts";
import type { TransactionBody } from "../transaction.ts";
import { debit, type TxContext, type TxOutcome } from "./txContext.ts";
import { viewState } from "./viewState.ts";

type SettlementBody = Extract<
  TransactionBody,
  { kind: "sortition-contract" | "sortition-slash" | "sortition-timeout" }
>;

/** Judge a claim, slash or timeout by the state it meets, and do what it says. */
export function applySettlement(
  state: MainState,
  body: SettlementBody,
  context: TxContext,
): Verdict<TxOutcome> {
  return judge(() => {
    const effect = insist(judgeBody(body, context.from, viewState(state, context)));
    const spent = insist(debit(state, context.from, effect.deposit + effect.minerFee));
    return { state: applyEffect(spent, effect), minerFee: effect.minerFee };
  });
}

function judgeBody(
  body: SettlementBody,
  carrier: Uint8Array,
  view: SettlementView,
): Verdict<SettlementEffect> {
  switch (body.kind) {
    case "sortition-contract":
      return judgeClaim(body.claim, carrier, view);
    case "sortition-slash":
      return judgeSlash(body.slash, carrier, view);
    case "sortition-timeout":
      return judgeTimeout(body.timeout, view);
  }
}

function applyEffect(state: MainState, effect: SettlementEffect): MainState {
  let next = putResults(state, effect.put);
  for (const { to, amount } of effect.pay) next = credit(next, to, amount);
  const { settled, made } = effect;
  if (settled !== undefined) {
    next = dropRecord(putSettled(next, settled), "chains", settled.chainId);
  }
  if (made === undefined) return next;
  next = putRecord(next, "chains", made.chain.id, encodeChainRecord(made.chain));
  return putResults(next, made.results);
}
