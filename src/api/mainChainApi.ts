import { HEADER_BYTES } from "../chain/header/header.ts";
import { decode, encode } from "../lib/codec.ts";
import { demand, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import {
  type FactEvidence,
  readFactEvidence,
  STATE_MAPS,
  type StateMap,
  writeFactEvidence,
} from "../protocol/factEvidence.ts";
import { FACTS_MAX } from "../protocol/limits.ts";

/**
 * The main-chain node's interface for light clients and other nodes. Bodies are canonical bytes;
 * refusals are JSON `{code, message}`. Nothing that a node answers is believed unchecked.
 */

/** Paths of the HTTP interface. */
export const NODE_PATHS = {
  /** GET `?from=&count=`: headers of the best chain, 143 bytes each, from a height on. */
  headers: "/headers",
  /** GET `/blocks/HASH`: one block's bytes. */
  blocks: "/blocks",
  /** POST `ProofRequest`: fact evidence under the header named. */
  proofs: "/proofs",
  /** POST an encoded transaction: 204, or why not. */
  transactions: "/transactions",
  /** POST a 33-byte key, on a local network: 204 when the faucet's spend is on its way. */
  coins: "/coins",
  /** POST `MineRequest`, with a manual clock and from this machine: u32, the tip's height then. */
  mine: "/mine",
  /** WebSocket, binary: the best chain's tip header, at once and after each change. */
  stream: "/stream",
} as const;

/** Most headers in one answer. */
export const HEADERS_AT_ONCE_MAX = 2_000;

/** What stands at these keys in the state of the header with hash `at` (32 bytes); at most `FACTS_MAX`. */
export type ProofRequest = {
  readonly at: Uint8Array;
  readonly keys: readonly { readonly map: StateMap; readonly key: Uint8Array }[];
};

/** Encode: header hash 32, keys (u16 count, each map u8 and key 32). */
export function encodeProofRequest(request: ProofRequest): Uint8Array {
  return encode((writer) => {
    writer.fixed(request.at, 32);
    writer.list(request.keys, FACTS_MAX, (each, { map, key }) =>
      each.u8(STATE_MAPS.indexOf(map)).fixed(key, 32),
    );
  });
}

export function decodeProofRequest(bytes: Uint8Array): Verdict<ProofRequest> {
  return decode(bytes, (reader) => ({
    at: reader.fixed(32),
    keys: reader.list(FACTS_MAX, 33, (each) => {
      const index = each.u8();
      const map = STATE_MAPS[index];
      if (map === undefined) throw new Refusal("UNKNOWN_MAP", `expected map 0 to 7, got ${index}`);
      return { map, key: each.fixed(32) };
    }),
  }));
}

export function encodeProofs(evidence: FactEvidence): Uint8Array {
  return encode((writer) => writeFactEvidence(writer, evidence));
}

export function decodeProofs(bytes: Uint8Array): Verdict<FactEvidence> {
  return decode(bytes, readFactEvidence);
}

/** Split an answer into headers of 143 bytes; their content is not looked at. */
export function splitHeaders(bytes: Uint8Array): Verdict<Uint8Array[]> {
  return judge(() => {
    const count = bytes.length / HEADER_BYTES;
    demand(
      Number.isInteger(count) && count <= HEADERS_AT_ONCE_MAX,
      "WRONG_LENGTH",
      `expected at most ${HEADERS_AT_ONCE_MAX} headers of ${HEADER_BYTES} bytes`,
    );
    return Array.from({ length: count }, (_, index) =>
      bytes.slice(index * HEADER_BYTES, (index + 1) * HEADER_BYTES),
    );
  });
}

/** Mine `count` blocks, the first at unix time `ms`, each a block period after the one before. */
export type MineRequest = { readonly count: number; readonly ms: number };

/** Encode: count u16, unix milliseconds u64. */
export function encodeMineRequest({ count, ms }: MineRequest): Uint8Array {
  return encode((writer) => writer.u16(count).u64(BigInt(ms)));
}

export function decodeMineRequest(bytes: Uint8Array): Verdict<MineRequest> {
  return decode(bytes, (reader) => {
    const count = reader.u16();
    const ms = Number(reader.u64());
    demand(Number.isSafeInteger(ms), "NOT_A_TIME", "expected a time in unix milliseconds");
    return { count, ms };
  });
}
