import { computeDigest, computePublicKey, signDigest } from "../protocol/signature.ts";
import type { Signer } from "./ports.ts";

/** A signer whose key lies in this program's memory: for programs that run by themselves. */
export function createLocalSigner(privateKey: Uint8Array, networkId: Uint8Array): Signer {
  return {
    publicKey: computePublicKey(privateKey),
    sign: async (tag, body) => signDigest(computeDigest(tag, networkId, body), privateKey),
  };
}
