import type { AnchoredProof } from "../../blocks/anchoredProof.ts";
import type { Condition } from "../../protocol/condition.ts";
import type { SignedState } from "../../protocol/contractState.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import { type Claim, encodeClaimBody } from "./claim.ts";
import { hashLine } from "./line.ts";

/** All that an owner claims with. `script`: the leaf's own, needed where there is no state. */
export type ClaimTerms = {
  readonly chainId: Uint8Array;
  readonly leaf: Leaf;
  readonly proof: AnchoredProof;
  readonly conditions: readonly Condition[];
  readonly script: Uint8Array;
  readonly state: SignedState | undefined;
  readonly scriptSig: Uint8Array;
  readonly carrier: Uint8Array;
};

/** A claim without its signature, and the body that the owner signs as `signClaim`. */
export type ClaimDraft = { readonly claim: Omit<Claim, "signature">; readonly body: Uint8Array };

/** Lay out the first claim of a line. */
export function draftClaim(terms: ClaimTerms): ClaimDraft {
  const { chainId, proof, conditions, state, scriptSig, carrier } = terms;
  const script = state === undefined ? terms.script : new Uint8Array();
  return {
    claim: { chainId, line: [{ proof, conditions, script }], state, scriptSig },
    body: encodeClaimBody({
      chainId,
      lineHash: hashLine([terms.leaf]),
      stateNonce: state?.state.nonce ?? 0,
      scriptSig,
      carrier,
    }),
  };
}

/** Lay out a claim that only shows a standing line at an earlier place. */
export function draftImprovement(
  terms: Pick<ClaimTerms, "chainId" | "leaf" | "proof" | "conditions" | "carrier">,
): ClaimDraft {
  const nothing = new Uint8Array();
  return draftClaim({ ...terms, script: nothing, state: undefined, scriptSig: nothing });
}
