import type { ChainView, ContractView } from "../../workers/walletApi.ts";

/** One way it may end: what is won in all, satoshi, and its chance in [0, 1]. */
export type Outcome = { readonly amount: bigint; readonly chance: number };

/** More chains than this are drawn too rarely together for a picture to show it. */
const OUTCOMES_MAX = 64;

/**
 * The spread of what the held contracts may pay, least first, chances adding up to 1. Contracts of
 * one chain, and of those inside it, share one draw, so they add up to one chance; chains on the main
 * chain are drawn apart from each other.
 */
export function computeOutcomes(
  chains: readonly ChainView[],
  contracts: readonly ContractView[],
): readonly Outcome[] {
  let outcomes: readonly Outcome[] = [{ amount: 0n, chance: 1 }];
  for (const top of chains.filter(({ id, topId }) => id === topId)) {
    const prize = top.prize.amount;
    const inside = new Set(chains.filter(({ topId }) => topId === top.id).map(({ id }) => id));
    const own = contracts.filter(({ chainId }) => inside.has(chainId));
    const chance = computeChance(top, own);
    if (chance > 0 && prize > 0n && outcomes.length < OUTCOMES_MAX) {
      outcomes = addDraw(outcomes, prize, chance);
    }
  }
  return outcomes;
}

/** Whether a contract is still in play or has won: what lapsed, closed or lost pays nothing. */
export function isInPlay(contract: ContractView): boolean {
  if (contract.kind === "unpaid" || contract.kind === "lapsed") return false;
  return contract.state === "held" || contract.state === "closing" || contract.state === "won";
}

/** Whether a contract that is still held pays nothing, wherever the point falls: a condition has come out against its holder. */
export function isDecidedAgainst({ state, conditions }: ContractView): boolean {
  return state === "held" && conditions.some(({ outcome }) => outcome === "against");
}

function computeChance(chain: ChainView, contracts: readonly ContractView[]): number {
  const own = contracts.filter(isInPlay);
  if (own.some((contract) => contract.state === "won")) return chain.phase.kind === "paid" ? 0 : 1;
  const expected = own.reduce((sum, contract) => sum + contract.expected.amount, 0n);
  return Math.min(1, Number(expected) / Number(chain.prize.amount));
}

function addDraw(outcomes: readonly Outcome[], prize: bigint, chance: number): readonly Outcome[] {
  const chances = new Map<bigint, number>();
  const add = (amount: bigint, more: number): void => {
    if (more > 0) chances.set(amount, (chances.get(amount) ?? 0) + more);
  };
  for (const outcome of outcomes) {
    add(outcome.amount, outcome.chance * (1 - chance));
    add(outcome.amount + prize, outcome.chance * chance);
  }
  return [...chances]
    .map(([amount, total]) => ({ amount, chance: total }))
    .sort((a, b) => (a.amount < b.amount ? -1 : 1));
}
