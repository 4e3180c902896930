import { computeNetworkId, type NetworkParameters } from "./network.ts";
import { computeDigest, type Verify, verifySignature } from "./signature.ts";
import type { SignatureTag } from "./tags.ts";

/**
 * What every check of the protocol depends on beside its input: the network, and which
 * implementation of the one signature predicate runs here.
 */
export type Rules = {
  readonly parameters: NetworkParameters;
  /** 32 bytes; commits to every parameter. */
  readonly networkId: Uint8Array;
  readonly verify: Verify;
};

/** The rules of a network, with the reference signature check unless another is given. */
export function createRules(
  parameters: NetworkParameters,
  verify: Verify = verifySignature,
): Rules {
  return { parameters, networkId: computeNetworkId(parameters), verify };
}

/** Whether `signature` is by `publicKey` over `body`, for the purpose `tag`, on this network. */
export function isSignedBy(
  rules: Rules,
  tag: SignatureTag,
  body: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  return rules.verify(signature, computeDigest(tag, rules.networkId, body), publicKey);
}
