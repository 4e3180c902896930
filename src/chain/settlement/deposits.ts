import type { NetworkParameters } from "../../protocol/network.ts";
import { createOrder } from "./resultOrder.ts";
import type { ResultRecord } from "./resultRecord.ts";
import type { ShownLine } from "./shownLine.ts";

/** Basis points in a whole. */
const WHOLE_BPS = 10_000n;

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

/** How many of the standing `results` outrank `own`, in the order that `shown` makes. */
export function countAbove(
  results: readonly ResultRecord[],
  shown: readonly ShownLine[],
  own: ShownLine,
): number {
  const outranks = createOrder(shown);
  return results.filter(({ removal, line }) => removal === undefined && outranks(line, own)).length;
}
