import type { SaleOffer } from "../../api/operatorApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex, parseHex } from "../../lib/hex.ts";
import { accept, demand, judge, Refusal, refuse, type Verdict } from "../../lib/verdict.ts";
import { createSale } from "../../market/sale.ts";
import { findObstacle, knownConditions } from "./blockQueue.ts";
import type { Effect, TraderRequest } from "./engineEvent.ts";
import type { EngineState, QuoteRound } from "./engineState.ts";
import { createProposalId, findTipObstacle, isBusy } from "./proposals.ts";

type SaleRequest = TraderRequest & { kind: "sale" };

/** Contracts that may be sold together for one payment. */
const SOLD_MAX = 8;

/** Ask every connected taker what he would pay for a seller's contracts. */
export function handleSale(state: EngineState, event: SaleRequest): Effect[] {
  const { request } = event;
  const started = judge(() => startRound(state, event));
  if (!started.ok) return [{ kind: "reply", request, answer: started }];
  const round = started.value;
  state.quoteRounds.set(formatHex(round.id), round);
  const message = {
    kind: "quote",
    proposalId: round.id,
    seller: event.owner,
    contractIds: event.contractIds,
    payBelow: round.payBelow,
    seenBlock: round.seenBlock,
    heightMax: round.heightMax,
  } as const;
  return [...round.quotes.keys()].map((key) => ({ kind: "tell", taker: parseHex(key), message }));
}

/** Take a taker's price; zero says that he does not want the contracts. */
export function handleQuote(
  state: EngineState,
  event: { readonly taker: Uint8Array; readonly id: Uint8Array; readonly price: bigint },
): Effect[] {
  const round = state.quoteRounds.get(formatHex(event.id));
  const key = formatHex(event.taker);
  // A price that nobody asked for, or that comes too late, changes nothing.
  if (round === undefined || !round.quotes.has(key)) return [];
  if (round.quotes.get(key) !== undefined) return [];
  round.quotes.set(key, event.price);
  const isComplete = [...round.quotes.values()].every((price) => price !== undefined);
  return isComplete ? finishRound(state, round) : [];
}

/** End the rounds whose time is over with the prices that came. */
export function finishRounds(state: EngineState): Effect[] {
  return [...state.quoteRounds.values()]
    .filter(({ untilMs }) => untilMs <= state.nowMs)
    .flatMap((round) => finishRound(state, round));
}

/** End every round because its tip is gone. */
export function dropRounds(state: EngineState): Effect[] {
  const answer = refuse("OVERTAKEN", "another block was made meanwhile; ask again on it");
  const rounds = [...state.quoteRounds.values()];
  state.quoteRounds.clear();
  return rounds.map(({ request }) => ({ kind: "reply", request, answer }));
}

function startRound(state: EngineState, { request, owner, contractIds }: SaleRequest): QuoteRound {
  const obstacle = findObstacle(state) ?? findTipObstacle(state);
  if (obstacle !== undefined) throw new Refusal(obstacle.code, obstacle.message);
  const count = contractIds.length;
  demand(
    count > 0 && count <= SOLD_MAX,
    "WRONG_COUNT",
    `expected 1 to ${SOLD_MAX} contracts, got ${count}`,
  );
  const keys = contractIds.map(formatHex);
  demand(new Set(keys).size === count, "NAMED_TWICE", "a contract is named twice");
  const sold = keys.map((key) => {
    const contract = state.index.live.get(key);
    if (contract === undefined || !equalBytes(contract.leaf.owner, owner)) {
      throw new Refusal("NO_SUCH_CONTRACT", `the owner holds no contract ${key}`);
    }
    demand(!isBusy(state, contract.leaf.id), "CLOSE_QUEUED", `contract ${key} is being closed`);
    return contract;
  });
  const asked = [...state.takers.values()].filter((taker) => !equalBytes(taker, owner));
  demand(asked.length > 0, "NO_TAKER", "nobody who is connected buys now");
  const height = state.main?.height ?? 0;
  return {
    id: createProposalId(state),
    request,
    sold,
    payBelow: Math.min(height + state.policy.payWithin, state.chain.expiry),
    seenBlock: state.tip.hash,
    heightMax: height + state.policy.closeGoodFor,
    untilMs: state.nowMs + state.policy.quoteMs,
    quotes: new Map(asked.map((taker) => [formatHex(taker), undefined])),
  };
}

function finishRound(state: EngineState, round: QuoteRound): Effect[] {
  const { request } = round;
  state.quoteRounds.delete(formatHex(round.id));
  const best = findBestQuote(round);
  if (best === undefined) {
    const answer = refuse("NO_TAKER", "nobody wants these contracts now");
    return [{ kind: "reply", request, answer }];
  }
  const offered = proposeSale(state, round, best.buyer, best.price);
  const answer = offered.ok ? accept({ kind: "sale", offer: offered.value } as const) : offered;
  return [{ kind: "reply", request, answer }];
}

/** The highest price, and of equal ones the smallest key, so that the order of answers decides nothing. */
function findBestQuote({ quotes }: QuoteRound): { buyer: Uint8Array; price: bigint } | undefined {
  let best: { key: string; price: bigint } | undefined;
  for (const [key, price] of quotes) {
    if (price === undefined || price === 0n) continue;
    const isBetter =
      best === undefined || price > best.price || (price === best.price && key < best.key);
    if (isBetter) best = { key, price };
  }
  return best === undefined ? undefined : { buyer: parseHex(best.key), price: best.price };
}

function proposeSale(
  state: EngineState,
  round: QuoteRound,
  buyer: Uint8Array,
  price: bigint,
): Verdict<SaleOffer> {
  const { id, sold, payBelow, seenBlock, heightMax } = round;
  const sale = createSale({ sold, buyer, price, payBelow, seenBlock });
  if (!sale.ok) return sale;
  const parties = sold.map((contract, position) => ({
    contract,
    expected: {
      contractId: contract.leaf.id,
      seenBlock,
      heightMax,
      successors: sale.value.successors[position] ?? [],
    },
    signature: undefined,
  }));
  const contracts = sale.value.successors.flat();
  state.proposals.set(formatHex(id), {
    id,
    kind: "sale",
    parties,
    contracts,
    conditions: [sale.value.condition, ...knownConditions(state, contracts)],
    taker: buyer,
    requests: [],
  });
  const contractIds = sold.map(({ leaf }) => leaf.id);
  return accept({ proposalId: id, contractIds, buyer, price, payBelow, seenBlock, heightMax });
}
