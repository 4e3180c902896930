import { equalBytes } from "../../lib/bytes.ts";
import { decode, encode } from "../../lib/codec.ts";
import { getValue } from "../../lib/map/merkleMap.ts";
import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import { writePaymentRecord } from "../../protocol/facts.ts";
import { computePaymentKey } from "../../protocol/keys.ts";
import { readExistenceRecord } from "../../protocol/post.ts";
import { credit, hasRecord, type MainState, putRecord } from "../state/mainState.ts";
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
  // Whoever pays names the key: it may be one of the map's switches, which record no hash.
  const bytes = getValue(state.existence, terms.recordKey);
  const record = bytes && decode(bytes, readExistenceRecord);
  demand(
    record?.ok === true && equalBytes(record.value.hash, terms.recordHash),
    "NO_SUCH_RECORD",
    "the record that the payment leans on is not there",
  );
  const key = computePaymentKey(from, to, terms.reference);
  demand(!hasRecord(state, "payments", key), "PAID_ALREADY", "this reference is paid already");
  const value = encode((writer) => writePaymentRecord(writer, { amount, height }));
  return putRecord(state, "payments", key, value);
}
