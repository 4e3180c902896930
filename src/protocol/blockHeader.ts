import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { TAGS } from "./tags.ts";

/**
 * A sortition-block's header. `height` counts the chain's blocks from 1; the first block's
 * `previousHash` is the chain's id.
 *
 * - `stateBefore`, `stateAfter`: 32 bytes, `computeChainState`. - `updatesRoot`: merkle list root of the encoded transactions.
 * - `mainHeight`: main-chain height the operator had seen. - `time`: unix milliseconds, the operator's word.
 *
 * @see docs/PROTOCOL.md section 4
 */
export type BlockHeader = {
  readonly chainId: Uint8Array;
  readonly height: number;
  readonly previousHash: Uint8Array;
  readonly stateBefore: Uint8Array;
  readonly stateAfter: Uint8Array;
  readonly updatesRoot: Uint8Array;
  readonly mainHeight: number;
  readonly time: bigint;
};

/** Bytes of every encoded sortition-block header. */
export const BLOCK_HEADER_BYTES = 32 + 4 + 32 * 4 + 4 + 8;

/** Encode: chain id 32, height u32, previous hash 32, state before 32, after 32, updates root 32, main height u32, time u64. Signed as `signBlock`. */
export function writeBlockHeader(writer: Writer, header: BlockHeader): void {
  writer.fixed(header.chainId, 32).u32(header.height).fixed(header.previousHash, 32);
  writer.fixed(header.stateBefore, 32).fixed(header.stateAfter, 32).fixed(header.updatesRoot, 32);
  writer.u32(header.mainHeight).u64(header.time);
}

export function readBlockHeader(reader: Reader): BlockHeader {
  return {
    chainId: reader.fixed(32),
    height: reader.u32(),
    previousHash: reader.fixed(32),
    stateBefore: reader.fixed(32),
    stateAfter: reader.fixed(32),
    updatesRoot: reader.fixed(32),
    mainHeight: reader.u32(),
    time: reader.u64(),
  };
}

export function encodeBlockHeader(header: BlockHeader): Uint8Array {
  return encode((writer) => writeBlockHeader(writer, header));
}

/** The sortition-block's hash: over its header, the signature left out. */
export function hashBlockHeader(header: BlockHeader): Uint8Array {
  return taggedHash(TAGS.block, encodeBlockHeader(header));
}

/** The state of a chain, 32 bytes: the root of its space tree and of its map of descendants' posts. */
export function computeChainState(contractsRoot: Uint8Array, rootsRoot: Uint8Array): Uint8Array {
  return taggedHash(TAGS.chainState, contractsRoot, rootsRoot);
}
