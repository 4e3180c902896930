import { decode, encode, type Reader, type Writer } from "../../lib/codec.ts";
import { sha256 } from "../../lib/hash.ts";
import type { Verdict } from "../../lib/verdict.ts";

/** Bytes of every encoded header. */
export const HEADER_BYTES = 143;

/**
 * A main-chain header in Amoveo's format.
 *
 * - `previousHash`: block hash of the parent. - `time`: tenths of a second, see `headerTime.ts`.
 * - `treesHash`: commitment to the state after this block. - `txsProofHash`: to its transactions.
 * - `difficulty`: in sci notation, see `difficulty.ts`. - `nonce`: 32 bytes. - `period`: tenths of a second.
 *
 * Hashes are 32 bytes.
 *
 * @see AMOVEO.md section 2
 */
export type Header = {
  readonly previousHash: Uint8Array;
  readonly height: number;
  readonly time: number;
  readonly version: number;
  readonly treesHash: Uint8Array;
  readonly txsProofHash: Uint8Array;
  readonly difficulty: number;
  readonly nonce: Uint8Array;
  readonly period: number;
};

/** Encode: previous hash 32, height u32, time u40, version u16, trees hash 32, txs proof hash 32, difficulty u16, nonce 32, period u16. */
export function writeHeader(writer: Writer, header: Header): void {
  writer.fixed(header.previousHash, 32).u32(header.height);
  writer.u8(Math.floor(header.time / 2 ** 32)).u32(header.time % 2 ** 32);
  writer.u16(header.version).fixed(header.treesHash, 32).fixed(header.txsProofHash, 32);
  writer.u16(header.difficulty).fixed(header.nonce, 32).u16(header.period);
}

export function readHeader(reader: Reader): Header {
  return {
    previousHash: reader.fixed(32),
    height: reader.u32(),
    time: reader.u8() * 2 ** 32 + reader.u32(),
    version: reader.u16(),
    treesHash: reader.fixed(32),
    txsProofHash: reader.fixed(32),
    difficulty: reader.u16(),
    nonce: reader.fixed(32),
    period: reader.u16(),
  };
}

export function encodeHeader(header: Header): Uint8Array {
  return encode((writer) => writeHeader(writer, header));
}

/** The header of exactly `HEADER_BYTES` bytes. Every such string is some header; the rules come after. */
export function decodeHeader(bytes: Uint8Array): Verdict<Header> {
  return decode(bytes, readHeader);
}

/** The block hash, 32 bytes: SHA-256 of the encoded header, without a tag of ours. */
export function hashHeader(header: Header): Uint8Array {
  return sha256(encodeHeader(header));
}
