import { type CloseProof, readCloseProof, writeCloseProof } from "../blocks/closeProof.ts";
import { HEADER_BYTES, type Header, readHeader, writeHeader } from "../chain/header/header.ts";
import { readOptionalState, writeOptionalState } from "../chain/settlement/claim.ts";
import { type LineLevel, readLine, writeLine } from "../chain/settlement/line.ts";
import { readLevel } from "../chain/settlement/slash.ts";
import { bytesToBigint, compareBytes } from "../lib/bytes.ts";
import type { Reader, Writer } from "../lib/codec.ts";
import { demand, Refusal, type Verdict } from "../lib/verdict.ts";
import type { SignedState } from "../protocol/contractState.ts";
import { STATE_MAPS, type StateMap } from "../protocol/factEvidence.ts";
import { BLOCK_BYTES_MAX, SCRIPT_BYTES_MAX } from "../protocol/limits.ts";
import { decodeFramed, encodeFramed, type FileFrame } from "./sealedFile.ts";
import {
  readSlimHeader,
  SLIM_HEADER_BYTES,
  type SlimHeader,
  writeSlimHeader,
} from "./slimHeader.ts";

/**
 * Where the headers of a file begin, if not at the network's genesis: the header before the first, and the hashrate
 * that its own chain estimates, by which the next difficulty is judged. Nothing in the file proves either.
 */
export type HeaderStart = { readonly header: Header; readonly ewah: bigint };

/** What the newest header's state holds at a key, or that it holds nothing: a proof of the merkle map. */
export type StateRecord = {
  readonly map: StateMap;
  readonly key: Uint8Array;
  readonly proof: Uint8Array;
};

/** A close by which something that stood in the chain of this level was given up, from 0, the top. */
export type LevelClose = { readonly level: number; readonly close: CloseProof };

/**
 * All that shows, with no connection, what a contract is and that it stood.
 *
 * - `start`: where the headers begin; undefined for the genesis. - `headers`: those after it, oldest first.
 * - `mapRoots`: the eight roots of the newest header's state. - `records`: what is shown of it, in the order of maps and keys.
 * - `chainId`: the on-chain chain of the line. - `line`: as a claim shows it.
 * - `script`: of the last leaf, whole. - `state`: the newest terms that both signed; undefined where there are none.
 * - `closes`: of what stood on the same space before. - `evidence`: files of breaches, of the line's chains.
 *
 * @see docs/PROTOCOL.md section 9
 */
export type ProofFile = {
  readonly networkId: Uint8Array;
  readonly start: HeaderStart | undefined;
  readonly headers: readonly SlimHeader[];
  readonly mapRoots: readonly Uint8Array[];
  readonly records: readonly StateRecord[];
  readonly chainId: Uint8Array;
  readonly line: readonly LineLevel[];
  readonly script: Uint8Array;
  readonly state: SignedState | undefined;
  readonly closes: readonly LevelClose[];
  readonly evidence: readonly Uint8Array[];
};

/** Headers that one file shows: from the genesis where these are enough, else the last ones. */
export const PROOF_HEADERS_MAX = 4_096;
const RECORDS_MAX = 2_048;
/** Closes that one file shows, over all levels. */
export const PROOF_CLOSES_MAX = 256;
/** Files of breaches that go along: each may carry a whole block. */
export const PROOF_EVIDENCE_MAX = 2;
const EVIDENCE_BYTES_MAX = 3 * BLOCK_BYTES_MAX;
const MAP_PROOF_BYTES_MAX = 16 * 1024;
const EWAH_BYTES = 16;
const RECORD_BYTES_MIN = 1 + 32 + 4 + 1;
/** Sequence, two counts, a flag, a run of one header, and what else is never left out. */
export const CLOSE_PROOF_BYTES_MIN = 256;

const FRAME: FileFrame = { magic: "SORTPROF", version: 1, bytesMax: 8 * 1024 * 1024 };

/**
 * Encode: magic 8, version u8, network id 32, start (flag; header 143, ewah 16), headers (u16 count), eight roots, records
 * (u16 count, each map u8, key 32, proof bytes), chain id 32, line, script bytes, state (flag), closes (u16 count, each level
 * u8 and close proof), evidence (u16 count of bytes), SHA-256 of all before.
 */
export function encodeProofFile(file: ProofFile): Uint8Array {
  return encodeFramed(FRAME, (writer) => writeProofBody(writer, file));
}

/** Encode what stands between the version and the checksum. */
export function writeProofBody(writer: Writer, file: ProofFile): void {
  writer.fixed(file.networkId, 32).flag(file.start !== undefined);
  if (file.start !== undefined) {
    writeHeader(writer, file.start.header);
    writer.fixed(encodeEwah(file.start.ewah), EWAH_BYTES);
  }
  writer.list(file.headers, PROOF_HEADERS_MAX, writeSlimHeader);
  STATE_MAPS.forEach((_, index) => {
    writer.fixed(file.mapRoots[index] ?? new Uint8Array(), 32);
  });
  writer.list(sortRecords(file.records), RECORDS_MAX, writeRecord);
  writer.fixed(file.chainId, 32);
  writeLine(writer, file.line);
  writer.bytes(file.script, SCRIPT_BYTES_MAX);
  writeOptionalState(writer, file.state);
  writer.list(file.closes, PROOF_CLOSES_MAX, (each, { level, close }) => {
    each.u8(level);
    writeCloseProof(each, close);
  });
  writer.list(file.evidence, PROOF_EVIDENCE_MAX, (each, bytes) =>
    each.bytes(bytes, EVIDENCE_BYTES_MAX),
  );
}

/** Decode a proof file from a stranger. It says what is claimed; `verifyProofFile` says what is so. */
export function decodeProofFile(bytes: Uint8Array): Verdict<ProofFile> {
  return decodeFramed(bytes, FRAME, readProofBody);
}

export function readProofBody(reader: Reader): ProofFile {
  const networkId = reader.fixed(32);
  const start = reader.flag() ? readStart(reader) : undefined;
  const headers = reader.list(PROOF_HEADERS_MAX, SLIM_HEADER_BYTES, readSlimHeader);
  const mapRoots = STATE_MAPS.map(() => reader.fixed(32));
  const records = reader.list(RECORDS_MAX, RECORD_BYTES_MIN, readRecord);
  demand(
    records.every((record, index) => {
      const before = records[index - 1];
      return before === undefined || compareRecords(before, record) < 0;
    }),
    "NOT_CANONICAL",
    "expected records in the order of their maps and keys, each once",
  );
  const chainId = reader.fixed(32);
  const line = readLine(reader);
  const script = reader.bytes(SCRIPT_BYTES_MAX);
  const state = readOptionalState(reader);
  const closes = reader.list(PROOF_CLOSES_MAX, CLOSE_PROOF_BYTES_MIN, (each) => ({
    level: readLevel(each),
    close: readCloseProof(each),
  }));
  const evidence = reader.list(PROOF_EVIDENCE_MAX, 4, (each) => each.bytes(EVIDENCE_BYTES_MAX));
  const shown = { networkId, start, headers, mapRoots, records };
  return { ...shown, chainId, line, script, state, closes, evidence };
}

function readStart(reader: Reader): HeaderStart {
  demand(reader.remaining >= HEADER_BYTES + EWAH_BYTES, "TRUNCATED", "expected a header");
  const header = readHeader(reader);
  return { header, ewah: bytesToBigint(reader.fixed(EWAH_BYTES)) };
}

function encodeEwah(ewah: bigint): Uint8Array {
  const bytes = new Uint8Array(EWAH_BYTES);
  let rest = ewah;
  for (let index = EWAH_BYTES - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  if (rest !== 0n) throw new RangeError(`expected a hashrate of ${EWAH_BYTES} bytes, got ${ewah}`);
  return bytes;
}

function writeRecord(writer: Writer, { map, key, proof }: StateRecord): void {
  writer.u8(STATE_MAPS.indexOf(map)).fixed(key, 32).bytes(proof, MAP_PROOF_BYTES_MAX);
}

function readRecord(reader: Reader): StateRecord {
  const index = reader.u8();
  const map = STATE_MAPS[index];
  if (map === undefined) throw new Refusal("UNKNOWN_MAP", `expected a map below 8, got ${index}`);
  return { map, key: reader.fixed(32), proof: reader.bytes(MAP_PROOF_BYTES_MAX) };
}

function sortRecords(records: readonly StateRecord[]): StateRecord[] {
  return records.toSorted(compareRecords);
}

function compareRecords(a: StateRecord, b: StateRecord): number {
  return STATE_MAPS.indexOf(a.map) - STATE_MAPS.indexOf(b.map) || compareBytes(a.key, b.key);
}
