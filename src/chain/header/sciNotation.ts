import { assert } from "../../lib/assert.ts";

/**
 * The expected number of hashes that a difficulty stands for: with `sci = 256 * a + b`, `2^a * (256 + b)
 * div 256`.
 *
 * @see AMOVEO.md section 2
 */
export function sciToInteger(sci: number): bigint {
  return ((1n << BigInt(sci >> 8)) * BigInt(256 + (sci & 0xff))) / 256n;
}

/** The sci notation of an integer of at least 1: its highest bit and the 8 below it; the rest is dropped. */
export function integerToSci(integer: bigint): number {
  assert(integer >= 1n, `no sci notation for ${integer}`);
  const exponent = integer.toString(2).length - 1;
  return 256 * exponent + Number((integer * 256n) >> BigInt(exponent)) - 256;
}
