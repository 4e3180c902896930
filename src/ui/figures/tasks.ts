import type { DisputeView } from "../../workers/disputeViews.ts";
import type {
  ChainView,
  ContractView,
  SettleAction,
  WalletSnapshot,
} from "../../workers/walletApi.ts";
import { isInPlay } from "./outcomes.ts";

/**
 * Something that the holder must or may do.
 *
 * - `isMust`: money of his depends on it. - `until`: the last main-chain height at which it counts; undefined where
 *   it can wait.
 * - `dispute`: answer what somebody does on the main chain. - `claim`, `collect`, `collectOwnChain`: the steps of getting paid. - `show`: have it shown on the main chain what
 *   stands in a contract's place. - `redeem`: turn what is decided into space. - `draw`: sell, or go to the draw.
 * - `refund`: take a deposit back.
 */
export type Task = {
  readonly id: string;
  readonly isMust: boolean;
  readonly chain: ChainView;
  readonly until: number | undefined;
} & (
  | { readonly kind: SettleAction | "show" | "redeem"; readonly contract: ContractView }
  /** `contracts`: all that go to the same draw. */
  | { readonly kind: "draw"; readonly contracts: readonly ContractView[] }
  | { readonly kind: "refund" }
  | { readonly kind: "dispute"; readonly dispute: DisputeView }
);

const STEPS: readonly SettleAction[] = ["claim", "collect", "collectOwnChain"];

/** What is to be done: what must be first, and of that what is due first. */
export function listTasks({ chains, contracts, disputes }: WalletSnapshot): readonly Task[] {
  const tasks = chains.flatMap((chain): Task[] => {
    const own = contracts.filter(({ chainId }) => chainId === chain.id);
    return [
      ...listAnswers(chain, disputes),
      ...own.flatMap((contract) => listSteps(chain, contract)),
      ...own.flatMap((contract) => listShowings(chain, contract)),
      ...listRedemptions(chain, own),
      ...listRefunds(chain),
    ];
  });
  return [...tasks, ...listDraws(chains, contracts)].toSorted(compareTasks);
}

function compareTasks(a: Task, b: Task): number {
  if (a.isMust !== b.isMust) return a.isMust ? -1 : 1;
  return (a.until ?? Number.MAX_SAFE_INTEGER) - (b.until ?? Number.MAX_SAFE_INTEGER);
}

function listAnswers(chain: ChainView, disputes: readonly DisputeView[]): Task[] {
  const open = disputes.filter(({ chainId, state }) => chainId === chain.id && state === "open");
  return open.map((dispute) => ({
    id: `dispute:${dispute.id}`,
    kind: "dispute",
    isMust: true,
    chain,
    dispute,
    until: dispute.until,
  }));
}

function listSteps(chain: ChainView, contract: ContractView): Task[] {
  return STEPS.filter((step) => contract.actions.includes(step)).map((kind) => ({
    id: `${kind}:${contract.id}`,
    kind,
    isMust: true,
    chain,
    contract,
    until: kind === "claim" ? chain.schedule.claimsEnd - 1 : undefined,
  }));
}

/** Asking for a proof is for who wants to know; showing one's own, before its post becomes void, is a must. */
function listShowings(chain: ChainView, contract: ContractView): Task[] {
  const offer = contract.showing?.offer;
  if (offer === undefined) return [];
  const isMust = offer.kind === "doubted" && offer.isByUs;
  const until = isMust ? offer.until : undefined;
  return [{ id: `show:${contract.id}`, kind: "show", isMust, chain, contract, until }];
}

/** One of each position: its screen does the rest. */
function listRedemptions(chain: ChainView, own: readonly ContractView[]): Task[] {
  const found = new Map<string, ContractView>();
  for (const contract of own) {
    if (contract.actions.includes("redeem") && !found.has(contract.positionId)) {
      found.set(contract.positionId, contract);
    }
  }
  return [...found.values()].map((contract) => ({
    id: `redeem:${contract.id}`,
    kind: "redeem",
    isMust: false,
    chain,
    contract,
    until: chain.schedule.expiry - 1,
  }));
}

function listRefunds(chain: ChainView): Task[] {
  const { withheld } = chain;
  const isOpen = withheld?.kind === "void" && withheld.isOpen && withheld.chainId === chain.id;
  if (!isOpen) return [];
  return [{ id: `refund:${chain.id}`, kind: "refund", isMust: false, chain, until: undefined }];
}

/** All that is held in one prize goes to one draw. */
function listDraws(chains: readonly ChainView[], contracts: readonly ContractView[]): Task[] {
  return groupByPrize(chains).flatMap(([top, inside]): Task[] => {
    if (top.phase.kind !== "trading") return [];
    const held = contracts.filter(
      (contract) =>
        contract.state === "held" &&
        isInPlay(contract) &&
        inside.some(({ id }) => id === contract.chainId),
    );
    if (held.length === 0) return [];
    const until = top.schedule.expiry - 1;
    return [
      { id: `draw:${top.id}`, kind: "draw", isMust: false, chain: top, contracts: held, until },
    ];
  });
}

/** Each chain on the main chain with all that are inside it, itself first. */
export function groupByPrize(
  chains: readonly ChainView[],
): readonly (readonly [top: ChainView, inside: readonly ChainView[]])[] {
  return chains
    .filter(({ id, topId }) => id === topId)
    .map((top) => [top, chains.filter(({ topId }) => topId === top.id)] as const);
}
