import type { SignedState } from "../../protocol/contractState.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import { hashScript } from "../../protocol/script.ts";
import { computeResultKey } from "./line.ts";
import { encodeMoveBody, type Move, type Side } from "./slash.ts";

/** What a side shows for or against a result: newer terms, or newer evidence for the standing ones. */
export type MoveTerms = {
  readonly chainId: Uint8Array;
  /** Leaves of the result's line, top first. */
  readonly leaves: readonly Leaf[];
  readonly side: Side;
  readonly terms:
    | { readonly kind: "state"; readonly state: SignedState }
    | { readonly kind: "standing"; readonly stateNonce: number; readonly script: Uint8Array };
  readonly scriptSig: Uint8Array;
  readonly carrier: Uint8Array;
};

/** A move without its signature, and the body that the side served signs as `signMove`. */
export type MoveDraft = { readonly move: Omit<Move, "signature">; readonly body: Uint8Array };

/** Lay out a move. */
export function draftMove({
  chainId,
  leaves,
  side,
  terms,
  scriptSig,
  carrier,
}: MoveTerms): MoveDraft {
  const resultKey = computeResultKey(chainId, leaves);
  const state = terms.kind === "state" ? terms.state : undefined;
  const script = terms.kind === "state" ? terms.state.state.script : terms.script;
  return {
    move: {
      kind: "move",
      chainId,
      resultKey,
      side,
      state,
      script: state === undefined ? script : new Uint8Array(),
      scriptSig,
    },
    body: encodeMoveBody({
      resultKey,
      side,
      stateNonce: terms.kind === "state" ? terms.state.state.nonce : terms.stateNonce,
      scriptHash: hashScript(script),
      scriptSig,
      carrier,
    }),
  };
}
