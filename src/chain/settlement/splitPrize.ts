/** Basis points in a whole. */
const WHOLE_BPS = 10_000n;

/** A prize as it goes down a line: what each operator on it gets, top first, and what is left, satoshi. */
export type PrizeSplit = { readonly shares: readonly bigint[]; readonly net: bigint };

/**
 * Take the deposit shares of the operators on a line, from the top down, each rounded down from what is left.
 *
 * @param depositBps - of the chain's own record, then of each sealed leaf that the line goes on below.
 */
export function splitPrize(prize: bigint, depositBps: readonly number[]): PrizeSplit {
  let net = prize;
  const shares = depositBps.map((bps) => {
    const share = (net * BigInt(bps)) / WHOLE_BPS;
    net -= share;
    return share;
  });
  return { shares, net };
}
