import { secp256k1 } from "@noble/curves/secp256k1.js";
import { formatBase64, parseBase64 } from "../../lib/base64.ts";
import { sha256 } from "../../lib/hash.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";

/** Bytes of Amoveo's own form of a public key: SEC1 uncompressed, `04 ‖ X ‖ Y`. */
const UNCOMPRESSED_BYTES = 65;

/**
 * The address of a 33-byte compressed public key: the base64 of its uncompressed form. It has no
 * checksum.
 *
 * @see AMOVEO.md section 5
 */
export function computeAddress(publicKey: Uint8Array): string {
  return formatBase64(uncompress(publicKey));
}

/** The 33-byte compressed public key behind an address, or why the text is not one. */
export function parseAddress(address: string): Verdict<Uint8Array> {
  const bytes = parseBase64(address);
  if (bytes?.length !== UNCOMPRESSED_BYTES) {
    return refuse("NOT_AN_ADDRESS", `expected the base64 of ${UNCOMPRESSED_BYTES} bytes`);
  }
  try {
    return accept(secp256k1.Point.fromBytes(bytes).toBytes(true));
  } catch {
    // Noble throws on a wrong first byte and on coordinates that are not on the curve.
    return refuse("NOT_AN_ADDRESS", "the bytes are not a point of the curve");
  }
}

/** Amoveo's own key of an account in its trees: SHA-256 of the uncompressed key. Ours is `computeAccountKey`. */
export function computeAmoveoAccountKey(publicKey: Uint8Array): Uint8Array {
  return sha256(uncompress(publicKey));
}

function uncompress(publicKey: Uint8Array): Uint8Array {
  return secp256k1.Point.fromBytes(publicKey).toBytes(false);
}
