import { _SHA256 } from "@noble/hashes/sha2.js";

const BLOCK_BYTES = 64;
/** Bytes after a message: one that ends it, and its length in bits. */
const PADDING_BYTES_MIN = 1 + 8;
/** Messages that are laid out whole before they are hashed; nearly all are a few blocks long. */
const WHOLE_BYTES_MAX = 8 * 1024 - PADDING_BYTES_MIN;

/**
 * Noble's SHA-256 for short messages, which are most of what is hashed: parts are laid out one after another, with the padding, where the
 * compression function reads them. Nothing is made for a hash but its digest.
 */
class ShortHasher extends _SHA256 {
  readonly #message = new Uint8Array(WHOLE_BYTES_MAX + PADDING_BYTES_MIN);
  readonly #words = new DataView(this.#message.buffer);
  readonly #beginning = this.get();

  /** @param parts - together at most `WHOLE_BYTES_MAX` bytes. */
  hash(parts: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const part of parts) {
      this.#message.set(part, length);
      length += part.length;
    }
    const end = Math.ceil((length + PADDING_BYTES_MIN) / BLOCK_BYTES) * BLOCK_BYTES;
    this.#message.fill(0, length, end);
    this.#message[length] = 0x80;
    this.#words.setUint32(end - 4, 8 * length);
    this.set(...this.#beginning);
    for (let at = 0; at < end; at += BLOCK_BYTES) this.process(this.#words, at);
    this.#words.setUint32(0, this.A);
    this.#words.setUint32(4, this.B);
    this.#words.setUint32(8, this.C);
    this.#words.setUint32(12, this.D);
    this.#words.setUint32(16, this.E);
    this.#words.setUint32(20, this.F);
    this.#words.setUint32(24, this.G);
    this.#words.setUint32(28, this.H);
    return this.#message.slice(0, 32);
  }
}

const short = new ShortHasher();

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
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length <= WHOLE_BYTES_MAX) return short.hash(parts);
  const hasher = new _SHA256();
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}
