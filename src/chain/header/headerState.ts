import { type Header, hashHeader } from "./header.ts";

/**
 * A header with what its chain makes of it.
 *
 * - `hash`: its 32-byte block hash. - `ewah`: estimated hashrate as of this header, its unit 1/1024 of the work per tenth of a second.
 * - `work`: expected hashes of all headers after the genesis up to this one; the heaviest chain wins.
 *
 * @see AMOVEO.md section 3
 */
export type HeaderState = {
  readonly header: Header;
  readonly hash: Uint8Array;
  readonly ewah: bigint;
  readonly work: bigint;
};

/**
 * The header with a block hash among the ancestors of the header being judged, or undefined if it is
 * not kept. Only the old retarget asks, and for `retargetFrequency` ancestors at most.
 */
export type GetHeader = (hash: Uint8Array) => Header | undefined;

/** Hashrate assumed until two headers show one. */
export const FIRST_EWAH = 1_000_000n;

/** The state at a network's genesis, which needs no work and adds none. */
export function createGenesisState(header: Header): HeaderState {
  return { header, hash: hashHeader(header), ewah: FIRST_EWAH, work: 0n };
}
