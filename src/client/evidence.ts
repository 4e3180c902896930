import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { readHolding, writeHolding } from "../blocks/holding.ts";
import { readHops, writeHops } from "../blocks/hops.ts";
import { HEADER_BYTES, readHeader, writeHeader } from "../chain/header/header.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { sha256 } from "../lib/hash.ts";
import { decodeUtf8, encodeUtf8 } from "../lib/utf8.ts";
import { demand, insist, judge, Refusal, refuse, type Verdict } from "../lib/verdict.ts";
import { readBlockHeader, writeBlockHeader } from "../protocol/blockHeader.ts";
import { readLeaf, writeLeaf } from "../protocol/leaf.ts";
import { BLOCK_BYTES_MAX } from "../protocol/limits.ts";
import { readPlace, writePlace } from "../protocol/place.ts";
import type { Breach, Known, Proof } from "./breach.ts";
import { readEntry, writeEntry } from "./entry.ts";
import { judgeBreach } from "./judgeBreach.ts";
import { readSignedHeader, writeSignedHeader } from "./signedHeader.ts";

/**
 * A breach as a file: whoever has it and knows the chain can judge it for himself.
 *
 * - `networkId`: 32 bytes. - `chain`: what the accuser knows of the chain; a judge takes his own word for it, not this.
 */
export type Evidence = {
  readonly networkId: Uint8Array;
  readonly chain: ChainFacts;
  readonly breach: Omit<Breach, "message">;
};

/** The first bytes of every such file, in ASCII. */
const MAGIC = encodeUtf8("SORTEVID");
const VERSION = 1;
const CHECKSUM_BYTES = 32;
const RULE_BYTES_MAX = 64;
const MAIN_HEADERS_MAX = 4_096;
const KINDS = ["block", "twoBlocks", "record", "gone", "turnedBack"] as const;

/** Bytes of the longest evidence: a whole block, the headers it names, and what stands around them. */
const EVIDENCE_BYTES_MAX = BLOCK_BYTES_MAX + MAIN_HEADERS_MAX * HEADER_BYTES + 1024 * 1024;

/**
 * Encode: magic 8, version u8, network id 32, chain (id 32, operator 33, lo u64, hi u64, expiry u32), flag and the
 * entry it stands against, block height u32, flag and transaction index u32, rule bytes, proof, SHA-256 of all before.
 */
export function encodeEvidence({ networkId, chain, breach }: Evidence): Uint8Array {
  const body = encode((writer) => {
    writer.fixed(MAGIC, MAGIC.length).u8(VERSION).fixed(networkId, 32);
    writer.fixed(chain.id, 32).fixed(chain.operator, 33);
    writer.u64(chain.lo).u64(chain.hi).u32(chain.expiry);
    writeOptional(writer, breach.against, writeEntry);
    writer.u32(breach.blockHeight);
    writeOptional(writer, breach.transactionIndex, (each, index) => each.u32(index));
    writer.bytes(encodeUtf8(breach.rule), RULE_BYTES_MAX);
    writeProof(writer, breach.proof);
  });
  return encode((writer) => writer.fixed(body, body.length).fixed(sha256(body), CHECKSUM_BYTES));
}

/** Decode an evidence file from a stranger. It says what is claimed; `judgeEvidence` says whether it is so. */
export function decodeEvidence(bytes: Uint8Array): Verdict<Evidence> {
  if (bytes.length > EVIDENCE_BYTES_MAX) {
    return refuse("TOO_LONG", `expected at most ${EVIDENCE_BYTES_MAX} bytes, got ${bytes.length}`);
  }
  return judge(() => {
    const end = Math.max(0, bytes.length - CHECKSUM_BYTES);
    const body = bytes.subarray(0, end);
    const isFile = equalBytes(body.subarray(0, MAGIC.length), MAGIC);
    demand(isFile, "NOT_EVIDENCE", "the file is no evidence of a breach");
    const isWhole = equalBytes(sha256(body), bytes.subarray(end));
    demand(isWhole, "BAD_CHECKSUM", "the file is damaged: its checksum is another");
    return insist(decode(body, readEvidence));
  });
}

/**
 * Judge an evidence file by what one knows of the chain oneself.
 *
 * @returns the breach that it proves. Refuses a file that is damaged, is of another chain, claims another rule than
 *   the one that broke, or shows nothing that carries the operator's signature.
 */
export function judgeEvidence(bytes: Uint8Array, known: Known): Verdict<Breach> {
  return judge(() => {
    const { networkId, chain, breach } = insist(decodeEvidence(bytes));
    demand(
      equalBytes(networkId, known.rules.networkId),
      "OTHER_NETWORK",
      "the evidence is of another network",
    );
    demand(isSameChain(chain, known.chain), "OTHER_CHAIN", "the evidence is of another chain");
    const found = insist(judgeBreach(breach, known));
    const isSame =
      found.rule === breach.rule &&
      found.blockHeight === breach.blockHeight &&
      found.transactionIndex === breach.transactionIndex;
    demand(isSame, "OTHER_RULE", `what broke is ${found.rule} in block ${found.blockHeight}`);
    return { ...breach, ...found };
  });
}

function isSameChain(a: ChainFacts, b: ChainFacts): boolean {
  const isSameRange = a.lo === b.lo && a.hi === b.hi && a.expiry === b.expiry;
  return isSameRange && equalBytes(a.id, b.id) && equalBytes(a.operator, b.operator);
}

function readEvidence(reader: Reader): Evidence {
  reader.fixed(MAGIC.length);
  const version = reader.u8();
  demand(version === VERSION, "NOT_SERVED", `expected version ${VERSION}, got ${version}`);
  const networkId = reader.fixed(32);
  const chain = {
    id: reader.fixed(32),
    operator: reader.fixed(33),
    lo: reader.u64(),
    hi: reader.u64(),
    expiry: reader.u32(),
  };
  const against = readOptional(reader, readEntry);
  const blockHeight = reader.u32();
  const transactionIndex = readOptional(reader, (each) => each.u32());
  const rule = decodeUtf8(reader.bytes(RULE_BYTES_MAX));
  if (rule === undefined) throw new Refusal("NOT_UTF8", "expected the rule's name in UTF-8");
  const proof = readProof(reader);
  return { networkId, chain, breach: { blockHeight, transactionIndex, rule, proof, against } };
}

/**
 * Encode: kind u8, then 0 block: flag and signed header, block bytes, list of main-chain headers 143;
 * 1 two blocks: two signed headers; 2 record: flag and header, header, entry; 3 gone: header, holding, place, leaf, entry;
 * 4 turned back: two hops, id 32 and operator 33 of the chain below, entry.
 */
function writeProof(writer: Writer, proof: Proof): void {
  writer.u8(KINDS.indexOf(proof.kind));
  switch (proof.kind) {
    case "block":
      writeOptional(writer, proof.before, writeSignedHeader);
      writer.bytes(proof.block, BLOCK_BYTES_MAX);
      writer.list(proof.mainHeaders, MAIN_HEADERS_MAX, writeHeader);
      return;
    case "twoBlocks":
      writeSignedHeader(writer, proof.first);
      writeSignedHeader(writer, proof.second);
      return;
    case "record":
      writeOptional(writer, proof.before, writeBlockHeader);
      writeBlockHeader(writer, proof.posted);
      writeEntry(writer, proof.entry);
      return;
    case "gone":
      writeBlockHeader(writer, proof.before);
      writeHolding(writer, proof.after);
      writePlace(writer, proof.place);
      writeLeaf(writer, proof.leaf);
      writeEntry(writer, proof.entry);
      return;
    case "turnedBack":
      writeHops(writer, [proof.before, proof.after]);
      writer.fixed(proof.below.id, 32).fixed(proof.below.operator, 33);
      writeEntry(writer, proof.entry);
  }
}

function readProof(reader: Reader): Proof {
  const code = reader.u8();
  const kind = KINDS[code];
  switch (kind) {
    case "block": {
      const before = readOptional(reader, readSignedHeader);
      const block = reader.bytes(BLOCK_BYTES_MAX);
      const mainHeaders = reader.list(MAIN_HEADERS_MAX, HEADER_BYTES, readHeader);
      return { kind, before, block, mainHeaders };
    }
    case "twoBlocks": {
      const first = readSignedHeader(reader);
      return { kind, first, second: readSignedHeader(reader) };
    }
    case "record": {
      const before = readOptional(reader, readBlockHeader);
      const posted = readBlockHeader(reader);
      return { kind, before, posted, entry: readEntry(reader) };
    }
    case "gone": {
      const before = readBlockHeader(reader);
      const after = readHolding(reader);
      const place = readPlace(reader);
      const leaf = readLeaf(reader);
      return { kind, before, after, place, leaf, entry: readEntry(reader) };
    }
    case "turnedBack": {
      const [before, after, ...more] = readHops(reader);
      if (before === undefined || after === undefined || more.length > 0) {
        throw new Refusal("TOO_MANY", "expected two hops");
      }
      const below = { id: reader.fixed(32), operator: reader.fixed(33) };
      return { kind, before, after, below, entry: readEntry(reader) };
    }
    default:
      throw new Refusal("UNKNOWN_KIND", `expected a proof of kind 0 to 4, got ${code}`);
  }
}

function writeOptional<Value>(
  writer: Writer,
  value: Value | undefined,
  write: (writer: Writer, value: Value) => void,
): void {
  writer.flag(value !== undefined);
  if (value !== undefined) write(writer, value);
}

function readOptional<Value>(reader: Reader, read: (reader: Reader) => Value): Value | undefined {
  return reader.flag() ? read(reader) : undefined;
}
