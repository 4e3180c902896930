import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concatBytes, equalBytes } from "../lib/bytes.ts";
import type { Reader, Writer } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { type SignatureTag, TAGS } from "./tags.ts";

/** Bytes of every protocol signature: `r ‖ s ‖ parity of R`. */
export const SIGNATURE_BYTES = 65;

/** Bytes of every public key inside the protocol: SEC1 compressed. */
const PUBLIC_KEY_BYTES = 33;

const DIGEST_BYTES = 32;

/**
 * The strict predicate: `signature` over the 32-byte `digest` is by `publicKey`. Never throws. One
 * implementation is the reference (`verifySignature`); faster ones (`src/crypto`) agree with it on every input.
 */
export type Verify = (signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array) => boolean;

/** The 32-byte digest that a signature of one purpose on one network covers: `H(tag ‖ network id ‖ body)`. */
export function computeDigest(
  tag: SignatureTag,
  networkId: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  return taggedHash(TAGS[tag], networkId, body);
}

/** Sign a digest: RFC 6979, low s, with the parity of R. `privateKey` is 32 bytes. */
export function signDigest(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
  const recovered = secp256k1.sign(digest, privateKey, {
    prehash: false,
    lowS: true,
    format: "recovered",
  });
  return concatBytes(recovered.subarray(1), recovered.subarray(0, 1));
}

/**
 * The reference predicate, by noble: 65 bytes, r and s in range, s low, parity 0 or 1 (so R.x is
 * below the group order), and the recovered key is the signer's.
 *
 * @see docs/PROTOCOL.md section 2
 */
export function verifySignature(
  signature: Uint8Array,
  digest: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return false;
  if (digest.length !== DIGEST_BYTES) return false;
  const parity = signature[64] as number;
  if (parity > 1) return false;
  try {
    const parsed = secp256k1.Signature.fromBytes(signature.subarray(0, 64), "compact");
    if (parsed.hasHighS()) return false;
    const recovered = parsed.addRecoveryBit(parity).recoverPublicKey(digest);
    return equalBytes(recovered.toBytes(true), publicKey);
  } catch {
    // Noble throws on r or s out of range and on an R that is not on the curve: no such signature.
    return false;
  }
}

export function writeSignature(writer: Writer, signature: Uint8Array): void {
  writer.fixed(signature, SIGNATURE_BYTES);
}

export function readSignature(reader: Reader): Uint8Array {
  return reader.fixed(SIGNATURE_BYTES);
}

/** The 33-byte compressed public key of a 32-byte private key. */
export function computePublicKey(privateKey: Uint8Array): Uint8Array {
  return secp256k1.getPublicKey(privateKey, true);
}
