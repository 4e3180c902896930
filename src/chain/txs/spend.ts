import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import { writePaymentRecord } from "../../protocol/facts.ts";
import { computePaymentKey } from "../../protocol/keys.ts";
import { readExistenceRecord } from "../../protocol/post.ts";
import { credit, getRecord, hasRecord, type MainState, putRecord } from "../state/mainState.ts";
import type { PaymentTerms, TransactionBody } from "../transaction.ts";
import { debit, type TxContext, type TxOutcome } from "./txContext.ts";

/** Move satoshi, and record them as a payment where the spend names one. @see docs/PROTOCOL.md section 8 */
export function applySpend(
  state: MainState,
  body: TransactionBody & { kind: "spend" },
  context: TxContext,
): Verdict<TxOutcome> {
  return judge(() => {
    demand(body.amount > 0n, "NOTHING_SPENT", "expected an amount above 0");
    const taken = insist(debit(state, context.from, body.amount));
    const given = credit(taken, body.to, body.amount);
    if (body.payment === undefined) return { state: given, minerFee: 0n };
    return {
      state: recordPayment(given, body.to, body.amount, body.payment, context),
      minerFee: 0n,
    };
  });
}

function recordPayment(
  state: MainState,
  to: Uint8Array,
  amount: bigint,
  terms: PaymentTerms,
  { from, height }: TxContext,
): MainState {
  demand(
    height <= terms.heightMax,
    "TOO_LATE",
    `expected a block up to height ${terms.heightMax}, got ${height}`,
  );
  const record = getRecord(state, "existence", terms.recordKey, readExistenceRecord);
  demand(
    record !== undefined && equalBytes(record.hash, terms.recordHash),
    "NO_SUCH_RECORD",
    "the record that the payment leans on is not there",
  );
  const key = computePaymentKey(from, to, terms.reference);
  demand(!hasRecord(state, "payments", key), "PAID_ALREADY", "this reference is paid already");
  const value = encode((writer) => writePaymentRecord(writer, { amount, height }));
  return putRecord(state, "payments", key, value);
}
