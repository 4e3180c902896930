import { compareRanks, verifyAnchoredProof } from "../../blocks/anchoredProof.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { isSignedState } from "../../protocol/contractState.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import { isSignedBy } from "../../protocol/rules.ts";
import { hashScript } from "../../protocol/script.ts";
import type { ChainRecord } from "../state/chainRecord.ts";
import { type Claim, encodeClaimBody, writeClaim } from "./claim.ts";
import { type ContractRun, runTerms } from "./contractRun.ts";
import { computeClaimDeposit, computeClaimFee, computeDepositShare } from "./deposits.ts";
import { computeClaimStart, coversPoint } from "./draw.ts";
import { computeResultKey, hashLine } from "./line.ts";
import { judgeConditions } from "./pathConditions.ts";
import { createOrder, findRisen } from "./resultOrder.ts";
import { MOVES_MAX, type ResultRecord, resultKeyOf, type ShownLeaf } from "./resultRecord.ts";
import { NO_EFFECT, type SettlementEffect } from "./settlementEffect.ts";
import {
  findChain,
  findPoint,
  findPost,
  isConditionTrue,
  type SettlementView,
} from "./settlementView.ts";

/**
 * Judge a claim carried by the account `carrier`, in a block at `view.height`: what it writes and what
 * it costs, or the rule it breaks. The chain applies the effect; a wallet calls this to rehearse.
 *
 * @see docs/PROTOCOL.md section 6
 */
export function judgeClaim(
  claim: Claim,
  carrier: Uint8Array,
  view: SettlementView,
): Verdict<SettlementEffect> {
  return judge(() => {
    const { parameters } = view.rules;
    const size = encode((writer) => writeClaim(writer, claim)).length;
    demand(
      size <= parameters.claimBytesMax,
      "TOO_LONG",
      `expected a claim of at most ${parameters.claimBytesMax} bytes, got ${size}`,
    );
    const chain = insist(findChain(view, claim.chainId));
    const point = insist(findPoint(view, chain));
    const shown = judgeLine(claim, chain, point, view);
    judgeOwner(claim, shown.leaf, carrier, view);
    const results = view.results(chain.id);
    const key = computeResultKey(chain.id, [shown.leaf]);
    const known = results.find((result) => equalBytes(resultKeyOf(result), key));
    return known === undefined
      ? writeResult(claim, carrier, chain, shown, results, view)
      : improveResult(claim, shown, known, results, view);
  });
}

/** The leaf at the end of the claim's line and its rank; refuses a line that does not win the point. */
function judgeLine(
  claim: Claim,
  chain: ChainRecord,
  point: bigint,
  view: SettlementView,
): ShownLeaf {
  const [{ proof, conditions }] = claim.line;
  const record = insist(findPost(view, chain, proof.sequence));
  const { cell, rank } = insist(verifyAnchoredProof(proof, chain, record));
  const { leaf, place } = cell;
  if (leaf.sealed) throw new Refusal("NOT_SERVED", "claims on sealed leaves are not served yet");
  demand(
    coversPoint(leaf, point),
    "POINT_NOT_COVERED",
    `expected a leaf over point ${point}, got [${leaf.lo}, ${leaf.hi})`,
  );
  insist(
    judgeConditions(place.conditions, conditions, (condition) =>
      isConditionTrue(view, chain, condition),
    ),
  );
  return { leaf, rank };
}

function judgeOwner(claim: Claim, leaf: Leaf, carrier: Uint8Array, view: SettlementView): void {
  const body = encodeClaimBody({
    chainId: claim.chainId,
    lineHash: hashLine([leaf]),
    stateNonce: claim.state?.state.nonce ?? 0,
    scriptSig: claim.scriptSig,
    carrier,
  });
  demand(
    isSignedBy(view.rules, "signClaim", body, claim.signature, leaf.owner),
    "BAD_SIGNATURE",
    "the claim is not signed by the contract's owner for this carrier",
  );
}

/** A first claim of a line. */
function writeResult(
  claim: Claim,
  carrier: Uint8Array,
  chain: ChainRecord,
  shown: ShownLeaf,
  results: readonly ResultRecord[],
  view: SettlementView,
): SettlementEffect {
  const { height } = view;
  const { deposit, fee } = priceClaim(chain, shown, results, view);
  const run = runClaimTerms(claim, shown.leaf, chain, view);
  const result: ResultRecord = {
    ...shown,
    chainId: chain.id,
    run,
    carrier,
    deposit,
    fee,
    writtenAt: height,
    changedAt: height,
    ownerMoves: MOVES_MAX,
    operatorMoves: MOVES_MAX,
    lastMoverAgainst: undefined,
    removal: undefined,
  };
  const risen = findRisen(results, [...results, result], result).map((each) => ({
    ...each,
    changedAt: height,
  }));
  return { ...NO_EFFECT, deposit, minerFee: fee, put: [result, ...risen] };
}

/**
 * What a new result costs. In the claim window the ordinary price; after it only a successor that a
 * removal has shown may come, within its time, for twice what the removed result paid.
 */
function priceClaim(
  chain: ChainRecord,
  shown: ShownLeaf,
  results: readonly ResultRecord[],
  view: SettlementView,
): { deposit: bigint; fee: bigint } {
  const { parameters } = view.rules;
  const end = computeClaimStart(chain.expiry, parameters) + chain.claimDelay;
  if (view.height < end) {
    const netPrize = chain.amount - computeDepositShare(chain.amount, chain.depositBps);
    const above = countAbove(results, [...results, shown], shown);
    return {
      deposit: computeClaimDeposit(netPrize, parameters),
      fee: computeClaimFee(above, parameters),
    };
  }
  const key = computeResultKey(chain.id, [shown.leaf]);
  const [removed] = results
    .filter(({ removal }) => removal !== undefined && view.height <= removal.openTo)
    .filter(({ removal }) => {
      const leaf = removal?.successor?.leaf;
      return leaf !== undefined && equalBytes(computeResultKey(chain.id, [leaf]), key);
    })
    .toSorted((a, b) => (a.deposit < b.deposit ? -1 : a.deposit > b.deposit ? 1 : 0));
  if (removed === undefined) {
    throw new Refusal("TOO_LATE", `expected a claim below height ${end}, got ${view.height}`);
  }
  return { deposit: 2n * removed.deposit, fee: 2n * removed.fee };
}

function runClaimTerms(
  claim: Claim,
  leaf: Leaf,
  chain: ChainRecord,
  view: SettlementView,
): ContractRun {
  const [{ script }] = claim.line;
  const { state: signed, scriptSig } = claim;
  if (signed === undefined) {
    demand(
      equalBytes(hashScript(script), leaf.scriptHash),
      "OTHER_SCRIPT",
      "the script shown is not the leaf's",
    );
    return runTerms(0, script, scriptSig);
  }
  demand(script.length === 0, "NOT_EMPTY", "expected no script of the leaf beside a state");
  insist(judgeState(signed, leaf, chain, view));
  return runTerms(signed.state.nonce, signed.state.script, scriptSig);
}

/** Whether a state is of this contract and signed by its owner and its chain's operator. */
export function judgeState(
  signed: NonNullable<Claim["state"]>,
  leaf: Leaf,
  chain: ChainRecord,
  view: SettlementView,
): Verdict<null> {
  return judge(() => {
    const { state } = signed;
    demand(equalBytes(state.contractId, leaf.id), "OTHER_CONTRACT", "a state of another contract");
    demand(state.nonce > 0, "NONCE_ZERO", "expected a state nonce from 1");
    demand(
      isSignedState(view.rules, signed, leaf.owner, chain.operator),
      "BAD_SIGNATURE",
      "the state is not signed by both owner and operator",
    );
    return null;
  });
}

/** The same line again: only to show it at an earlier place. Its order counts as changed if it passes another. */
function improveResult(
  claim: Claim,
  shown: ShownLeaf,
  known: ResultRecord,
  results: readonly ResultRecord[],
  view: SettlementView,
): SettlementEffect {
  demand(known.removal === undefined, "REMOVED", "a close has removed this line for good");
  demand(
    compareRanks(shown.rank, known.rank) < 0,
    "NOT_EARLIER",
    "the line stands already, shown at this place or an earlier one",
  );
  const [{ script }] = claim.line;
  demand(
    claim.state === undefined && claim.scriptSig.length === 0 && script.length === 0,
    "NOT_EMPTY",
    "expected no state, script or evidence in a claim that improves a rank",
  );
  const others = results.filter((result) => result !== known);
  const improved = { ...known, rank: shown.rank };
  const after = [...others, improved];
  const risen = findRisen(results, after, improved);
  const put = after
    .filter((result) => result === improved || risen.includes(result))
    .map((result) => (risen.includes(result) ? { ...result, changedAt: view.height } : result));
  const fee = computeClaimFee(countAbove(others, after, improved), view.rules.parameters);
  return { ...NO_EFFECT, minerFee: fee, put };
}

/** How many of the standing `results` outrank `own`, in the order that `shown` makes. */
function countAbove(
  results: readonly ResultRecord[],
  shown: readonly ShownLeaf[],
  own: ShownLeaf,
): number {
  const outranks = createOrder(shown);
  return results.filter((result) => result.removal === undefined && outranks(result, own)).length;
}
