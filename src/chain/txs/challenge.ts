import { insist, judge, type Verdict } from "../../lib/verdict.ts";
import { computeChallengeKey, encodeChallengeRecord } from "../challenges/challengeRecord.ts";
import type { ChallengeEffect } from "../challenges/challengeView.ts";
import { judgeChallenge } from "../challenges/judgeChallenge.ts";
import { judgeChallengeResponse } from "../challenges/judgeChallengeResponse.ts";
import { judgeChallengeTimeout } from "../challenges/judgeChallengeTimeout.ts";
import { credit, type MainState, putRecord } from "../state/mainState.ts";
import type { TransactionBody } from "../transaction.ts";
import { debit, type TxContext, type TxOutcome } from "./txContext.ts";
import { viewState } from "./viewState.ts";

type ChallengeBody = Extract<
  TransactionBody,
  { kind: "challenge" | "challenge-response" | "challenge-timeout" }
>;

/** Judge a challenge, an answer or a timeout by the state it meets, and do what it says. */
export function applyChallenge(
  state: MainState,
  body: ChallengeBody,
  context: TxContext,
): Verdict<TxOutcome> {
  return judge(() => {
    const effect = insist(judgeBody(state, body, context));
    const { target, record, minerFee } = effect;
    let next = insist(debit(state, context.from, effect.charge));
    next = putRecord(next, "requests", computeChallengeKey(target), encodeChallengeRecord(record));
    for (const { to, amount } of effect.pay) next = credit(next, to, amount);
    return { state: next, minerFee };
  });
}

function judgeBody(
  state: MainState,
  body: ChallengeBody,
  context: TxContext,
): Verdict<ChallengeEffect> {
  const view = viewState(state, context);
  switch (body.kind) {
    case "challenge":
      return judgeChallenge(body.challenge, context.from, context.nonce, view);
    case "challenge-response":
      return judgeChallengeResponse(body.response, view);
    case "challenge-timeout":
      return judgeChallengeTimeout(body.timeout, view);
  }
}
