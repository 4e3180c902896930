import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

/** Hashing as it begins; and one instance that is set back to it each time: a new one costs as much as a short message's hash. */
const beginning = nobleSha256.create();
const hasher = nobleSha256.create();

/** SHA-256 of `bytes`, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hashParts([bytes]);
}

/**
 * `H(tag ‖ parts…)`: SHA-256 over a one-byte domain tag and the parts, unframed. Parts must be of
 * fixed width or carry their own length, so that no two structures share a preimage.
 *
 * @see docs/PROTOCOL.md section 2
 */
export function taggedHash(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return hashParts([Uint8Array.of(tag), ...parts]);
}

function hashParts(parts: readonly Uint8Array[]): Uint8Array {
  beginning._cloneInto(hasher);
  for (const part of parts) hasher.update(part);
  const digest = new Uint8Array(32);
  hasher.digestInto(digest);
  return digest;
}
