import { accept, type Verdict } from "../../lib/verdict.ts";
import type { OwnLeaf } from "../ownLeaves.ts";

/** Blocks that a position is redeemed in, if it does not come into one. */
const BLOCKS_MAX = 4;

/**
 * Redeem decided contracts, in as few blocks as their operator makes of it: where he makes one before all have reached him, what is
 * left is signed again for the next.
 *
 * @param redeem - asks once, for one block. @param isHeld - whether a contract stands by what is checked.
 * @param catchUp - checks what there is by now.
 */
export async function redeemAll(
  contracts: readonly OwnLeaf[],
  {
    redeem,
    isHeld,
    catchUp,
  }: {
    readonly redeem: (contracts: readonly OwnLeaf[]) => Promise<Verdict<null>>;
    readonly isHeld: (own: OwnLeaf) => boolean;
    readonly catchUp: () => Promise<void>;
  },
): Promise<Verdict<null>> {
  let left = contracts;
  for (let block = 1; ; block++) {
    const sent = await redeem(left);
    if (sent.ok || sent.code !== "OTHER_BLOCK_SEEN" || block === BLOCKS_MAX) return sent;
    await catchUp();
    left = left.filter(isHeld);
    if (left.length === 0) return accept(null);
  }
}
