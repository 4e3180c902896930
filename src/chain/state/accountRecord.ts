import { encode, type Reader, type Writer } from "../../lib/codec.ts";

/** An account in the main chain's `accounts` map: satoshi, and the nonce of its last transaction (0 before the first). */
export type AccountRecord = { readonly balance: bigint; readonly nonce: number };

/** What an account is before it is first written. */
export const EMPTY_ACCOUNT: AccountRecord = { balance: 0n, nonce: 0 };

/** Encode: balance u64, nonce u32. */
export function writeAccountRecord(writer: Writer, record: AccountRecord): void {
  writer.u64(record.balance).u32(record.nonce);
}

export function readAccountRecord(reader: Reader): AccountRecord {
  return { balance: reader.u64(), nonce: reader.u32() };
}

export function encodeAccountRecord(record: AccountRecord): Uint8Array {
  return encode((writer) => writeAccountRecord(writer, record));
}
