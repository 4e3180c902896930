import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

/** Hashing as it begins; and one instance that is set back to it each time: a new one costs as much as a short message's hash. */
const beginning = nobleSha256.create();
const hasher = nobleSha256.create();

/** SHA-256 of `bytes`, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return finish(beginning._cloneInto(hasher).update(bytes));
}

/**
 * `H(tag ‖ parts…)`: SHA-256 over a one-byte domain tag and the parts, unframed. Parts must be of
 * fixed width or carry their own length, so that no two structures share a preimage.
 *
 * @see docs/PROTOCOL.md section 2
 */
export function taggedHash(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  beginning._cloneInto(hasher).update(Uint8Array.of(tag));
  for (const part of parts) hasher.update(part);
  return finish(hasher);
}

function finish(of: typeof hasher): Uint8Array {
  const digest = new Uint8Array(32);
  of.digestInto(digest);
  return digest;
}
