import { descend } from "../../blocks/lineage.ts";
import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import { findTarget, splitShare } from "../requests/voidPosts.ts";
import { type ChainRecord, lineageOf } from "../state/chainRecord.ts";
import { isRunTrue } from "./contractRun.ts";
import { findForfeit } from "./forfeit.ts";
import { isUndoOpen } from "./removal.ts";
import { createOrder, type Outranks } from "./resultOrder.ts";
import { linesOf, type ResultRecord, resultKeyOf, successorLine } from "./resultRecord.ts";
import type { Winner } from "./settledRecord.ts";
import { NO_EFFECT, type Payout, type SettlementEffect } from "./settlementEffect.ts";
import { findChain, findClaimStart, findPoint, type SettlementView } from "./settlementView.ts";
import {
  beginsWith,
  goesThrough,
  isSameContract,
  isSameLeaf,
  lastLeaf,
  leavesOf,
  operatorsOf,
  type ShownLeaf,
  type ShownLine,
  sharesOn,
} from "./shownLine.ts";
import { splitPrize } from "./splitPrize.ts";
import type { Timeout } from "./timeout.ts";

/**
 * Judge the end of a chain: who gets the prize, the deposit share and every claim's deposit, all from
 * the main chain's own results; or what still holds it up.
 *
 * @see docs/PROTOCOL.md section 6
 */
export function judgeTimeout(timeout: Timeout, view: SettlementView): Verdict<SettlementEffect> {
  return judge(() => {
    const chain = insist(findChain(view, timeout.chainId));
    const point = insist(findPoint(view, chain));
    const end = findClaimStart(chain, view.rules.parameters) + chain.claimDelay;
    demand(
      view.height >= end,
      "CLAIM_WINDOW_OPEN",
      `expected height ${end} or more, got ${view.height}`,
    );
    const results = view.results(chain.id);
    const { winner, holds } = findOutcome(results, chain);
    for (const { until, code, words } of holds) {
      demand(view.height >= until, code, `${words}, got ${view.height}`);
    }
    return settle(chain, point, results, winner, view);
  });
}

/** The first height at which a chain can be ended, if nothing more is claimed or answered before. */
export function findTimeoutStart(
  chain: ChainRecord,
  results: readonly ResultRecord[],
  parameters: NetworkParameters,
): number {
  const end = findClaimStart(chain, parameters) + chain.claimDelay;
  return Math.max(end, ...findOutcome(results, chain).holds.map(({ until }) => until));
}

/** Something that may still decide the chain, and the first height at which it may not any more. */
type Hold = { readonly until: number; readonly code: string; readonly words: string };

/** Who wins by the results as they stand, and what may still change that. Worse results do not hold it up. */
function findOutcome(
  results: readonly ResultRecord[],
  { disputeDelay }: Pick<ChainRecord, "disputeDelay">,
): { readonly winner: ResultRecord | undefined; readonly holds: readonly Hold[] } {
  const outranks = createOrder(linesOf(results));
  const winner = findBest(
    results.filter(({ run, removal }) => removal === undefined && isRunTrue(run)),
    outranks,
  );
  const counts = (own: ShownLine) =>
    winner === undefined || own === winner.line || outranks(own, winner.line);
  const holds = results.flatMap((result): Hold[] => {
    const { line, removal } = result;
    if (removal === undefined) {
      const until = result.changedAt + disputeDelay;
      const words = `a result can be answered below height ${until}`;
      return counts(line) ? [{ until, code: "DISPUTE_OPEN", words }] : [];
    }
    const { openTo } = removal;
    const until = openTo + 1;
    const undo = `a removal can be undone to height ${openTo}`;
    const isHeld = isUndoOpen(result, openTo) && counts(line);
    const held = isHeld ? [{ until, code: "UNDO_OPEN", words: undo }] : [];
    const successor = successorLine(result);
    if (successor === undefined || isClaimed(successor, results) || !counts(successor)) return held;
    const words = `a successor can be claimed to height ${openTo}`;
    return [...held, { until, code: "SUCCESSOR_OPEN", words }];
  });
  return { winner, holds };
}

function findBest(results: readonly ResultRecord[], outranks: Outranks): ResultRecord | undefined {
  return results.reduce<ResultRecord | undefined>(
    (best, result) => (best === undefined || outranks(result.line, best.line) ? result : best),
    undefined,
  );
}

function isClaimed(successor: ShownLine, results: readonly ResultRecord[]): boolean {
  return results.some(({ line }) => goesThrough(line, successor));
}

function settle(
  chain: ChainRecord,
  point: bigint,
  results: readonly ResultRecord[],
  winner: ResultRecord | undefined,
  view: SettlementView,
): SettlementEffect {
  const { height } = view;
  const standing = results.filter(({ removal }) => removal === undefined);
  const stood = standing.filter(({ writtenAt }) => height - writtenAt >= chain.disputeDelay);
  const split = splitByLine(chain, winner, linesOf(stood), view);
  const { pay, burn, paid, operatorPaid, askersPaid } = split;
  const made = winner && makeChain(chain, point, results, winner, paid, height);
  const carried = new Set(made?.carried);
  const deposits = standing.filter((result) => !carried.has(result)).map(returnDeposit);
  const prize: Payout[] =
    winner === undefined || made !== undefined
      ? pay
      : [...pay, { to: lastLeaf(winner.line).owner, amount: paid }];
  return {
    ...NO_EFFECT,
    pay: [...prize, ...deposits.flatMap((each) => each.pay)].filter(({ amount }) => amount > 0n),
    burn: deposits.reduce((sum, each) => sum + each.burn, burn),
    settled: {
      chainId: chain.id,
      height,
      point,
      winner: winner && describeWinner(winner, made?.chain.id),
      paid,
      operatorPaid,
      askersPaid,
      burnt: burn,
    },
    made: made && { chain: made.chain, results: made.results },
  };
}

function describeWinner({ line }: ResultRecord, becameChain: Uint8Array | undefined): Winner {
  const { owner, id: contractId } = lastLeaf(line);
  return { owner, contractId, becameChain };
}

/**
 * The prize, down the winner's line: each operator his share, but for those who sold one space twice, withheld what
 * they posted, or could not say why a contract was gone. Without a winner the operator of the chain itself gets all,
 * less his share if it is lost.
 */
function splitByLine(
  chain: ChainRecord,
  winner: ResultRecord | undefined,
  stood: readonly ShownLine[],
  view: SettlementView,
): { pay: Payout[]; burn: bigint; paid: bigint; operatorPaid: bigint; askersPaid: bigint } {
  const { line } = winner ?? { line: undefined };
  const operators = line === undefined ? [chain.operator] : operatorsOf(chain, line);
  const bps = line === undefined ? [chain.depositBps] : sharesOn(chain, line);
  const { shares, net } = splitPrize(chain.amount, bps);
  const pay: Payout[] = [];
  let burn = 0n;
  let askersPaid = 0n;
  operators.forEach((to, level) => {
    const amount = shares[level] ?? 0n;
    const above = line === undefined ? [] : leavesOf(line.slice(0, level));
    const forfeit = findForfeit(view, findTarget(chain, to, above));
    if (hasSoldTwice(stood, above)) {
      burn += amount;
    } else if (forfeit !== undefined) {
      const { asker, burnt } = splitShare(amount, forfeit, view.rules.parameters);
      pay.push({ to: forfeit.to, amount: asker });
      askersPaid += asker;
      burn += burnt;
    } else {
      pay.push({ to, amount });
    }
  });
  const paid = winner === undefined ? 0n : net;
  if (winner === undefined) pay.push({ to: chain.operator, amount: net });
  return { pay, burn, paid, operatorPaid: chain.amount - paid - burn - askersPaid, askersPaid };
}

/** Whether two lines that both stood part in the chain below the leaves `above`. */
function hasSoldTwice(stood: readonly ShownLine[], above: readonly Leaf[]): boolean {
  const level = above.length;
  const here = stood.filter((line) => line.length > level && beginsWith(line, above));
  return here.some((line, index) =>
    here.slice(index + 1).some((other) => doConflict(line, other, level)),
  );
}

/**
 * Whether two lines that are equal above `level` cannot both be true of one honest chain. A contract
 * shown at a line's end does not speak against it shown sealed with more below, nor against its own seal.
 */
function doConflict(a: ShownLine, b: ShownLine, level: number): boolean {
  const [{ leaf: leafA }, { leaf: leafB }] = [a[level] as ShownLeaf, b[level] as ShownLeaf];
  if (!isSameContract(leafA, leafB)) return true;
  if (isSameLeaf(leafA, leafB)) return false;
  const isEndA = level === a.length - 1;
  const isEndB = level === b.length - 1;
  if (isEndA !== isEndB) return false;
  return leafA.sealed === leafB.sealed || leafA.depositBps !== leafB.depositBps;
}

/** The chain that a sealed winner becomes, and the results that go with it; undefined for one that is paid in money. */
function makeChain(
  chain: ChainRecord,
  point: bigint,
  results: readonly ResultRecord[],
  winner: ResultRecord,
  amount: bigint,
  height: number,
) {
  const leaf = lastLeaf(winner.line);
  if (!leaf.sealed) return undefined;
  const lineage = winner.line.reduce(
    (above, shown) => insist(descend(above, shown.leaf)),
    lineageOf(chain),
  );
  const id = resultKeyOf(winner);
  const { owner: operator, lo, hi, depositBps } = leaf;
  const { expiry, claimDelay, disputeDelay } = chain;
  const terms = { amount, expiry, depositBps, claimDelay, disputeDelay, startHeight: height };
  const made: ChainRecord = { id, operator, lo, hi, ...terms, won: { point, lineage } };
  const depth = winner.line.length;
  const leaves = leavesOf(winner.line);
  const carried = results.filter(
    ({ line, removal }) =>
      line.length > depth &&
      beginsWith(line, leaves) &&
      (removal === undefined || removal.level >= depth),
  );
  return { chain: made, carried, results: carried.map((result) => carryDown(result, id, depth)) };
}

/** A result as it stands in the chain that the first `depth` leaves of its line have become. */
function carryDown(result: ResultRecord, chainId: Uint8Array, depth: number): ResultRecord {
  const [first, ...rest] = result.line.slice(depth);
  const { removal } = result;
  return {
    ...result,
    chainId,
    line: [first as ShownLeaf, ...rest],
    removal: removal && { ...removal, level: removal.level - depth },
  };
}

/** A deposit goes back to its carrier, unless the run is not true: then half to the last mover against it. */
function returnDeposit({ run, deposit, carrier, lastMoverAgainst }: ResultRecord): {
  pay: Payout[];
  burn: bigint;
} {
  if (isRunTrue(run)) return { pay: [{ to: carrier, amount: deposit }], burn: 0n };
  if (lastMoverAgainst === undefined) return { pay: [], burn: deposit };
  const half = deposit / 2n;
  return { pay: [{ to: lastMoverAgainst, amount: half }], burn: deposit - half };
}
