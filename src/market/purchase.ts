import { type Condition, conditionRef } from "../protocol/condition.ts";
import type { ContractNew } from "../protocol/contractNew.ts";
import { computePaymentKey, computePurchaseReference } from "../protocol/keys.ts";
import { TRUE_SCRIPT_HASH } from "../protocol/script.ts";
import { createPaidCondition, LEVELS } from "./standardConditions.ts";

/** Free space bought from its operator: who pays whom how much, and until when. */
export type PurchaseTerms = {
  /** Half-open range in satoshi; free in the state that the next block is made on. */
  readonly lo: bigint;
  readonly hi: bigint;
  readonly buyer: Uint8Array;
  readonly operator: Uint8Array;
  /** Satoshi to be paid. */
  readonly price: bigint;
  /** The payment must be recorded below this main-chain height. */
  readonly payBelow: number;
  readonly depositBps: number;
  /** Hash of the block before the one that makes the leaf. */
  readonly previousBlock: Uint8Array;
};

/** The leaf under `Branch(paid)`, the condition's body, and the reference the payment must carry. */
export type Purchase = {
  readonly contract: ContractNew;
  readonly condition: Condition;
  readonly reference: Uint8Array;
  readonly paymentKey: Uint8Array;
};

/**
 * The leaf that the operator makes first, and the payment that makes it count.
 *
 * @see docs/PROTOCOL.md section 8
 */
export function createPurchase(terms: PurchaseTerms): Purchase {
  const unpaid: ContractNew = {
    place: { lo: terms.lo, hi: terms.hi, conditions: [] },
    owner: terms.buyer,
    depositBps: terms.depositBps,
    scriptHash: TRUE_SCRIPT_HASH,
  };
  const reference = computePurchaseReference(terms.previousBlock, unpaid);
  const paymentKey = computePaymentKey(terms.buyer, terms.operator, reference);
  const condition = createPaidCondition(LEVELS.buyIn, paymentKey, terms.price, terms.payBelow);
  const place = { ...unpaid.place, conditions: [{ ...conditionRef(condition), side: true }] };
  return { contract: { ...unpaid, place }, condition, reference, paymentKey };
}
