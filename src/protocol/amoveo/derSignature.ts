import { secp256k1 } from "@noble/curves/secp256k1.js";
import { equalBytes } from "../../lib/bytes.ts";

/**
 * Sign a 32-byte digest (`hashTerm`) as Amoveo's light node does: ECDSA in DER, the nonce of RFC
 * 6979, and s as it comes out, high or low. AMOVEO.md section 5 speaks of low s, but the vector
 * `multi` of `keys.json` has a high one, and vectors settle any doubt. Nothing in our protocol rests
 * on it: our own signatures (`signDigest`) have low s only.
 *
 * @see tests/vectors/README.md
 */
export function signDer(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return secp256k1.sign(digest, privateKey, { prehash: false, lowS: false, format: "der" });
}

/**
 * Whether a DER signature over the 32-byte `digest` is by the 33-byte `publicKey`. High s is taken,
 * as Amoveo's nodes take it; DER must be the only one for its r and s. Never throws.
 */
export function verifyDer(
  signature: Uint8Array,
  digest: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  try {
    const parsed = secp256k1.Signature.fromBytes(signature, "der");
    if (!equalBytes(parsed.toBytes("der"), signature)) return false;
    return secp256k1.verify(signature, digest, publicKey, {
      prehash: false,
      lowS: false,
      format: "der",
    });
  } catch {
    // Noble throws on bytes that are not DER, on r or s out of range, and on a key off the curve.
    return false;
  }
}
