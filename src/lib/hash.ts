import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

/** SHA-256 of `bytes`, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/**
 * `H(tag ‖ parts…)`: SHA-256 over a one-byte domain tag and the parts, unframed. Parts must be of
 * fixed width or carry their own length, so that no two structures share a preimage.
 *
 * @see docs/PROTOCOL.md section 2
 */
export function taggedHash(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const hasher = nobleSha256.create().update(Uint8Array.of(tag));
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}
