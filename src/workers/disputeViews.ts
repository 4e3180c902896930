/**
 * What the page is told of what others do against this wallet's contracts on the main chain: plain data like all of
 * `walletApi.ts`. Heights are main-chain heights, amounts satoshi.
 */

/** What sending the answer in the next block would do, by the main chain's own rules. */
export type RehearsalView =
  /** `cost`: fees that do not come back. `deposit`: comes back where the claim is true. `reward`: paid to who sends it. */
  | {
      readonly kind: "succeeds";
      readonly cost: bigint;
      readonly deposit: bigint;
      readonly reward: bigint;
    }
  | { readonly kind: "fails"; readonly code: string; readonly message: string }
  /** Nobody is accused on data that is not complete: what is missing, as a clause. */
  | { readonly kind: "incomplete"; readonly missing: string };

/**
 * Something on the main chain that this wallet can answer.
 *
 * - `kind`: `close` a contract is claimed that its owner has given up; `state` a claim runs older terms than both have signed last;
 *   `lateClaim` what stood in the way of an own contract is removed, and that may be claimed now; `undo` an own line was removed
 *   though it was sealed before; `improve` an own line can be shown at an earlier place; `challenge` an operator sold one range twice.
 * - `chainId`: hex id of the followed chain. `contractId`: hex id of the own contract that it is about, where there is one.
 * - `words`: what happened, in a sentence. `claimant`: hex key of whom it is held against; empty where that is nobody.
 * - `state`: `open` nothing is sent; `sent` it is on its way or has less than the stated confirmations; `over` its time has
 *   passed, or the chain has ended. `confirmations`: of what it has done, 0 before.
 * - `until`: the last main-chain height at which an answer counts for certain.
 */
export type DisputeView = {
  readonly id: string;
  readonly chainId: string;
  readonly contractId: string | undefined;
  readonly kind: "close" | "state" | "lateClaim" | "undo" | "improve" | "challenge";
  readonly words: string;
  readonly claimant: string;
  readonly state: "open" | "sent" | "confirmed" | "over";
  readonly confirmations: number;
  readonly until: number;
  readonly rehearsal: RehearsalView;
};

/**
 * The closes by which all those gave their contracts up who stood on a contract's range before it.
 *
 * - `complete`: each of them is kept; `closes`: how many, `bytes`: of their proofs. - `collecting`: blocks are being read.
 * - `incomplete`: what is missing, as a clause.
 */
export type TrailView =
  | { readonly kind: "complete"; readonly closes: number; readonly bytes: number }
  | { readonly kind: "collecting" }
  | { readonly kind: "incomplete"; readonly missing: string };

/**
 * What the wallet watches over.
 *
 * - `isAutomatic`: it answers by itself while it is unlocked. - `scannedHeight`: the last main-chain height under which it has
 *   looked at everything; 0 before.
 */
export type WatchView = {
  readonly isAutomatic: boolean;
  readonly scannedHeight: number;
  readonly watched: readonly {
    readonly contractId: string;
    readonly chainId: string;
    readonly trail: TrailView;
  }[];
};
