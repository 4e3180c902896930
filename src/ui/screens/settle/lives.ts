import type { ChainView, ContractView, WalletSnapshot } from "../../../workers/walletApi.ts";
import { groupByPrize } from "../../figures/tasks.ts";

/**
 * One prize, or what of it has gone on into a chain inside, on its way.
 *
 * - `chain`: the uppermost of the chains that go this way together, which is drawn. - `inside`: the others.
 * - `contracts`: the reader's in them.
 */
export type Life = {
  readonly chain: ChainView;
  readonly inside: readonly ChainView[];
  readonly contracts: readonly ContractView[];
};

/** All prizes: those that the reader has or had a part of first, the next to move on first; paid ones last. */
export function groupLives({ chains, contracts }: WalletSnapshot): {
  readonly own: readonly Life[];
  readonly others: readonly Life[];
} {
  const lives = groupByPrize(chains)
    .flatMap(([, inside]) => splitByPhase(inside))
    .map(([chain, ...inside]): Life => {
      const ids = new Set([chain, ...inside].map(({ id }) => id));
      const own = contracts.filter(({ chainId, state }) => ids.has(chainId) && state !== "closed");
      return { chain, inside, contracts: own };
    })
    .toSorted((a, b) => nextHeight(a.chain) - nextHeight(b.chain));
  return {
    own: lives.filter((life) => life.contracts.length > 0),
    others: lives.filter((life) => life.contracts.length === 0),
  };
}

type Together = readonly [ChainView, ...ChainView[]];

/** Chains inside one another are settled together, until one of them is made of a contract that has won. */
function splitByPhase(chains: readonly ChainView[]): readonly Together[] {
  const groups = new Map<string, Together>();
  for (const chain of chains) {
    const key = `${chain.phase.kind} ${chain.schedule.claimsEnd}`;
    const group = groups.get(key);
    groups.set(key, group === undefined ? [chain] : [...group, chain]);
  }
  return [...groups.values()];
}

function nextHeight({ phase, schedule }: ChainView): number {
  switch (phase.kind) {
    case "trading":
      return schedule.expiry;
    case "drawing":
      return schedule.drawn;
    case "claims":
      return schedule.claimsEnd;
    case "disputes":
      return schedule.quiet;
    case "paid":
      return Number.MAX_SAFE_INTEGER;
  }
}
