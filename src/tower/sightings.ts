import { triggerOfContract, triggerOfTerms } from "../api/towerEvidence.ts";
import type { Claim } from "../chain/settlement/claim.ts";
import { computeResultKey } from "../chain/settlement/line.ts";
import { type ResultRecord, resultKeyOf } from "../chain/settlement/resultRecord.ts";
import { leavesOf } from "../chain/settlement/shownLine.ts";
import type { Move } from "../chain/settlement/slash.ts";
import type { ChainRecord } from "../chain/state/chainRecord.ts";
import { insist } from "../lib/verdict.ts";
import type { SignedState } from "../protocol/contractState.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { hashScript } from "../protocol/script.ts";
import { verifyProof } from "../space/proof.ts";

/** That the main chain shows a trigger, 32 bytes, in a result of an on-chain chain. */
export type Sighting = {
  readonly trigger: Uint8Array;
  readonly chainId: Uint8Array;
  readonly resultKey: Uint8Array;
};

/**
 * What a claim shows that a block took: every contract on its line, and the terms at its end.
 *
 * @param chain - the on-chain chain that it was claimed in.
 */
export function sightingsOfClaim(
  claim: Claim,
  chain: Pick<ChainRecord, "id" | "lo" | "hi">,
): Sighting[] {
  const leaves: Leaf[] = [];
  for (const { proof } of claim.line) {
    const { lo, hi } = leaves.at(-1) ?? chain;
    // The block was mined, so the path leads to its root: only what is on it is looked for.
    leaves.push(insist(verifyProof(() => true, lo, hi, proof.path)).leaf);
  }
  const resultKey = computeResultKey(chain.id, leaves);
  const triggers = leaves.map(triggerOfContract);
  const { state, script } = claim;
  if (state !== undefined) triggers.push(...triggersOfState(resultKey, state));
  else if (script.length > 0) {
    const terms = { stateNonce: 0, scriptHash: hashScript(script) };
    triggers.push(triggerOfTerms(resultKey, terms, undefined));
  }
  return triggers.map((trigger) => ({ trigger, chainId: chain.id, resultKey }));
}

/** What a move shows that a block took. */
export function sightingsOfMove({ chainId, resultKey, state }: Move): Sighting[] {
  if (state === undefined) return [];
  return triggersOfState(resultKey, state).map((trigger) => ({ trigger, chainId, resultKey }));
}

/** The contracts on the line of a result that came with its chain from the one that it was won in. */
export function sightingsOfResult(result: ResultRecord): Sighting[] {
  const resultKey = resultKeyOf(result);
  const { chainId, line } = result;
  return leavesOf(line).map((leaf) => ({ trigger: triggerOfContract(leaf), chainId, resultKey }));
}

function triggersOfState(
  resultKey: Uint8Array,
  { state, ownerSignature, operatorSignature }: SignedState,
): Uint8Array[] {
  const terms = { stateNonce: state.nonce, scriptHash: hashScript(state.script) };
  return [ownerSignature, operatorSignature].map((signature) =>
    triggerOfTerms(resultKey, terms, signature),
  );
}
