import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import { getAccount, type MainState, putAccount } from "../state/mainState.ts";
import {
  isSignedTransaction,
  type SignedTransaction,
  type TransactionBody,
} from "../transaction.ts";
import { applyChallenge } from "./challenge.ts";
import { applyData } from "./data.ts";
import { applyExistence } from "./existence.ts";
import { applyOracleNew, applyOracleReport } from "./oracle.ts";
import { applySettlement } from "./settle.ts";
import { applySortitionNew } from "./sortitionNew.ts";
import { applySpend } from "./spend.ts";
import { debit, type TxContext, type TxOutcome } from "./txContext.ts";

/** Where a transaction stands, as its block knows it; the sender and nonce are its own. */
export type TxPlace = Omit<TxContext, "from" | "nonce">;

/**
 * Judge one transaction against the state it meets, and do it. The sender's signature, nonce and fee
 * come first; an invalid transaction does nothing at all and makes its block invalid.
 */
export function applyTransaction(
  state: MainState,
  signed: SignedTransaction,
  place: TxPlace,
): Verdict<TxOutcome> {
  return judge(() => {
    const { from, nonce, fee, body } = signed.transaction;
    const account = getAccount(state, from);
    demand(
      nonce === account.nonce + 1,
      nonce <= account.nonce ? "NONCE_USED" : "NONCE_AHEAD",
      `expected nonce ${account.nonce + 1}, got ${nonce}`,
    );
    demand(
      isSignedTransaction(place.rules, signed),
      "BAD_SIGNATURE",
      "the transaction is not signed by its sender",
    );
    const counted = putAccount(state, from, { ...account, nonce });
    const charged = insist(debit(counted, from, fee));
    const outcome = insist(applyBody(charged, body, { ...place, from, nonce }));
    return { state: outcome.state, minerFee: outcome.minerFee + fee };
  });
}

function applyBody(
  state: MainState,
  body: TransactionBody,
  context: TxContext,
): Verdict<TxOutcome> {
  switch (body.kind) {
    case "spend":
      return applySpend(state, body, context);
    case "sortition-new":
      return applySortitionNew(state, body, context);
    case "existence":
      return applyExistence(state, body, context);
    case "oracle-new":
      return applyOracleNew(state, body, context);
    case "oracle-report":
      return applyOracleReport(state, body, context);
    case "sortition-contract":
    case "sortition-slash":
    case "sortition-timeout":
      return applySettlement(state, body, context);
    case "data-request":
    case "data-response":
    case "data-slash":
      return applyData(state, body, context);
    case "challenge":
    case "challenge-response":
    case "challenge-timeout":
      return applyChallenge(state, body, context);
  }
}
