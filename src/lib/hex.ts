import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

/** Lower-case hex of bytes, for JSON, map keys and people. */
export function formatHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** Bytes of a hex text of even length. Throws `RangeError` or `Error` on anything else: for our own constants and tests. */
export function parseHex(text: string): Uint8Array {
  return hexToBytes(text);
}
