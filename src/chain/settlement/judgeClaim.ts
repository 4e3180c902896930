import { descend } from "../../blocks/lineage.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { sha256 } from "../../lib/hash.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { formatRange, formatVeo } from "../../protocol/amountWords.ts";
import { isSignedState } from "../../protocol/contractState.ts";
import { LINE_MAX } from "../../protocol/limits.ts";
import { isSignedBy } from "../../protocol/rules.ts";
import { hashScript } from "../../protocol/script.ts";
import { type ChainRecord, lineageOf } from "../state/chainRecord.ts";
import { type Claim, writeClaim, writeClaimBody } from "./claim.ts";
import { claimAgain, demandNoTerms } from "./claimAgain.ts";
import { type ContractRun, runTerms, SEALED_RUN } from "./contractRun.ts";
import { computeClaimDeposit, computeClaimFee, countAbove } from "./deposits.ts";
import { coversPoint } from "./draw.ts";
import { computeResultKey, hashLine } from "./line.ts";
import { judgeConditions } from "./pathConditions.ts";
import { isTouchedBy } from "./removal.ts";
import { findRisen } from "./resultOrder.ts";
import {
  linesOf,
  MOVES_MAX,
  type ResultRecord,
  resultKeyOf,
  successorLine,
} from "./resultRecord.ts";
import { NO_EFFECT, type SettlementEffect } from "./settlementEffect.ts";
import {
  findChain,
  findClaimStart,
  findPoint,
  isConditionTrue,
  type SettlementView,
} from "./settlementView.ts";
import { showLevel } from "./showLevel.ts";
import {
  goesThrough,
  lastLeaf,
  leavesOf,
  operatorOf,
  type ShownLeaf,
  type ShownLine,
  sharesOn,
} from "./shownLine.ts";
import { splitPrize } from "./splitPrize.ts";

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
    const line = judgeLine(claim, chain, point, view);
    judgeOwner(claim, line, carrier, view);
    const results = view.results(chain.id);
    const key = computeResultKey(chain.id, leavesOf(line));
    const known = results.find((result) => equalBytes(resultKeyOf(result), key));
    if (known === undefined) return writeResult(claim, carrier, chain, line, results, view);
    return claimAgain(claim, carrier, line, known, results, view);
  });
}

/** The leaves of the claim's line with their ranks; refuses a line that does not win the point. */
function judgeLine(
  claim: Claim,
  chain: ChainRecord,
  point: bigint,
  view: SettlementView,
): ShownLine {
  let lineage = lineageOf(chain);
  const depth = lineage.length - 1 + claim.line.length;
  demand(depth <= LINE_MAX, "TOO_DEEP", `expected at most ${LINE_MAX} levels, got ${depth}`);
  const shown = claim.line.map(({ proof, conditions }, level): ShownLeaf => {
    const { cell, rank } = insist(showLevel(proof, lineage, view));
    const { leaf, place } = cell;
    if (!coversPoint(leaf, point)) {
      const range = formatRange(leaf.lo, leaf.hi);
      const drawn = formatVeo(point);
      throw new Refusal("POINT_NOT_COVERED", `the point is ${drawn}, and the leaf covers ${range}`);
    }
    insist(
      judgeConditions(place.conditions, conditions, (condition) =>
        isConditionTrue(view, chain, condition),
      ),
    );
    const isLast = level === claim.line.length - 1;
    // A sealed leaf at the end must be one that can become a chain.
    if (!isLast || leaf.sealed) lineage = insist(descend(lineage, leaf));
    return { leaf, rank };
  });
  const [first, ...rest] = shown;
  if (first === undefined) throw new Refusal("WRONG_LINE_LENGTH", "expected at least one level");
  return [first, ...rest];
}

function judgeOwner(
  claim: Claim,
  line: ShownLine,
  carrier: Uint8Array,
  view: SettlementView,
): void {
  const said = {
    chainId: claim.chainId,
    lineHash: hashLine(leavesOf(line)),
    stateNonce: claim.state?.state.nonce ?? 0,
    scriptSigHash: sha256(claim.scriptSig),
    carrier,
  };
  const body = encode((writer) => writeClaimBody(writer, said));
  demand(
    isSignedBy(view.rules, "signClaim", body, claim.signature, lastLeaf(line).owner),
    "BAD_SIGNATURE",
    "the claim is not signed by the contract's owner for this carrier",
  );
}

/** A first claim of a line. */
function writeResult(
  claim: Claim,
  carrier: Uint8Array,
  chain: ChainRecord,
  line: ShownLine,
  results: readonly ResultRecord[],
  view: SettlementView,
): SettlementEffect {
  const { height } = view;
  demand(
    !results.some((result) => isTouchedBy(result, line)),
    "REMOVED",
    "a close has removed every line through a contract on this one",
  );
  const { deposit, fee } = priceClaim(chain, line, results, view);
  const run = runClaimTerms(claim, chain, line, view);
  const result: ResultRecord = {
    chainId: chain.id,
    line,
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
  const risen = findRisen(results, [...results, result]).map((each) => ({
    ...each,
    changedAt: height,
  }));
  return { ...NO_EFFECT, deposit, minerFee: fee, put: [result, ...risen] };
}

/**
 * What a new result costs. In the claim window the ordinary price; after it only lines through a successor
 * that a removal has shown may come, within its time, for twice what the removed result paid.
 */
function priceClaim(
  chain: ChainRecord,
  line: ShownLine,
  results: readonly ResultRecord[],
  view: SettlementView,
): { deposit: bigint; fee: bigint } {
  const { parameters } = view.rules;
  const end = findClaimStart(chain, parameters) + chain.claimDelay;
  if (view.height < end) {
    const { net } = splitPrize(chain.amount, sharesOn(chain, line));
    return {
      deposit: computeClaimDeposit(net, parameters),
      fee: computeClaimFee(countAbove(results, [...linesOf(results), line], line), parameters),
    };
  }
  const [removed] = results
    .filter(({ removal }) => removal !== undefined && view.height <= removal.openTo)
    .filter((result) => {
      const successor = successorLine(result);
      return successor !== undefined && goesThrough(line, successor);
    })
    .toSorted((a, b) => (a.deposit < b.deposit ? -1 : a.deposit > b.deposit ? 1 : 0));
  if (removed === undefined) {
    throw new Refusal("TOO_LATE", `expected a claim below height ${end}, got ${view.height}`);
  }
  return { deposit: 2n * removed.deposit, fee: 2n * removed.fee };
}

function runClaimTerms(
  claim: Claim,
  chain: ChainRecord,
  line: ShownLine,
  view: SettlementView,
): ContractRun {
  const { script, state: signed, scriptSig } = claim;
  const leaf = lastLeaf(line);
  if (leaf.sealed) {
    demandNoTerms(claim);
    return SEALED_RUN;
  }
  if (signed === undefined) {
    demand(
      equalBytes(hashScript(script), leaf.scriptHash),
      "OTHER_SCRIPT",
      "the script shown is not the leaf's",
    );
    return runTerms(0, script, scriptSig, view.gas);
  }
  demand(script.length === 0, "NOT_EMPTY", "expected no script of the leaf beside a state");
  insist(judgeState(signed, chain, line, view));
  return runTerms(signed.state.nonce, signed.state.script, scriptSig, view.gas);
}

/** Whether a state is of the line's last contract, and signed by its owner and the operator of its chain. */
export function judgeState(
  signed: NonNullable<Claim["state"]>,
  chain: ChainRecord,
  line: ShownLine,
  view: SettlementView,
): Verdict<null> {
  return judge(() => {
    const { state } = signed;
    const leaf = lastLeaf(line);
    demand(equalBytes(state.contractId, leaf.id), "OTHER_CONTRACT", "a state of another contract");
    demand(state.nonce > 0, "NONCE_ZERO", "expected a state nonce from 1");
    demand(
      isSignedState(view.rules, signed, leaf.owner, operatorOf(chain, line)),
      "BAD_SIGNATURE",
      "the state is not signed by both owner and operator",
    );
    return null;
  });
}
