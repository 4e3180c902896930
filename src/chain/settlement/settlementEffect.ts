import type { ChainRecord } from "../state/chainRecord.ts";
import type { ResultRecord } from "./resultRecord.ts";
import type { SettledRecord } from "./settledRecord.ts";

/** Satoshi for a 33-byte account. */
export type Payout = { readonly to: Uint8Array; readonly amount: bigint };

/**
 * What a settlement transaction does, as data, so that a wallet can rehearse it.
 *
 * - `deposit`: satoshi that the carrier puts down. - `minerFee`: that he pays the block's miner beside
 *   the transaction's own fee. - `pay`: who gets what.
 * - `burn`: satoshi that nobody gets. - `put`: the results written.
 * - `settled`: the chain's end; its record and all its results go.
 * - `made`: the chain that a sealed contract which won becomes, with the results that stand in it already.
 */
export type SettlementEffect = {
  readonly deposit: bigint;
  readonly minerFee: bigint;
  readonly pay: readonly Payout[];
  readonly burn: bigint;
  readonly put: readonly ResultRecord[];
  readonly settled: SettledRecord | undefined;
  readonly made:
    | { readonly chain: ChainRecord; readonly results: readonly ResultRecord[] }
    | undefined;
};

/** An effect that does nothing, to be spread under what a transaction does. */
export const NO_EFFECT: SettlementEffect = {
  deposit: 0n,
  minerFee: 0n,
  pay: [],
  burn: 0n,
  put: [],
  settled: undefined,
  made: undefined,
};
