import type { Market } from "../../api/marketApi.ts";
import type { BetOffer } from "../../api/operatorApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { createBet } from "../../market/bet.ts";
import { formatVeo } from "../../protocol/amountWords.ts";
import { findObstacle } from "./blockQueue.ts";
import { isCash, type LiveContract } from "./contractIndex.ts";
import type { Effect, TraderRequest } from "./engineEvent.ts";
import type { EngineState, Proposal } from "./engineState.ts";
import { createProposalId, findTipObstacle, freezeTip, isBusy } from "./proposals.ts";
import { certainHeight } from "./records.ts";

type BetRequest = TraderRequest & { kind: "bet" };

/**
 * Find a taker for a bet, lay the bet out on the tip, and ask both sides to sign. The tip is kept
 * until both have, or until the time is over: then nothing has happened.
 *
 * @see docs/PROTOCOL.md section 7
 */
export function handleBet(state: EngineState, event: BetRequest): Effect[] {
  const { request } = event;
  const proposed = judge(() => proposeBet(state, event));
  if (!proposed.ok) return [{ kind: "reply", request, answer: proposed }];
  const { offer, taker } = proposed.value;
  const side = event.side === "yes" ? "no" : "yes";
  return [
    { kind: "reply", request, answer: accept({ kind: "bet", offer }) },
    { kind: "tell", taker, message: { kind: "bet", offer, side } },
  ];
}

function proposeBet(
  state: EngineState,
  { owner, oracleId, side, cashId, stake }: BetRequest,
): { offer: BetOffer; taker: Uint8Array } {
  const obstacle = findObstacle(state) ?? findTipObstacle(state);
  if (obstacle !== undefined) throw new Refusal(obstacle.code, obstacle.message);
  const market = insist(findOpenMarket(state, oracleId));
  const cash = state.index.live.get(formatHex(cashId));
  if (cash === undefined || !equalBytes(cash.leaf.owner, owner)) {
    throw new Refusal("NO_SUCH_CONTRACT", `the owner holds no contract ${formatHex(cashId)}`);
  }
  demand(isCash(cash), "NOT_CASH", "only space without conditions backs a bet");
  demand(!isBusy(state, cashId), "CLOSE_QUEUED", "the contract is being closed already");
  demand(
    isCertain(state, cash),
    "NOT_RECORDED",
    "the record of what is staked has to be a few blocks old first",
  );
  const against = insist(computeCounterStake(market.yesBps, side, stake));
  const found = findTakerCash(state, owner, against);
  if (found === undefined) {
    throw new Refusal("NO_TAKER", `nobody who is connected can stake ${formatVeo(against)} now`);
  }
  const mine = { cash: cash.leaf, stake };
  const theirs = { cash: found.leaf, stake: against };
  const [yes, no] = side === "yes" ? [mine, theirs] : [theirs, mine];
  const bet = insist(createBet(oracleId, yes, no, market.depositBps));
  const heightMax = (state.main?.height ?? 0) + state.policy.closeGoodFor;
  const expected = (id: Uint8Array, successors: typeof bet.yesSuccessors) => ({
    contractId: id,
    seenBlock: state.tip.hash,
    heightMax,
    successors,
  });
  const yesContract = side === "yes" ? cash : found;
  const noContract = side === "yes" ? found : cash;
  const proposal: Proposal = {
    id: createProposalId(state),
    kind: "bet",
    parties: [
      {
        contract: yesContract,
        expected: expected(yes.cash.id, bet.yesSuccessors),
        signature: undefined,
      },
      {
        contract: noContract,
        expected: expected(no.cash.id, bet.noSuccessors),
        signature: undefined,
      },
    ],
    contracts: bet.contracts,
    conditions: bet.conditions,
    taker: found.leaf.owner,
    requests: [],
  };
  state.proposals.set(formatHex(proposal.id), proposal);
  freezeTip(state);
  const offer: BetOffer = {
    proposalId: proposal.id,
    oracleId,
    seenBlock: state.tip.hash,
    heightMax,
    depositBps: market.depositBps,
    yes: { cashId: yes.cash.id, stake: yes.stake },
    no: { cashId: no.cash.id, stake: no.stake },
  };
  return { offer, taker: found.leaf.owner };
}

/** The market in which bets on an oracle are taken at once, while the oracle is open. */
function findOpenMarket(
  state: EngineState,
  oracleId: Uint8Array,
): Verdict<Market & { readonly yesBps: number }> {
  return judge(() => {
    const market = state.markets.find((each) => isAtOnce(each, oracleId));
    if (market?.yesBps === undefined) {
      const what = `no bets are taken at once on oracle ${formatHex(oracleId)}`;
      throw new Refusal("NO_SUCH_MARKET", what);
    }
    const result = state.main?.oracles.get(formatHex(oracleId));
    demand(result === "open", "NOT_OPEN", `the oracle's result is ${result ?? "unknown"}`);
    return { ...market, yesBps: market.yesBps };
  });
}

function isAtOnce({ ask, yesBps }: Market, oracleId: Uint8Array): boolean {
  return yesBps !== undefined && ask.kind === "binary" && equalBytes(ask.oracle, oracleId);
}

/** What the other side stakes at the market's price: `yes` brings P of the pot, `no` the rest. */
function computeCounterStake(yesBps: number, side: "yes" | "no", stake: bigint): Verdict<bigint> {
  return judge(() => {
    demand(stake > 0n, "NO_STAKE", "expected a stake above zero");
    const yesShare = BigInt(yesBps);
    const noShare = 10_000n - yesShare;
    const [own, other] = side === "yes" ? [yesShare, noShare] : [noShare, yesShare];
    demand(
      (stake * other) % own === 0n,
      "NOT_A_LOT",
      `expected a stake that is a multiple of ${own / greatestCommonDivisor(own, other)}`,
    );
    return (stake * other) / own;
  });
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestCommonDivisor(b, a % b);
}

/** Whether a contract is recorded for good: neither side signs on anything else. */
function isCertain(state: EngineState, { leaf }: LiveContract): boolean {
  return leaf.madeIn <= certainHeight(state);
}

/** The narrowest free cash of a connected taker that covers a stake; the taker who came first is asked first. */
function findTakerCash(
  state: EngineState,
  trader: Uint8Array,
  stake: bigint,
): LiveContract | undefined {
  for (const [key, taker] of state.takers) {
    if (equalBytes(taker, trader)) continue;
    let best: LiveContract | undefined;
    for (const id of state.index.byOwner.get(key) ?? []) {
      const contract = state.index.live.get(id);
      if (contract === undefined || !isCash(contract) || !isCertain(state, contract)) continue;
      const width = contract.leaf.hi - contract.leaf.lo;
      if (width < stake || isBusy(state, contract.leaf.id)) continue;
      if (best === undefined || width < best.leaf.hi - best.leaf.lo) best = contract;
    }
    if (best !== undefined) return best;
  }
  return undefined;
}
