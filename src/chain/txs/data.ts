import { encode } from "../../lib/codec.ts";
import { insist, judge, type Verdict } from "../../lib/verdict.ts";
import { encodeDataRecord, writeAnswerRecord } from "../requests/dataRecord.ts";
import { computeAnswerKey, computeDataKey } from "../requests/dataTarget.ts";
import type { DataEffect } from "../requests/dataView.ts";
import { judgeDataSlash } from "../requests/judgeDataSlash.ts";
import { judgeRequest } from "../requests/judgeRequest.ts";
import { judgeResponse } from "../requests/judgeResponse.ts";
import { credit, type MainState, putRecord } from "../state/mainState.ts";
import type { TransactionBody } from "../transaction.ts";
import { debit, type TxContext, type TxOutcome } from "./txContext.ts";
import { viewState } from "./viewState.ts";

type DataBody = Extract<TransactionBody, { kind: "data-request" | "data-response" | "data-slash" }>;

/** Judge a request for data, an answer or a slash by the state it meets, and do what it says. */
export function applyData(
  state: MainState,
  body: DataBody,
  context: TxContext,
): Verdict<TxOutcome> {
  return judge(() => {
    const effect = insist(judgeBody(state, body, context));
    const charged = insist(debit(state, context.from, effect.charge));
    return { state: applyEffect(charged, effect, context), minerFee: effect.minerFee };
  });
}

function judgeBody(state: MainState, body: DataBody, context: TxContext): Verdict<DataEffect> {
  const view = viewState(state, context);
  switch (body.kind) {
    case "data-request":
      return judgeRequest(body.request, context.from, context.nonce, view);
    case "data-response":
      return judgeResponse(body.response, context.from, view);
    case "data-slash":
      return judgeDataSlash(body.slash, view);
  }
}

function applyEffect(
  state: MainState,
  { pay, target, record, answered, shownKey }: DataEffect,
  { height, index }: TxContext,
): MainState {
  let next = putRecord(state, "requests", computeDataKey(target), encodeDataRecord(record));
  for (const { to, amount } of pay) next = credit(next, to, amount);
  const place = encode((writer) => writeAnswerRecord(writer, { height, index }));
  if (answered !== undefined) {
    next = putRecord(next, "requests", computeAnswerKey(answered), place);
  }
  return shownKey === undefined ? next : putRecord(next, "requests", shownKey, place);
}
