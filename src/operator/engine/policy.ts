import { BATCH_ORDERS_MAX } from "../../api/publishedBatch.ts";
import { BLOCK_BYTES_MAX } from "../../protocol/limits.ts";

/**
 * What an operator wants beyond the protocol's rules. Times in milliseconds, delays and heights in
 * main-chain blocks, amounts in satoshi.
 */
export type OperatorPolicy = {
  /** Basis points on the expected value of space sold; 0 sells one satoshi of it for one satoshi. */
  readonly feeBps: number;
  /** Narrowest range that is sold or that an owner may split off. */
  readonly widthMin: bigint;
  /** Deposit share written into leaves sold. */
  readonly depositBps: number;
  /** Unpaid leaves that one buyer, and that all buyers together, may hold. */
  readonly unpaidMax: number;
  readonly unpaidTotalMax: number;
  /** A buyer's payment must be recorded this many main-chain blocks from now at the latest. */
  readonly payWithin: number;
  /** Offers name a close's last height this far ahead; what is left must leave time to post it. */
  readonly closeGoodFor: number;
  readonly closeMargin: number;
  /** No block is made in the last so many main-chain blocks before the expiry: a post needs time. */
  readonly lastCall: number;
  /** How long orders are collected for one batch. */
  readonly batchMs: number;
  /** How long other requests are collected for one block, and how long one tip may wait for signatures. */
  readonly collectMs: number;
  readonly freezeMs: number;
  /**
   * Shortest time from one block to the next while orders are taken: traders must check each block before they can sign for
   * the next, and nobody shall be able to hurry them by asking for blocks.
   */
  readonly spacingMs: number;
  /** How long takers may think about what they would pay. */
  readonly quoteMs: number;
  /** How long a finished block waits for others before it is posted. */
  readonly postMs: number;
  /** Blocks after the last post at which the next is made although that one is not recorded yet. */
  readonly runMax: number;
  /** Posts on their way at which the operator stops: the main chain does not take them. */
  readonly postsOnTheirWayMax: number;
  /**
   * Main-chain blocks of an anchor's silence after which the chain switches to the main chain: 0 at once, whether or not
   * it is silent; undefined never.
   */
  readonly switchAfter: number | undefined;
  /**
   * Transactions and their bytes that wait for one block, and requests that wait for a tip. A block has room for
   * matches and proofs beside them.
   */
  readonly transactionsMax: number;
  readonly transactionBytesMax: number;
  /** Bytes of all transactions of a block, its matches included. */
  readonly blockBytesMax: number;
  /** Orders of one batch, of all owners and of one. */
  readonly ordersMax: number;
  readonly ordersPerOwnerMax: number;
  /** Newest blocks whose orders are kept on disk, to be shown. */
  readonly batchesKept: number;
  readonly deferredMax: number;
  readonly proposalsMax: number;
  /** Chains further down that may post here, those of strangers included. */
  readonly descendantsMax: number;
  /** Evidence fetched for lapsed purchases after one new main-chain block. */
  readonly lapsesAtOnce: number;
};

/** The policy of the local network; a command-line flag changes what it names. */
export const DEFAULT_POLICY: OperatorPolicy = {
  feeBps: 50,
  widthMin: 1_000n,
  depositBps: 0,
  unpaidMax: 4,
  unpaidTotalMax: 256,
  payWithin: 30,
  closeGoodFor: 15,
  closeMargin: 4,
  lastCall: 5,
  batchMs: 1_000,
  collectMs: 200,
  freezeMs: 4_000,
  spacingMs: 1_000,
  quoteMs: 2_000,
  postMs: 500,
  runMax: 32,
  postsOnTheirWayMax: 8,
  switchAfter: undefined,
  transactionsMax: 1_024,
  transactionBytesMax: BLOCK_BYTES_MAX / 3,
  blockBytesMax: (BLOCK_BYTES_MAX * 2) / 3,
  ordersMax: BATCH_ORDERS_MAX,
  ordersPerOwnerMax: 512,
  batchesKept: 128,
  deferredMax: 1_024,
  proposalsMax: 256,
  descendantsMax: 65_536,
  lapsesAtOnce: 64,
};

/** What `width` satoshi of expected value cost: one for one, and the fee, rounded up. */
export function computePrice(width: bigint, feeBps: number): bigint {
  return width + (width * BigInt(feeBps) + 9_999n) / 10_000n;
}
