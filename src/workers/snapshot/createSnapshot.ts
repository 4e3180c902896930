import { computeUnixMs } from "../../chain/header/headerTime.ts";
import { findObstacle } from "../../client/obstacle.ts";
import type { Journey } from "../../client/rows.ts";
import type { Wallet } from "../../client/wallet.ts";
import type { ChainView, Figure, KeyView, NetworkView, WalletSnapshot } from "../walletApi.ts";
import { describeChain } from "./chainView.ts";
import { describeContract } from "./contractView.ts";
import { describeDisputes, describeWatch } from "./disputeView.ts";
import type { TradeViews } from "./tradeViews.ts";

/** What the worker knows beside the wallet itself. */
export type SnapshotContext = {
  readonly key: KeyView;
  readonly owner: Uint8Array | undefined;
  readonly storage: WalletSnapshot["storage"];
  /** Says what is shown of trade; undefined while nobody has asked for it. */
  readonly describeTrade?: ((wallet: Wallet) => TradeViews) | undefined;
};

const NO_TRADE: TradeViews = { books: [], orders: [], positions: [] };

/** Activity lines that the page gets; older ones stay on disk. */
const ACTIVITY_MAX = 200;

/** All that the page shows, from what this wallet has checked. */
export function createSnapshot(wallet: Wallet, context: SnapshotContext): WalletSnapshot {
  const { key, owner, storage, describeTrade } = context;
  const network = describeNetwork(wallet);
  const { parameters } = wallet.mainChain.book();
  const chains = wallet.tracker.chains();
  return {
    key,
    network,
    balance: describeBalance(wallet, network),
    hasFaucet: parameters.name === "local",
    chains: orderByNesting(
      chains.map((chain) => {
        const ancestors = wallet.tracker.ancestors(chain);
        const anchors = wallet.tracker.anchors(chain);
        const mode = wallet.tracker.modeOf(chain);
        const obstacle = findObstacle(chain, wallet.tracker, wallet.mainChain);
        const above = { ancestors, anchors, obstacle };
        return describeChain(chain, above, owner, network.height, parameters, mode);
      }),
    ),
    contracts: chains.flatMap((chain) =>
      [...chain.book.own.values()].map((own) => describeContract(wallet, chain, own)),
    ),
    ...(describeTrade?.(wallet) ?? NO_TRADE),
    disputes: describeDisputes(wallet),
    watch: describeWatch(wallet),
    towers: wallet.towers(),
    activity: describeActivity(wallet, network.height),
    progress: describeProgress(wallet),
    storage,
  };
}

/** Every chain comes right after the one that it is inside of and what came before it in there. */
function orderByNesting(chains: readonly ChainView[]): readonly ChainView[] {
  const below = (id: string | undefined): readonly ChainView[] =>
    chains
      .filter(({ ancestors }) => ancestors[0] === id)
      .flatMap((chain) => [chain, ...below(chain.id)]);
  return below(undefined);
}

function describeNetwork({ mainChain }: Wallet): NetworkView {
  const { parameters } = mainChain.book();
  const tip = mainChain.tip();
  return {
    name: parameters.name,
    nodes: mainChain.nodes(),
    height: tip.header.height,
    tipTimeMs: computeUnixMs(tip.header.time),
    work: tip.work.toString(),
    isStale: mainChain.isStale(),
    blockPeriodMs: parameters.periodTenths * 100,
    confirmations: parameters.confirmations,
  };
}

function describeBalance(wallet: Wallet, network: NetworkView): Figure {
  const hands = wallet.hands();
  if (hands === undefined) {
    return { amount: 0n, standing: { kind: "pending", waitsFor: "the wallet to be unlocked" } };
  }
  const amount = hands.outbox.account().balance;
  if (hands.outbox.pendingCount() > 0) {
    return { amount, standing: { kind: "pending", waitsFor: "a transaction on its way" } };
  }
  if (!network.nodes.some(({ state }) => state === "live")) {
    return { amount, standing: { kind: "pending", waitsFor: "a main-chain node to answer" } };
  }
  return { amount, standing: { kind: "verified", height: network.height } };
}

function describeActivity(wallet: Wallet, height: number): WalletSnapshot["activity"] {
  return wallet
    .activity()
    .slice(-ACTIVITY_MAX)
    .map(({ atMs, words }, index) => ({
      id: `${atMs}-${index}`,
      atMs,
      words,
      standing: { kind: "verified", height } as const,
    }))
    .toReversed();
}

/** The first journey that is open, and how far it has come. */
function describeProgress(wallet: Wallet): WalletSnapshot["progress"] {
  const open = wallet
    .hands()
    ?.journeys.list()
    .find(([, journey]) => journey.state.kind === "open");
  if (open === undefined) return undefined;
  const [, journey] = open;
  const [words, done, total] = describeJourney(wallet, journey);
  return { words, done, total };
}

function describeJourney(wallet: Wallet, journey: Journey): [string, number, number] {
  if (journey.kind === "sale") return ["The buyer's payment is on its way", 1, 2];
  if (journey.kind === "acquisition") return ["A position is being bought", 1, 2];
  const chain = wallet.tracker.find(journey.chainId);
  const { lo, hi } = journey.offer;
  const own = [...(chain?.book.own ?? [])].filter(
    ([, each]) => each.leaf.lo >= lo && each.leaf.hi <= hi,
  );
  const total = journey.goal.kind === "bet" ? 4 : 3;
  const isCash = own.some(([, { place }]) => place.conditions.length === 0);
  const isPosition = own.some(([, { place }]) => place.conditions[0]?.level === 64);
  if (isPosition) return ["The bet is made; its record is being confirmed", 3, total];
  const next =
    journey.goal.kind === "bet" ? "both sides sign the bet" : "its record is being confirmed";
  if (isCash) return [`The space is yours; ${next}`, 2, total];
  if (own.length > 0) return ["The space is made and checked; the payment is on its way", 1, total];
  return ["The operator makes the space you asked for", 0, total];
}
