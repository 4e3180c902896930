import type { Header } from "../chain/header/header.ts";
import { UNCOVERED_NONCE_BYTES } from "../chain/header/proofOfWork.ts";
import { HEADER_VERSION } from "../chain/header/validateHeader.ts";
import { concatBytes } from "../lib/bytes.ts";
import type { Reader, Writer } from "../lib/codec.ts";

/**
 * A header without what its parent and the network's rules say of it anyway: the hash and the height before, the
 * version, the period, and the nonce's first bytes, which are zero.
 *
 * - `nonceEnd`: the last 23 bytes of the nonce.
 */
export type SlimHeader = Pick<Header, "time" | "treesHash" | "txsProofHash" | "difficulty"> & {
  readonly nonceEnd: Uint8Array;
};

const NONCE_END_BYTES = 32 - UNCOVERED_NONCE_BYTES;

export const SLIM_HEADER_BYTES: number = 5 + 32 + 32 + 2 + NONCE_END_BYTES;

/** Encode: time u40, trees hash 32, txs proof hash 32, difficulty u16, the nonce's last 23 bytes. */
export function writeSlimHeader(writer: Writer, header: SlimHeader): void {
  writer.u8(Math.floor(header.time / 2 ** 32)).u32(header.time % 2 ** 32);
  writer.fixed(header.treesHash, 32).fixed(header.txsProofHash, 32);
  writer.u16(header.difficulty).fixed(header.nonceEnd, NONCE_END_BYTES);
}

export function readSlimHeader(reader: Reader): SlimHeader {
  return {
    time: reader.u8() * 2 ** 32 + reader.u32(),
    treesHash: reader.fixed(32),
    txsProofHash: reader.fixed(32),
    difficulty: reader.u16(),
    nonceEnd: reader.fixed(NONCE_END_BYTES),
  };
}

/** What a checked header is as a slim one. */
export function slimHeader({
  time,
  treesHash,
  txsProofHash,
  difficulty,
  nonce,
}: Header): SlimHeader {
  const nonceEnd = nonce.slice(UNCOVERED_NONCE_BYTES);
  return { time, treesHash, txsProofHash, difficulty, nonceEnd };
}

/** The only header that a slim one can be after this parent. */
export function fillHeader(
  { nonceEnd, ...slim }: SlimHeader,
  parent: { readonly hash: Uint8Array; readonly height: number },
  period: number,
): Header {
  return {
    ...slim,
    previousHash: parent.hash,
    height: parent.height + 1,
    version: HEADER_VERSION,
    nonce: concatBytes(new Uint8Array(UNCOVERED_NONCE_BYTES), nonceEnd),
    period,
  };
}
