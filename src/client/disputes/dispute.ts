import type { TransactionBody } from "../../chain/transaction.ts";

/** Row of the `meta` table: whether disputes are answered without asking; there as soon as it was ever set. */
export const AUTOMATIC = "autoDefence";

/** What can be held against a claim, or done about an own one. */
export const DISPUTE_KINDS = [
  "close",
  "state",
  "lateClaim",
  "undo",
  "improve",
  "challenge",
] as const;

export type DisputeKind = (typeof DISPUTE_KINDS)[number];

/**
 * What answering in the next block would do, by the main chain's own functions.
 *
 * - `cost`: satoshi of fees. `deposit`: satoshi put down. `reward`: satoshi paid to who carries it.
 * - `incomplete`: not everything that the answer leans on is known, so nothing is sent; what is missing, as a clause.
 */
export type Rehearsal =
  | {
      readonly kind: "succeeds";
      readonly cost: bigint;
      readonly deposit: bigint;
      readonly reward: bigint;
    }
  | { readonly kind: "fails"; readonly code: string; readonly message: string }
  | { readonly kind: "incomplete"; readonly missing: string };

/** A transaction that answers a claim, claims, or asks an operator for his word. */
export type DisputeAnswer = Extract<
  TransactionBody,
  { kind: "sortition-slash" | "sortition-contract" | "challenge" | "challenge-timeout" }
>;

/**
 * Something found on the main chain that this wallet can answer.
 *
 * - `id`: the same under every tip for the same thing. - `chainId`: of the followed chain. - `contractId`: of the own contract.
 * - `resultKey`: of the result that it is about, in the on-chain chain `topId`; of a challenge the contract's or its own id.
 * - `words`: what happened, in a sentence. - `claimant`: key that the result is claimed for; empty for an own one.
 * - `until`: last main-chain height at which an answer counts for certain.
 * - `answer`: signed; undefined where it cannot be made yet, which `rehearsal` says.
 */
export type Dispute = {
  readonly id: string;
  readonly kind: DisputeKind;
  readonly chainId: Uint8Array;
  readonly topId: Uint8Array;
  readonly contractId: Uint8Array | undefined;
  readonly resultKey: Uint8Array;
  readonly words: string;
  readonly claimant: Uint8Array;
  readonly until: number;
  readonly rehearsal: Rehearsal;
  readonly answer: DisputeAnswer | undefined;
};

/** How far the answer to a dispute has come. `confirmations`: of what it did on the main chain, 0 before. */
export type DisputeProgress = {
  readonly state: "open" | "sent" | "confirmed" | "over";
  readonly confirmations: number;
};

/** Whether all closes before a contract on its range are kept; `missing`: what is not, as a clause. */
export type Trail =
  | { readonly kind: "complete"; readonly closes: number; readonly bytes: number }
  | { readonly kind: "collecting" }
  | { readonly kind: "incomplete"; readonly missing: string };
