import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { insist, type Verdict } from "../lib/verdict.ts";
import { type Header, readHeader, writeHeader } from "./header/header.ts";
import { decodeTransaction, encodeTransaction, type SignedTransaction } from "./transaction.ts";
import { hashTxs } from "./txsHash.ts";

/**
 * A main-chain block: header, who is paid for it (33 bytes), and the transactions in order. The
 * header's `txsProofHash` is the list root over miner and transactions, its `treesHash` the state after.
 *
 * @see docs/PROTOCOL.md section 6
 */
export type MainBlock = {
  readonly header: Header;
  readonly miner: Uint8Array;
  readonly transactions: readonly SignedTransaction[];
};

/** Fewest bytes of an encoded transaction with its length: the existence of a secret of one byte. */
const TRANSACTION_BYTES_MIN = 4 + 33 + 4 + 8 + 1 + (1 + 4 + 1) + 65;
/** Most transactions of a block: as many of the shortest as fit a block of 1 MiB. */
export const TRANSACTIONS_MAX = Math.floor((1024 * 1024) / TRANSACTION_BYTES_MIN);

/** Encode: header 143, miner 33, transactions (u16 count, each with a u32 length). */
function writeMainBlock(writer: Writer, block: MainBlock, bytesMax: number): void {
  writeHeader(writer, block.header);
  writer.fixed(block.miner, 33);
  writer.list(block.transactions, TRANSACTIONS_MAX, (each, transaction) =>
    each.bytes(encodeTransaction(transaction), bytesMax),
  );
}

function readMainBlock(reader: Reader, bytesMax: number): MainBlock {
  const header = readHeader(reader);
  const miner = reader.fixed(33);
  const transactions = reader.list(TRANSACTIONS_MAX, TRANSACTION_BYTES_MIN, (each) =>
    insist(decodeTransaction(each.bytes(bytesMax))),
  );
  return { header, miner, transactions };
}

/** `bytesMax`: the network's `blockBytesMax`. */
export function encodeMainBlock(block: MainBlock, bytesMax: number): Uint8Array {
  return encode((writer) => writeMainBlock(writer, block, bytesMax));
}

export function decodeMainBlock(bytes: Uint8Array, bytesMax: number): Verdict<MainBlock> {
  if (bytes.length > bytesMax) {
    const message = `expected a block of at most ${bytesMax} bytes, got ${bytes.length}`;
    return { ok: false, code: "TOO_LONG", message };
  }
  return decode(bytes, (reader) => readMainBlock(reader, bytesMax));
}

/** What a header's `txsProofHash` must be. */
export function computeTxsHash({ miner, transactions }: Omit<MainBlock, "header">): Uint8Array {
  return hashTxs(miner, transactions.map(encodeTransaction));
}
