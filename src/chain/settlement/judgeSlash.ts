import { isBelowResults } from "../../blocks/betOracles.ts";
import { type CloseProof, type ProvenClose, verifyCloseProof } from "../../blocks/closeProof.ts";
import { descendAll, type Lineage } from "../../blocks/lineage.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { encode } from "../../lib/codec.ts";
import { accept, demand, insist, judge, Refusal, refuse, type Verdict } from "../../lib/verdict.ts";
import { type Condition, hashCondition } from "../../protocol/condition.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import type { Place } from "../../protocol/place.ts";
import { isSignedBy } from "../../protocol/rules.ts";
import { hashScript } from "../../protocol/script.ts";
import { judgeClosePost } from "../requests/voidPosts.ts";
import { type ChainRecord, lineageOf } from "../state/chainRecord.ts";
import { type ContractRun, compareRuns, runTerms } from "./contractRun.ts";
import { coversPoint } from "./draw.ts";
import { judgeBrought } from "./judgeBrought.ts";
import { judgeState } from "./judgeClaim.ts";
import { isPostedBefore } from "./removal.ts";
import { findEarliest } from "./resultOrder.ts";
import { linesOf, type ResultRecord, resultKeyOf } from "./resultRecord.ts";
import { NO_EFFECT, type SettlementEffect } from "./settlementEffect.ts";
import {
  findChain,
  findPoint,
  findRecordBefore,
  findTopRecord,
  isConditionTrue,
  type SettlementView,
} from "./settlementView.ts";
import {
  beginsWith,
  isSameContract,
  lastLeaf,
  leavesOf,
  operatorOf,
  type ShownLeaf,
} from "./shownLine.ts";
import {
  CLOSES_MAX,
  type CloseSlash,
  encodeMoveBody,
  type Move,
  type Slash,
  writeSlash,
} from "./slash.ts";

/**
 * Judge a slash carried by the account `carrier`, in a block at `view.height`.
 *
 * @returns what it changes and pays, or the rule it breaks.
 * @see docs/PROTOCOL.md section 6
 */
export function judgeSlash(
  slash: Slash,
  carrier: Uint8Array,
  view: SettlementView,
): Verdict<SettlementEffect> {
  return judge(() => {
    insist(judgeSlashSize(slash, view.rules.parameters));
    const chain = insist(findChain(view, slash.chainId));
    const result = findStanding(slash, chain, view);
    return slash.kind === "move"
      ? applyMove(slash, carrier, chain, result, view)
      : applyCloses(slash, carrier, chain, result, view);
  });
}

/** Whether the main chain takes a slash of this length. */
export function judgeSlashSize(
  slash: Slash,
  { claimBytesMax }: Pick<NetworkParameters, "claimBytesMax">,
): Verdict<null> {
  const size = encode((writer) => writeSlash(writer, slash)).length;
  return size <= claimBytesMax
    ? accept(null)
    : refuse("TOO_LONG", `expected a slash of at most ${claimBytesMax} bytes, got ${size}`);
}

function findStanding(slash: Slash, chain: ChainRecord, view: SettlementView): ResultRecord {
  const result = view
    .results(chain.id)
    .find((each) => equalBytes(resultKeyOf(each), slash.resultKey));
  if (result === undefined) throw new Refusal("NO_SUCH_RESULT", "no such line has been claimed");
  demand(result.removal === undefined, "REMOVED", "a close has removed this result already");
  return result;
}

function applyMove(
  move: Move,
  carrier: Uint8Array,
  chain: ChainRecord,
  result: ResultRecord,
  view: SettlementView,
): SettlementEffect {
  demand(!lastLeaf(result.line).sealed, "SEALED", "no terms touch a sealed leaf");
  const isOwners = move.side === "owner";
  const left = isOwners ? result.ownerMoves : result.operatorMoves;
  demand(left > 0, "NO_MOVES_LEFT", `the ${move.side} has made all moves against this result`);
  const script = judgeTerms(move, chain, result, view);
  const stateNonce = move.state?.state.nonce ?? result.run.stateNonce;
  const body = encodeMoveBody({
    resultKey: move.resultKey,
    side: move.side,
    stateNonce,
    scriptHash: hashScript(script),
    scriptSig: move.scriptSig,
    carrier,
  });
  demand(
    isSignedBy(
      view.rules,
      "signMove",
      body,
      move.signature,
      isOwners ? lastLeaf(result.line).owner : operatorOf(chain, result.line),
    ),
    "BAD_SIGNATURE",
    `the move is not signed by the ${move.side} for this carrier`,
  );
  const run: ContractRun = runTerms(stateNonce, script, move.scriptSig, view.gas);
  demand(
    compareRuns(run, result.run) > 0,
    "NOT_NEWER",
    "expected a higher pair of state nonce and script nonce than the standing run's",
  );
  const changed: ResultRecord = {
    ...result,
    run,
    changedAt: view.height,
    ownerMoves: result.ownerMoves - (isOwners ? 1 : 0),
    operatorMoves: result.operatorMoves - (isOwners ? 0 : 1),
    lastMoverAgainst: isOwners ? result.lastMoverAgainst : carrier,
  };
  return { ...NO_EFFECT, put: [changed] };
}

/** The script that a move runs: of the newer state it shows, or the standing one's, shown whole. */
function judgeTerms(
  move: Move,
  chain: ChainRecord,
  result: ResultRecord,
  view: SettlementView,
): Uint8Array {
  if (move.state === undefined) {
    demand(
      equalBytes(hashScript(move.script), result.run.scriptHash),
      "OTHER_SCRIPT",
      "the script shown is not the standing terms'",
    );
    return move.script;
  }
  demand(move.script.length === 0, "NOT_EMPTY", "expected no script beside a state");
  insist(judgeState(move.state, chain, result.line, view));
  demand(
    move.state.state.nonce > result.run.stateNonce,
    "NOT_NEWER",
    `expected a state nonce above ${result.run.stateNonce}, got ${move.state.state.nonce}`,
  );
  return move.state.state.script;
}

function applyCloses(
  slash: CloseSlash,
  carrier: Uint8Array,
  chain: ChainRecord,
  result: ResultRecord,
  view: SettlementView,
): SettlementEffect {
  const { level } = slash;
  const closed = result.line[level];
  if (closed === undefined) {
    throw new Refusal(
      "NO_SUCH_LEVEL",
      `the line has ${result.line.length} levels, not ${level + 1}`,
    );
  }
  const point = insist(findPoint(view, chain));
  const results = view.results(chain.id);
  const lineage = findLineage(chain, result, level);
  const shown = slash.closes.map((proof) => ({
    proof,
    proven: insist(judgeCloseProof(proof, lineage, chain, view)),
  }));
  const closedAt = shown[0]?.proven.rank;
  if (closedAt === undefined || shown.length > CLOSES_MAX) {
    const expected = `expected 1 to ${CLOSES_MAX} closes, got ${shown.length}`;
    throw new Refusal("WRONG_CLOSE_COUNT", expected);
  }
  let successor: ShownLeaf | undefined = closed;
  for (const { proof, proven } of shown) {
    const standing: Leaf | undefined = successor?.leaf;
    const own = proven.closed.find(({ leaf }) => standing && isSameContract(leaf, standing));
    if (own === undefined) {
      throw new Refusal("OTHER_CONTRACT", "a close shown is not of the contract that stands there");
    }
    successor = findSuccessor(proof, proven, own.place, point, chain, view);
  }
  demand(
    !closed.leaf.sealed ||
      isPostedBefore(closedAt, findEarliest(linesOf(results), result.line, level)),
    "SEALED",
    "the contract was shown sealed under a record that the close is not before",
  );
  const removal = { level, closedAt, successor, openTo: view.height + chain.disputeDelay };
  const through = leavesOf(result.line.slice(0, level + 1));
  const removed = results.filter(
    (each) => each.removal === undefined && beginsWith(each.line, through),
  );
  // Each deposit is halved by itself, as if its result had been removed alone.
  const reward = removed.reduce((sum, { deposit }) => sum + deposit / 2n, 0n);
  const lost = removed.reduce((sum, { deposit }) => sum + deposit, 0n);
  return {
    ...NO_EFFECT,
    pay: [{ to: carrier, amount: reward }],
    burn: lost - reward,
    put: removed.map((each) => ({ ...each, changedAt: view.height, removal })),
  };
}

/** The lineage of the chain that the leaf at `level` of a result stands in. */
function findLineage(chain: ChainRecord, { line }: ResultRecord, level: number): Lineage {
  return insist(descendAll(lineageOf(chain), leavesOf(line.slice(0, level))));
}

/** Whether a close in a lineage's last chain counts, by all that the main chain's state says of it. */
export function judgeCloseProof(
  proof: CloseProof,
  lineage: Lineage,
  chain: ChainRecord,
  view: SettlementView,
): Verdict<ProvenClose> {
  return judge(() => {
    const record = insist(findTopRecord(view, lineage, proof));
    const before = insist(findRecordBefore(view, lineage, proof));
    const proven = insist(verifyCloseProof(proof, view.rules, lineage, record, before));
    insist(judgeClosePost(view, { lineage, posts: proven.posts }));
    const resultHeight = (key: Uint8Array): number => {
      const { kind, record: oracle } = view.fact({ kind: "oracle", key });
      return kind === "oracle" && oracle !== undefined ? oracle.resultHeight : 0;
    };
    demand(
      isBelowResults(record.height, proven.oracles, resultHeight),
      "BET_TOO_LATE",
      "the close bets on an oracle that had its result at the record's height",
    );
    insist(
      judgeBrought(proof, {
        rules: view.rules,
        space: lineage.at(-1) ?? lineage[0],
        recordHeight: record.height,
        resultHeight,
        isConditionTrue: (condition) => isConditionTrue(view, chain, condition),
      }),
    );
    return proven;
  });
}

/** The successor over the point whose conditions hold; what the conditions at the closed contract's place say, holds. */
function findSuccessor(
  proof: CloseProof,
  proven: ProvenClose,
  closed: Place,
  point: bigint,
  chain: ChainRecord,
  view: SettlementView,
): ShownLeaf | undefined {
  const bodies = proof.conditions.map((body) => ({ body, hash: hashCondition(body) }));
  const holds = (place: Place): boolean =>
    place.conditions.every(({ hash, side }) => {
      const own = closed.conditions.find((condition) => equalBytes(condition.hash, hash));
      if (own !== undefined) return own.side === side;
      const body: Condition | undefined = bodies.find((each) => equalBytes(each.hash, hash))?.body;
      return body !== undefined && isConditionTrue(view, chain, body) === side;
    });
  const over = proven.successors.find(({ place }) => coversPoint(place, point) && holds(place));
  return over === undefined ? undefined : { leaf: over.leaf, rank: proven.rank };
}
