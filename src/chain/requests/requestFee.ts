import type { NetworkParameters } from "../../protocol/network.ts";

/** Every request that is open at a chain makes the next one this many times as dear. */
const FEE_GROWTH = 4n;

/** What a request costs, satoshi, at a chain where `open` wait: nobody can pile them up, and one more can always be made. */
export function computeRequestFee(
  open: number,
  { dataRequestFee }: Pick<NetworkParameters, "dataRequestFee">,
): bigint {
  return dataRequestFee * FEE_GROWTH ** BigInt(open);
}
