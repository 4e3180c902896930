import type { AnchoredProof } from "../../blocks/anchoredProof.ts";
import { encode } from "../../lib/codec.ts";
import { sha256 } from "../../lib/hash.ts";
import type { Condition } from "../../protocol/condition.ts";
import type { SignedState } from "../../protocol/contractState.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import { type Claim, writeClaimBody } from "./claim.ts";
import { hashLine } from "./line.ts";

/** One level of a line as it is claimed: its leaf, and what proves it. */
export type ClaimLevel = {
  readonly leaf: Leaf;
  readonly proof: AnchoredProof;
  readonly conditions: readonly Condition[];
};

/** All that an owner claims with. `line`: top first. `script`: the last leaf's own, needed where there is no state. */
export type ClaimTerms = {
  readonly chainId: Uint8Array;
  readonly line: readonly ClaimLevel[];
  readonly script: Uint8Array;
  readonly state: SignedState | undefined;
  readonly scriptSig: Uint8Array;
  readonly carrier: Uint8Array;
};

/** A claim without its signature, and the body that the owner signs as `signClaim`. */
export type ClaimDraft = { readonly claim: Omit<Claim, "signature">; readonly body: Uint8Array };

/** Lay out the first claim of a line. A sealed leaf at its end is claimed with no terms at all. */
export function draftClaim(terms: ClaimTerms): ClaimDraft {
  const { chainId, line, carrier } = terms;
  const isSealed = line.at(-1)?.leaf.sealed ?? false;
  const state = isSealed ? undefined : terms.state;
  const script = isSealed || state !== undefined ? new Uint8Array() : terms.script;
  const scriptSig = isSealed ? new Uint8Array() : terms.scriptSig;
  return {
    claim: {
      chainId,
      line: line.map(({ proof, conditions }) => ({ proof, conditions })),
      script,
      state,
      scriptSig,
    },
    body: encode((writer) =>
      writeClaimBody(writer, {
        chainId,
        lineHash: hashLine(line.map(({ leaf }) => leaf)),
        stateNonce: state?.state.nonce ?? 0,
        scriptSigHash: sha256(scriptSig),
        carrier,
      }),
    ),
  };
}

/** Lay out a claim that only shows a line that is there already at an earlier place. */
export function draftImprovement(
  terms: Pick<ClaimTerms, "chainId" | "line" | "carrier">,
): ClaimDraft {
  const nothing = new Uint8Array();
  return draftClaim({ ...terms, script: nothing, state: undefined, scriptSig: nothing });
}
