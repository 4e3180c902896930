import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import { computeChainId } from "../../protocol/keys.ts";
import { DEPOSIT_BPS_MAX } from "../../protocol/limits.ts";
import { encodeChainRecord } from "../state/chainRecord.ts";
import { type MainState, putRecord } from "../state/mainState.ts";
import type { TransactionBody } from "../transaction.ts";
import { debit, type TxContext, type TxOutcome } from "./txContext.ts";

/** Heights and delays stay below this, so that no sum of them leaves a u32. */
const HEIGHT_MAX = 2 ** 30;

/** Lock an amount as the prize of a new chain with the space `[0, amount)`. */
export function applySortitionNew(
  state: MainState,
  body: TransactionBody & { kind: "sortition-new" },
  { rules, height, from, nonce }: TxContext,
): Verdict<TxOutcome> {
  return judge(() => {
    const { operator, amount, expiry, depositBps, claimDelay, disputeDelay } = body;
    const { claimDelayMin, disputeDelayMin } = rules.parameters;
    demand(amount > 0n, "EMPTY_RANGE", "expected an amount above 0");
    demand(
      expiry > height && expiry < HEIGHT_MAX,
      "BAD_EXPIRY",
      `expected an expiry above ${height} and below ${HEIGHT_MAX}, got ${expiry}`,
    );
    demand(
      depositBps <= DEPOSIT_BPS_MAX,
      "DEPOSIT_TOO_HIGH",
      `expected a deposit share of at most ${DEPOSIT_BPS_MAX} basis points, got ${depositBps}`,
    );
    demand(
      claimDelay >= claimDelayMin && claimDelay < HEIGHT_MAX,
      "BAD_DELAY",
      `expected a claim delay of at least ${claimDelayMin}, got ${claimDelay}`,
    );
    demand(
      disputeDelay >= disputeDelayMin && disputeDelay < HEIGHT_MAX,
      "BAD_DELAY",
      `expected a dispute delay of at least ${disputeDelayMin}, got ${disputeDelay}`,
    );
    const id = computeChainId(from, nonce);
    const terms = { amount, expiry, depositBps, claimDelay, disputeDelay, startHeight: height };
    const record = encodeChainRecord({
      id,
      operator,
      lo: 0n,
      hi: amount,
      ...terms,
      won: undefined,
    });
    const locked = insist(debit(state, from, amount));
    return { state: putRecord(locked, "chains", id, record), minerFee: 0n };
  });
}
