import type { Reader, Writer } from "../../lib/codec.ts";

/** A `sortition-timeout` transaction: end this chain by what stands. Anyone may send it. @see docs/PROTOCOL.md section 6 */
export type Timeout = { readonly chainId: Uint8Array };

/** Encode: chain id 32. */
export function writeTimeout(writer: Writer, timeout: Timeout): void {
  writer.fixed(timeout.chainId, 32);
}

export function readTimeout(reader: Reader): Timeout {
  return { chainId: reader.fixed(32) };
}
