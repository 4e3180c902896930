import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { demand, refuse, type Verdict } from "../lib/verdict.ts";
import { type BlockHeader, readBlockHeader, writeBlockHeader } from "../protocol/blockHeader.ts";
import {
  CONDITION_BYTES_MIN,
  type Condition,
  readCondition,
  writeCondition,
} from "../protocol/condition.ts";
import {
  BLOCK_BYTES_MAX,
  BLOCK_TRANSACTIONS_MAX,
  POST_PROOF_BYTES_MAX,
  SCRIPT_BYTES_MAX,
  WITNESS_BYTES_MAX,
} from "../protocol/limits.ts";
import { readSignature, SIGNATURE_BYTES, writeSignature } from "../protocol/signature.ts";
import {
  type BlockTransaction,
  readBlockTransaction,
  TRANSACTION_BYTES_MIN,
  writeBlockTransaction,
} from "./transaction.ts";

/**
 * A sortition-block, with all that a checker without a database needs.
 *
 * - `signature`: the operator's over the header. - `rootsRoot`: 32 bytes, half of the state before.
 * - `postProofs`: for each root-update in order, the map proof of what stood at its key just before it.
 * - `witness`: the multi-proof against the state before, `encodeWitness`.
 * - `scripts`, `conditions`: each distinct one that a contract-new of this block names, but the constant true.
 *
 * @see docs/PROTOCOL.md section 4
 */
export type SortitionBlock = {
  readonly header: BlockHeader;
  readonly signature: Uint8Array;
  readonly transactions: readonly BlockTransaction[];
  readonly rootsRoot: Uint8Array;
  readonly postProofs: readonly Uint8Array[];
  readonly witness: Uint8Array;
  readonly scripts: readonly Uint8Array[];
  readonly conditions: readonly Condition[];
};

/** Encode: header, signature 65, transactions, roots root 32, post proofs, witness bytes, scripts, conditions (u16 counts). */
function writeBlock(writer: Writer, block: SortitionBlock): void {
  writeBlockHeader(writer, block.header);
  writeSignature(writer, block.signature);
  writer.list(block.transactions, BLOCK_TRANSACTIONS_MAX, writeBlockTransaction);
  writer.fixed(block.rootsRoot, 32);
  writer.list(block.postProofs, BLOCK_TRANSACTIONS_MAX, (each, proof) =>
    each.bytes(proof, POST_PROOF_BYTES_MAX),
  );
  writer.bytes(block.witness, WITNESS_BYTES_MAX);
  writer.list(block.scripts, BLOCK_TRANSACTIONS_MAX, (each, script) =>
    each.bytes(script, SCRIPT_BYTES_MAX),
  );
  writer.list(block.conditions, BLOCK_TRANSACTIONS_MAX, writeCondition);
}

function readBlock(reader: Reader): SortitionBlock {
  const header = readBlockHeader(reader);
  const signature = readSignature(reader);
  const transactions = reader.list(
    BLOCK_TRANSACTIONS_MAX,
    TRANSACTION_BYTES_MIN,
    readBlockTransaction,
  );
  demand(transactions.length > 0, "EMPTY_BLOCK", "expected at least one transaction");
  const rootsRoot = reader.fixed(32);
  const postProofs = reader.list(BLOCK_TRANSACTIONS_MAX, 4, (each) =>
    each.bytes(POST_PROOF_BYTES_MAX),
  );
  const witness = reader.bytes(WITNESS_BYTES_MAX);
  const scripts = reader.list(BLOCK_TRANSACTIONS_MAX, 4, (each) => each.bytes(SCRIPT_BYTES_MAX));
  const conditions = reader.list(BLOCK_TRANSACTIONS_MAX, CONDITION_BYTES_MIN, readCondition);
  return { header, signature, transactions, rootsRoot, postProofs, witness, scripts, conditions };
}

export function encodeBlock(block: SortitionBlock): Uint8Array {
  return encode((writer) => writeBlock(writer, block));
}

/** Whether a block that is laid out would be refused for its size alone, by `decodeBlock`. */
export function isBlockTooLong(block: Omit<SortitionBlock, "signature">): boolean {
  if (block.witness.length > WITNESS_BYTES_MAX) return true;
  const signature = new Uint8Array(SIGNATURE_BYTES);
  return encodeBlock({ ...block, signature }).length > BLOCK_BYTES_MAX;
}

/** Decode a block from a stranger; at most `BLOCK_BYTES_MAX` bytes. */
export function decodeBlock(bytes: Uint8Array): Verdict<SortitionBlock> {
  if (bytes.length > BLOCK_BYTES_MAX) {
    return refuse("TOO_LONG", `expected at most ${BLOCK_BYTES_MAX} bytes, got ${bytes.length}`);
  }
  return decode(bytes, readBlock);
}
