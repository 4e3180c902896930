import { assert } from "../../lib/assert.ts";
import { concatBytes } from "../../lib/bytes.ts";
import { sha256 } from "../../lib/hash.ts";
import { encodeHeader, type Header } from "./header.ts";
import type { HeaderRules } from "./networkRules.ts";

/** First nonce bytes that today's form of the work leaves out: free to change, so our networks want zeros. */
export const UNCOVERED_NONCE_BYTES = 9;

/** How work is made and counted: "old" below fork 2, "new" from it on. */
export type WorkForm = "old" | "new";

export function getWorkForm(height: number, rules: Pick<HeaderRules, "fork2Height">): WorkForm {
  return height < rules.fork2Height ? "old" : "new";
}

/** The 32-byte mining hash: over the header with a nonce of zeros. */
export function computeMiningHash(header: Header): Uint8Array {
  return sha256(encodeHeader({ ...header, nonce: new Uint8Array(32) }));
}

/** The last hash of the work check, 32 bytes: what must be small enough, and what the draw reads. */
export function proofOfWorkHash(
  header: Header,
  rules: Pick<HeaderRules, "fork2Height">,
): Uint8Array {
  return sha256(computePreimage(header, getWorkForm(header.height, rules)));
}

/**
 * The value of a work hash in sci notation: 256 for each leading zero bit, plus a fraction from the 8
 * bits after the first one bit (old form: half as much, plus 128). Past the 256th bit ones follow.
 *
 * @see AMOVEO.md section 2
 */
export function computeWorkValue(hash: Uint8Array, form: WorkForm): number {
  const first = hash.findIndex((byte) => byte !== 0);
  const index = first === -1 ? hash.length : first;
  const leading = hash[index] ?? 0xff;
  const next = hash[index + 1] ?? 0xff;
  const zeros = Math.clz32(leading) - 24;
  const fraction = (((leading << 8) | next) >> (7 - zeros)) & 0xff;
  const whole = 256 * (8 * index + zeros);
  return form === "new" ? whole + fraction : whole + 128 + (fraction >> 1);
}

/** Whether the header's work is above its own difficulty. Strictly: equal is not enough. */
export function hasWork(header: Header, rules: Pick<HeaderRules, "fork2Height">): boolean {
  const value = computeWorkValue(proofOfWorkHash(header, rules), getWorkForm(header.height, rules));
  return value > header.difficulty;
}

/**
 * Try `tries` nonces from `startNonce` on, each an unsigned integer of 23 bytes after 9 zero bytes.
 *
 * @returns The header with the first nonce that has enough work, or undefined if none has.
 */
export function mineHeader(
  header: Header,
  startNonce: bigint,
  tries: number,
  rules: Pick<HeaderRules, "fork2Height">,
): Header | undefined {
  assert(startNonce >= 0n, `a nonce of ${startNonce}`);
  const form = getWorkForm(header.height, rules);
  const nonce = encodeNonce(startNonce);
  // The nonce ends the preimage in both forms, so only its last bytes change from try to try.
  const preimage = computePreimage({ ...header, nonce }, form);
  for (let tried = 0; tried < tries; tried++) {
    if (computeWorkValue(sha256(preimage), form) > header.difficulty) {
      nonce.set(preimage.subarray(-23), UNCOVERED_NONCE_BYTES);
      return { ...header, nonce };
    }
    increment(preimage.subarray(-23));
  }
  return undefined;
}

function computePreimage(header: Header, form: WorkForm): Uint8Array {
  const work = sha256(computeMiningHash(header));
  if (form === "new") return concatBytes(work, header.nonce.subarray(UNCOVERED_NONCE_BYTES));
  const difficulty = Uint8Array.of(header.difficulty >> 8, header.difficulty & 0xff);
  return concatBytes(work, difficulty, header.nonce);
}

function encodeNonce(value: bigint): Uint8Array {
  const nonce = new Uint8Array(32);
  let rest = value;
  for (let i = 31; i >= UNCOVERED_NONCE_BYTES; i--) {
    nonce[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  assert(rest === 0n, `a nonce of more than 23 bytes: ${value}`);
  return nonce;
}

/** Add one to a big-endian integer in place; the last one is followed by zero. */
function increment(bytes: Uint8Array): void {
  for (let i = bytes.length - 1; i >= 0; i--) {
    const byte = ((bytes[i] as number) + 1) & 0xff;
    bytes[i] = byte;
    if (byte !== 0) return;
  }
}
