/** Most basis points of a prize that a leaf may name as deposit share. Consensus; PROTOCOL section 3. */
export const DEPOSIT_BPS_MAX = 2_000;
/** Splits on a path from a chain's root to a cell. Coordinates have 64 bits, so no tree needs more. */
export const SPLITS_MAX = 64;
/** Branches, and so conditions, inside one cell on a path. Consensus; PROTOCOL section 3. */
export const CONDITIONS_MAX = 32;
/** Levels of nesting in a line. Consensus; PROTOCOL section 3. */
export const LINE_MAX = 16;
/** Successors that one exact close may name. Consensus; PROTOCOL section 3. */
export const SUCCESSORS_MAX = 16;
/** Level of a market's conditions on a path: above a buy-in's, so that they stand nearer the leaves. */
export const MARKET_LEVEL = 64;
/** Parts of a unit in which a market's prices are told: a price is a whole number of them. */
export const PRICE_PARTS = 1_000;
/** Contracts that one order may name. Consensus; PROTOCOL section 3. */
export const ORDER_CONTRACTS_MAX = 16;
/** Orders that one match fills: a slash shows the whole match, and must fit a main-chain block. Consensus. */
export const MATCH_FILLS_MAX = 16;
/** Pieces of space that one fill gives its signer. Consensus. */
export const FILL_PIECES_MAX = 32;
/** Late spaces that an operator may clear in one block. Consensus. */
export const LATE_MAX = 1_024;
/** Blocks from one post of a chain to the next. Consensus; PROTOCOL section 4. */
export const RUN_MAX = 64;
/** Facts that one condition may read: a scalar market's oracles and its payments, with room. */
export const FACTS_MAX = 64;
/** Bytes of one script or condition: eight of them still fit a claim of 128 KiB. */
export const SCRIPT_BYTES_MAX = 16 * 1024;
/** Bytes of an evidence script (script-sig). */
export const SCRIPT_SIG_BYTES_MAX = 16 * 1024;
/** Transactions in one sortition-block: one second of trading at the goal of 1,000 trades. */
export const BLOCK_TRANSACTIONS_MAX = 4_096;
/**
 * Bytes of an encoded sortition-block with its witness: what is posted can be asked for on the main
 * chain, so every block fits one of the main chain's 1 MiB, with room. Consensus.
 */
export const BLOCK_BYTES_MAX = 960 * 1024;
/** Bytes of a multi-proof (pruned tree) inside a sortition-block. */
export const WITNESS_BYTES_MAX = 896 * 1024;
/** Bytes of the longest path: 64 splits and 32 branches, with room for the leaf. */
export const PATH_BYTES_MAX = 8 * 1024;
/** Bytes of the longest map proof of a post: 256 branches and the post itself. */
export const POST_PROOF_BYTES_MAX = 16 * 1024;
/** Requests for data that may be open at one chain at a time. Consensus; PROTOCOL section 6. */
export const OPEN_REQUESTS_MAX = 8;
/** Sides of conditions that a request for a proof may name. */
export const ASKED_CONDITIONS_MAX = 8;
/** Gas and limits of every consensus run of chalang: CHALANG.md section 8. */
export const CHALANG_LIMITS = {
  opGas: 1_004_015,
  ramGas: 1_004_015,
  funs: 980,
  vars: 9_481,
  version: 2,
} as const;
/**
 * What all runs of conditions and scripts in a main-chain block may take, in gas: every condition of the longest
 * line and the last contract's script at the limit of a run each, and a level of room. Consensus; PROTOCOL section 6.
 */
export const BLOCK_GAS_MAX: number = (LINE_MAX + 1) * CONDITIONS_MAX * CHALANG_LIMITS.opGas;
