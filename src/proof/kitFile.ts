import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { type CloseProof, readCloseProof, writeCloseProof } from "../blocks/closeProof.ts";
import { readOptionalState, writeOptionalState } from "../chain/settlement/claim.ts";
import { type LineLevel, readLine, writeLine } from "../chain/settlement/line.ts";
import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { demand, type Verdict } from "../lib/verdict.ts";
import {
  type ContractState,
  readContractState,
  type SignedState,
  writeContractState,
} from "../protocol/contractState.ts";
import { SCRIPT_BYTES_MAX } from "../protocol/limits.ts";
import { CLOSE_PROOF_BYTES_MIN } from "./proofFile.ts";
import { decodeFramed, encodeFramed, type FileFrame } from "./sealedFile.ts";

/**
 * What is needed to claim one contract with neither its wallet nor its operator.
 *
 * - `top`: the chain that was made on the main chain, and `claimDelay`, for the time after it has ended.
 * - `line`: from that chain down. - `script`: of the last leaf, whole.
 * - `state`: the newest terms that both signed. `half`: those that the holder has signed alone: he signs no others of their
 *   nonce.
 */
export type KitContract = {
  readonly top: ChainFacts;
  readonly claimDelay: number;
  readonly line: readonly LineLevel[];
  readonly script: Uint8Array;
  readonly state: SignedState | undefined;
  readonly half: ContractState | undefined;
};

/** A close by which somebody gave a contract up in the chain of this id: against him who claims with it all the same. */
export type KitClose = { readonly chainId: Uint8Array; readonly proof: CloseProof };

/** What a kit holds, once it is opened. */
export type KitContents = {
  readonly contracts: readonly KitContract[];
  readonly closes: readonly KitClose[];
};

/**
 * A kit as it lies on a disk.
 *
 * - `publicKey`: whose it is. - `height`: main-chain height under which it was made.
 * - `vault`: the holder's key, sealed under his passphrase. - `box`: the contracts, sealed under his key.
 */
export type KitFile = {
  readonly networkId: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly height: number;
  readonly vault: Uint8Array;
  readonly box: Uint8Array;
};

export const KIT_CONTRACTS_MAX = 1_024;
export const KIT_CLOSES_MAX = 4_096;
const BYTES_MAX = 32 * 1024 * 1024;
const VAULT_BYTES_MAX = 256;
/** Facts of a chain, a line of one level, and what else is never left out. */
const CONTRACT_BYTES_MIN = 256;

const FRAME: FileFrame = { magic: "SORTKITS", version: 1, bytesMax: BYTES_MAX + 1_024 };

/** Encode what is not sealed, and is bound to what is: network id 32, public key 33, height u32, vault bytes. */
export function encodeKitHead(kit: Omit<KitFile, "box">): Uint8Array {
  return encode((writer) => writeHead(writer, kit));
}

function writeHead(writer: Writer, kit: Omit<KitFile, "box">): void {
  writer.fixed(kit.networkId, 32).fixed(kit.publicKey, 33).u32(kit.height);
  writer.bytes(kit.vault, VAULT_BYTES_MAX);
}

/** Encode: magic 8, version u8, head, box bytes, SHA-256 of all before. */
export function encodeKitFile(kit: KitFile): Uint8Array {
  return encodeFramed(FRAME, (writer) => {
    writeHead(writer, kit);
    writer.bytes(kit.box, BYTES_MAX);
  });
}

/** Decode a kit from a stranger; what is in it only its holder can read. */
export function decodeKitFile(bytes: Uint8Array): Verdict<KitFile> {
  return decodeFramed(bytes, FRAME, (reader) => ({
    networkId: reader.fixed(32),
    publicKey: reader.fixed(33),
    height: reader.u32(),
    vault: reader.bytes(VAULT_BYTES_MAX),
    box: reader.bytes(BYTES_MAX),
  }));
}

/** Encode what is sealed: list of contracts, list of closes (chain id 32, close proof). */
export function encodeKitContents({ contracts, closes }: KitContents): Uint8Array {
  return encode((writer) => {
    writer.list(contracts, KIT_CONTRACTS_MAX, writeKitContract);
    writer.list(closes, KIT_CLOSES_MAX, (each, { chainId, proof }) => {
      each.fixed(chainId, 32);
      writeCloseProof(each, proof);
    });
  });
}

export function decodeKitContents(bytes: Uint8Array): Verdict<KitContents> {
  return decode(bytes, (reader) => ({
    contracts: reader.list(KIT_CONTRACTS_MAX, CONTRACT_BYTES_MIN, readKitContract),
    closes: reader.list(KIT_CLOSES_MAX, CLOSE_PROOF_BYTES_MIN, (each) => {
      return { chainId: each.fixed(32), proof: readCloseProof(each) };
    }),
  }));
}

/** Encode: id 32, operator 33, lo u64, hi u64, expiry u32, claim delay u32, line, script bytes, state (flag), half (flag). */
function writeKitContract(writer: Writer, contract: KitContract): void {
  const { top, claimDelay, line, script, state, half } = contract;
  writer.fixed(top.id, 32).fixed(top.operator, 33).u64(top.lo).u64(top.hi).u32(top.expiry);
  writer.u32(claimDelay);
  writeLine(writer, line);
  writer.bytes(script, SCRIPT_BYTES_MAX);
  writeOptionalState(writer, state);
  writer.flag(half !== undefined);
  if (half !== undefined) writeContractState(writer, half);
}

function readKitContract(reader: Reader): KitContract {
  const id = reader.fixed(32);
  const operator = reader.fixed(33);
  const lo = reader.u64();
  const hi = reader.u64();
  demand(lo < hi, "EMPTY_RANGE", `expected lo below hi, got [${lo}, ${hi})`);
  const top = { id, operator, lo, hi, expiry: reader.u32() };
  const claimDelay = reader.u32();
  const line = readLine(reader);
  const script = reader.bytes(SCRIPT_BYTES_MAX);
  const state = readOptionalState(reader);
  const half = reader.flag() ? readContractState(reader) : undefined;
  return { top, claimDelay, line, script, state, half };
}
