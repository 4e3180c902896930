import type { NetworkParameters } from "../../protocol/network.ts";

/** Basis points in a whole. */
const WHOLE_BPS = 10_000n;

/** The operator's deposit share of a prize, satoshi, rounded down. */
export function computeDepositShare(prize: bigint, depositBps: number): bigint {
  return (prize * BigInt(depositBps)) / WHOLE_BPS;
}

/** What a claim's carrier puts down: the larger of the minimum and a share of the net prize, rounded down. */
export function computeClaimDeposit(
  netPrize: bigint,
  parameters: Pick<NetworkParameters, "claimDepositMin" | "claimDepositBps">,
): bigint {
  const share = (netPrize * BigInt(parameters.claimDepositBps)) / WHOLE_BPS;
  return share > parameters.claimDepositMin ? share : parameters.claimDepositMin;
}

/** What a claim pays the miner beside the transaction's own fee. Worse claims do not price anybody out. */
export function computeClaimFee(
  outrankedBy: number,
  parameters: Pick<NetworkParameters, "claimFeeBase">,
): bigint {
  return parameters.claimFeeBase * BigInt(1 + outrankedBy);
}
