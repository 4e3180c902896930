import { equalBytes } from "../../lib/bytes.ts";
import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import type { ChainRecord } from "../state/chainRecord.ts";
import { isRunTrue } from "./contractRun.ts";
import { computeDepositShare } from "./deposits.ts";
import { computeClaimStart } from "./draw.ts";
import { computeResultKey } from "./line.ts";
import { createOrder, type Outranks } from "./resultOrder.ts";
import { type ResultRecord, resultKeyOf, type ShownLeaf } from "./resultRecord.ts";
import { NO_EFFECT, type Payout, type SettlementEffect } from "./settlementEffect.ts";
import { findChain, findPoint, type SettlementView } from "./settlementView.ts";
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
    const end = computeClaimStart(chain.expiry, view.rules.parameters) + chain.claimDelay;
    demand(
      view.height >= end,
      "CLAIM_WINDOW_OPEN",
      `expected height ${end} or more, got ${view.height}`,
    );
    const results = view.results(chain.id);
    const outranks = createOrder(results);
    const standing = results.filter(({ removal }) => removal === undefined);
    const winner = findBest(
      standing.filter(({ run }) => isRunTrue(run)),
      outranks,
    );
    demandQuiet(results, winner, outranks, chain, view);
    return settle(chain, point, standing, winner, view);
  });
}

function findBest(results: readonly ResultRecord[], outranks: Outranks): ResultRecord | undefined {
  return results.reduce<ResultRecord | undefined>(
    (best, result) => (best === undefined || outranks(result, best) ? result : best),
    undefined,
  );
}

/** Refuse while something that could still decide the chain may be answered. Worse results do not hold it up. */
function demandQuiet(
  results: readonly ResultRecord[],
  winner: ResultRecord | undefined,
  outranks: Outranks,
  chain: ChainRecord,
  view: SettlementView,
): void {
  const counts = (own: ShownLeaf) =>
    winner === undefined || own === winner || outranks(own, winner);
  for (const result of results) {
    if (result.removal === undefined) {
      const due = result.changedAt + chain.disputeDelay;
      demand(
        view.height >= due || !counts(result),
        "DISPUTE_OPEN",
        `a result can be answered below height ${due}, got ${view.height}`,
      );
      continue;
    }
    const { successor, openTo } = result.removal;
    if (successor === undefined || isClaimed(successor, results, chain)) continue;
    demand(
      view.height > openTo || !counts(successor),
      "SUCCESSOR_OPEN",
      `a successor can be claimed to height ${openTo}, got ${view.height}`,
    );
  }
}

function isClaimed(
  successor: ShownLeaf,
  results: readonly ResultRecord[],
  chain: ChainRecord,
): boolean {
  const key = computeResultKey(chain.id, [successor.leaf]);
  return results.some((result) => equalBytes(resultKeyOf(result), key));
}

function settle(
  chain: ChainRecord,
  point: bigint,
  standing: readonly ResultRecord[],
  winner: ResultRecord | undefined,
  view: SettlementView,
): SettlementEffect {
  const { height } = view;
  const share = computeDepositShare(chain.amount, chain.depositBps);
  const stood = standing.filter(({ writtenAt }) => height - writtenAt >= chain.disputeDelay);
  // Two lines over one point that both stood are two sales of one space.
  const burnt = stood.length > 1 ? share : 0n;
  const paid = winner === undefined ? 0n : chain.amount - share;
  const operatorPaid = chain.amount - paid - burnt;
  const deposits = standing.map(returnDeposit);
  const prize: Payout[] = [{ to: chain.operator, amount: operatorPaid }];
  if (winner !== undefined) prize.push({ to: winner.leaf.owner, amount: paid });
  return {
    ...NO_EFFECT,
    pay: [...prize, ...deposits.flatMap(({ pay }) => pay)].filter(({ amount }) => amount > 0n),
    burn: deposits.reduce((sum, each) => sum + each.burn, burnt),
    settled: {
      chainId: chain.id,
      height,
      point,
      winner: winner && { owner: winner.leaf.owner, contractId: winner.leaf.id },
      paid,
      operatorPaid,
      burnt,
    },
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
