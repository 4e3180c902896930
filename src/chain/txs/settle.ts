import { decodeRecordedFact } from "../../blocks/verifyFactEvidence.ts";
import { getValue } from "../../lib/map/merkleMap.ts";
import { insist, judge, type Verdict } from "../../lib/verdict.ts";
import type { StateMap } from "../../protocol/factEvidence.ts";
import type { FactKey } from "../../protocol/facts.ts";
import { readExistenceRecord } from "../../protocol/post.ts";
import { judgeClaim } from "../settlement/judgeClaim.ts";
import { judgeSlash } from "../settlement/judgeSlash.ts";
import { judgeTimeout } from "../settlement/judgeTimeout.ts";
import type { SettlementEffect } from "../settlement/settlementEffect.ts";
import type { SettlementView } from "../settlement/settlementView.ts";
import { encodeChainRecord, readChainRecord } from "../state/chainRecord.ts";
import { credit, dropRecord, getRecord, type MainState, putRecord } from "../state/mainState.ts";
import { listResults, putResults, putSettled } from "../state/results.ts";
import type { TransactionBody } from "../transaction.ts";
import { debit, type TxContext, type TxOutcome } from "./txContext.ts";

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

/** What settling reads, from the state of the block before and the transactions above in this one. */
function viewState(
  state: MainState,
  { rules, height, workHashAt }: Pick<TxContext, "rules" | "height" | "workHashAt">,
): SettlementView {
  return {
    rules,
    height,
    workHashAt,
    chain: (id) => getRecord(state, "chains", id, readChainRecord),
    existence: (key) => getRecord(state, "existence", key, readExistenceRecord),
    fact: ({ kind, key }) => decodeRecordedFact(kind, getValue(state[MAP_OF_FACT[kind]], key)),
    results: (chainId) => listResults(state, chainId),
  };
}

const MAP_OF_FACT = {
  oracle: "oracles",
  payment: "payments",
  secret: "secrets",
} as const satisfies Record<FactKey["kind"], StateMap>;
