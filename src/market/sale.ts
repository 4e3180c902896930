import { demand, judge, type Verdict } from "../lib/verdict.ts";
import { type Condition, conditionRef } from "../protocol/condition.ts";
import type { ContractNew } from "../protocol/contractNew.ts";
import { computePaymentKey, computeSaleReference } from "../protocol/keys.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";
import { createPaidCondition } from "./standardConditions.ts";

/** A holder's contracts sold together to another holder for one payment. */
export type SaleTerms = {
  readonly sold: readonly { readonly leaf: Leaf; readonly place: Place }[];
  readonly buyer: Uint8Array;
  readonly price: bigint;
  readonly payBelow: number;
  /** Hash of the last block both have checked; the sale's block is the next. */
  readonly seenBlock: Uint8Array;
};

/** The condition all sold leaves share, and for each sold contract its two successors: buyer, then seller. */
export type Sale = {
  readonly condition: Condition;
  readonly reference: Uint8Array;
  readonly paymentKey: Uint8Array;
  readonly successors: readonly (readonly [buyer: ContractNew, seller: ContractNew])[];
};

/**
 * Lay out a sale: each contract becomes `Branch(paid by buyer to seller)`, `yes` the buyer, `no` the
 * seller. Its condition stands one level above the highest on the paths sold, 0 if there is none.
 *
 * @see docs/PROTOCOL.md section 8
 */
export function createSale(terms: SaleTerms): Verdict<Sale> {
  return judge(() => {
    const seller = terms.sold[0]?.leaf.owner;
    demand(seller !== undefined, "NOTHING_SOLD", "expected at least one contract");
    const levels = terms.sold.flatMap(({ place }) => place.conditions.map(({ level }) => level));
    const level = levels.length === 0 ? 0 : Math.max(...levels) + 1;
    demand(
      level <= 255,
      "TOO_MANY_LEVELS",
      "the contracts stand under too many conditions to sell",
    );
    const unconditional = terms.sold.map(({ leaf, place }) => ({
      contractId: leaf.id,
      successors: [transfer(leaf, place, terms.buyer), transfer(leaf, place, seller)],
    }));
    const reference = computeSaleReference(terms.seenBlock, unconditional);
    const paymentKey = computePaymentKey(terms.buyer, seller, reference);
    const condition = createPaidCondition(level, paymentKey, terms.price, terms.payBelow);
    const ref = conditionRef(condition);
    const under = (contract: ContractNew, side: boolean): ContractNew => ({
      ...contract,
      place: { ...contract.place, conditions: [...contract.place.conditions, { ...ref, side }] },
    });
    const successors = terms.sold.map(
      ({ leaf, place }) =>
        [
          under(transfer(leaf, place, terms.buyer), true),
          under(transfer(leaf, place, seller), false),
        ] as const,
    );
    return { condition, reference, paymentKey, successors };
  });
}

function transfer(leaf: Leaf, place: Place, owner: Uint8Array): ContractNew {
  return { place, owner, depositBps: leaf.depositBps, scriptHash: leaf.scriptHash };
}
