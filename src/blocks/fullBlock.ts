import { BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX } from "../protocol/limits.ts";

/** Bytes beside a block's own, which its proofs or the next match may have needed. */
const ROOM_BYTES = BLOCK_BYTES_MAX / 2;

/**
 * Whether a block may have had no room for another match: only such a one may leave some of a batch's out. What an operator
 * counts beforehand is not what a block comes to, so half of the longest block counts as full.
 *
 * @param bytes - of the encoded block.
 * @see docs/PROTOCOL.md section 7, clearing
 */
export function isFullBlock(transactions: number, bytes: number): boolean {
  return transactions >= BLOCK_TRANSACTIONS_MAX || bytes > BLOCK_BYTES_MAX - ROOM_BYTES;
}
