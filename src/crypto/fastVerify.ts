// By its own file: the package as a whole waits, while it loads, for much that is not needed here.
import { instantiateSecp256k1 } from "@bitauth/libauth/build/lib/crypto/secp256k1.js";
import { equalBytes } from "../lib/bytes.ts";
import {
  computePublicKey,
  SIGNATURE_BYTES,
  signDigest,
  type Verify,
  verifySignature,
} from "../protocol/signature.ts";

const COMPACT_BYTES = 64;
const DIGEST_BYTES = 32;
const PUBLIC_KEY_BYTES = 33;
/** Half of the order of the group, rounded down: the largest `s` that is low. */
const LARGEST_LOW_S = Uint8Array.from(
  "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0".match(/../g) ?? [],
  (digits) => Number.parseInt(digits, 16),
);

/**
 * The strict predicate of `protocol/signature.ts`, by libsecp256k1 in WebAssembly: several times as fast as the reference, and the
 * same answer on every input. Throws where WebAssembly is not to be had, or where it disagrees with the reference on what is
 * asked of both at the start.
 */
export async function loadFastVerify(): Promise<Verify> {
  const { recoverPublicKeyCompressed } = await instantiateSecp256k1();
  const verify: Verify = (signature, digest, publicKey) => {
    if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_KEY_BYTES) return false;
    const parity = signature[COMPACT_BYTES] as number;
    // The library takes a high s, and cuts or fills up what has another length.
    if (parity > 1 || digest.length !== DIGEST_BYTES || !isLow(signature)) return false;
    const compact = signature.subarray(0, COMPACT_BYTES);
    const recovered = recoverPublicKeyCompressed(compact, parity as 0 | 1, digest);
    return typeof recovered !== "string" && equalBytes(recovered, publicKey);
  };
  if (!agrees(verify)) throw new Error("the fast signature check disagrees with the reference");
  return verify;
}

/** Whether the `s` of a signature is at most half of the group's order. */
function isLow(signature: Uint8Array): boolean {
  for (let at = 0; at < LARGEST_LOW_S.length; at++) {
    const difference =
      (signature[LARGEST_LOW_S.length + at] as number) - (LARGEST_LOW_S[at] as number);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** A signature that holds, and the same with each of its parts changed. */
function agrees(verify: Verify): boolean {
  const privateKey = new Uint8Array(DIGEST_BYTES).fill(1);
  const digest = new Uint8Array(DIGEST_BYTES).fill(2);
  const publicKey = computePublicKey(privateKey);
  const signature = signDigest(digest, privateKey);
  const changed = [0, LARGEST_LOW_S.length, COMPACT_BYTES].map((at) =>
    signature.map((byte, index) => (index === at ? byte ^ 1 : byte)),
  );
  return [signature, ...changed].every(
    (each) => verify(each, digest, publicKey) === verifySignature(each, digest, publicKey),
  );
}
