import type { BetOffer, SaleOffer } from "../api/operatorApi.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import type { PostPlace } from "../protocol/anchor.ts";
import { TRUE_SCRIPT } from "../protocol/script.ts";
import type { ChainTracker, TrackedChain } from "./chainTracker.ts";
import type { Watcher } from "./disputes/watcher.ts";
import type { Hands } from "./hands.ts";
import type { MainChain } from "./mainChain.ts";
import { whyStopped } from "./obstacle.ts";
import type { WantedOrder } from "./orders/judgeNewOrder.ts";
import type { OrderDesk } from "./orders/orderDesk.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import { SourceError } from "./ports.ts";
import { positionOf } from "./positionOf.ts";
import type { States } from "./states.ts";

/** What the holder of an unlocked wallet can have it do. Each says in words why not, where it does nothing. */
export type WalletActions = {
  requestCoins(): Promise<Verdict<null>>;
  placeBet(
    chainId: Uint8Array,
    oracleId: Uint8Array,
    side: "yes" | "no",
    stake: bigint,
  ): Promise<Verdict<null>>;
  buySpace(chainId: Uint8Array, width: bigint): Promise<Verdict<null>>;
  updateTerms(contractId: Uint8Array): Promise<Verdict<null>>;
  /** Contracts of one chain, in one block of it. */
  redeem(contractIds: readonly Uint8Array[]): Promise<Verdict<null>>;
  /** Give up a full set held over one range, as both sides of one condition, for what stands above it: cash, in a market. */
  merge(contractId: Uint8Array): Promise<Verdict<null>>;
  /** Give plain space to another key, whole and unchanged. */
  handOver(contractId: Uint8Array, owner: Uint8Array): Promise<Verdict<null>>;
  /** Turn an own contract into a chain that posts in `anchor`, for ever. */
  seal(contractId: Uint8Array, anchor: PostPlace): Promise<Verdict<null>>;
  quoteSale(contractId: Uint8Array): Promise<Verdict<SaleOffer>>;
  sell(chainId: Uint8Array, offer: SaleOffer): Promise<Verdict<null>>;
  acceptBet(chainId: Uint8Array, offer: BetOffer): Promise<Verdict<null>>;
  acquire(chainId: Uint8Array, offer: SaleOffer, seller: Uint8Array): Promise<Verdict<null>>;
  /** Let an order rest in this wallet: it is signed anew for each block, as long as the wallet is unlocked. */
  placeOrder(chainId: Uint8Array, bookId: string, wanted: WantedOrder): Promise<Verdict<string>>;
  cancelOrder(id: string): Promise<Verdict<null>>;
  claim(contractId: Uint8Array): Promise<Verdict<null>>;
  collect(chainId: Uint8Array): Promise<Verdict<null>>;
  /** The same for the chain that an own sealed contract has become. */
  collectOwnChain(contractId: Uint8Array): Promise<Verdict<null>>;
  /** Ask on the main chain for the recorded block of a chain that nobody serves. */
  requestData(chainId: Uint8Array): Promise<Verdict<null>>;
  /** Ask on the main chain what stands in the place of an own contract, and show it there where this wallet can. */
  requestProof(contractId: Uint8Array): Promise<Verdict<null>>;
  /** Have it recorded that a request of a chain ran out: the deposit comes back, the post is void. */
  punishWithholding(chainId: Uint8Array): Promise<Verdict<null>>;
  /** Answer what the watcher has found, by its id there. */
  actOnDispute(id: string): Promise<Verdict<null>>;
};

/** @param options.sync - takes the steps that an action allows. */
export function createWalletActions(options: {
  readonly hands: Hands;
  readonly orders: OrderDesk;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly states: States;
  readonly watcher: () => Watcher | undefined;
  readonly note: (words: string) => Promise<void>;
  readonly sync: () => Promise<void>;
}): WalletActions {
  const { hands, orders, mainChain, tracker, states, watcher, note, sync } = options;

  async function act<Value>(
    words: string,
    action: (hands: Hands) => Promise<Verdict<Value>>,
  ): Promise<Verdict<Value>> {
    try {
      const done = await action(hands);
      if (done.ok && words !== "") await note(words);
      void sync();
      return done;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      return refuse(error.code, error.message);
    }
  }

  function withChain<Value>(
    chainId: Uint8Array,
    action: (chain: TrackedChain) => Promise<Verdict<Value>>,
  ): Promise<Verdict<Value>> {
    const chain = tracker.find(chainId);
    if (chain === undefined) {
      return Promise.resolve(refuse("NO_SUCH_CHAIN", "the wallet does not follow this chain"));
    }
    return action(chain);
  }

  function withOwn<Value>(
    contractId: Uint8Array,
    action: (chain: TrackedChain, own: OwnLeaf) => Promise<Verdict<Value>>,
  ): Promise<Verdict<Value>> {
    const id = formatHex(contractId);
    for (const chain of tracker.chains()) {
      const own = chain.book.own.get(id);
      if (own !== undefined) return action(chain, own);
    }
    return Promise.resolve(refuse("NO_SUCH_CONTRACT", "the wallet holds no contract of this id"));
  }

  return {
    requestCoins: () =>
      act("You asked the local faucet for coins.", async ({ signer }) => {
        const answer = await mainChain.ask((source) => source.requestCoins(signer.publicKey));
        return answer ?? refuse("DOWN", "no main-chain node answers");
      }),

    placeBet: (chainId, oracleId, side, stake) =>
      act(`You asked to bet on ${side}.`, ({ journeys }) =>
        withChain(chainId, async (chain) => {
          const bought = await journeys.buy(chain, stake, { kind: "bet", oracleId, side });
          return bought.ok ? accept(null) : bought;
        }),
      ),

    buySpace: (chainId, width) =>
      act("You asked to buy space.", ({ journeys }) =>
        withChain(chainId, async (chain) => {
          const bought = await journeys.buy(chain, width, { kind: "hold" });
          return bought.ok ? accept(null) : bought;
        }),
      ),

    updateTerms: (contractId) =>
      act("You and the operator signed the next state of a contract.", () =>
        withOwn(contractId, async (chain, own) => {
          const stopped = whyStopped(chain, tracker, mainChain);
          if (stopped !== undefined) {
            return refuse("NOT_SAFE", `nothing is signed while ${stopped}`);
          }
          const { operator } = chain.followed.facts;
          return states.update(own.leaf, tracker.operatorOf(chain), operator, TRUE_SCRIPT);
        }),
      ),

    redeem: (contractIds) =>
      act("You redeemed what was decided for you.", ({ journeys }) =>
        withOwn(contractIds[0] ?? new Uint8Array(), async (chain) => {
          const owns = contractIds.flatMap((id) => chain.book.own.get(formatHex(id)) ?? []);
          const isAll = owns.length === contractIds.length;
          return isAll
            ? journeys.redeem(chain, owns)
            : refuse("NO_SUCH_CONTRACT", "not all of them are contracts of one chain");
        }),
      ),

    merge: (contractId) =>
      act(
        "You gave up every side of a question for the space that they stand on.",
        ({ journeys }) => withOwn(contractId, (chain, own) => journeys.merge(chain, own)),
      ),

    handOver: (contractId, owner) =>
      act("You handed a contract over to an operator's key.", ({ journeys }) =>
        withOwn(contractId, (chain, own) => journeys.handOver(chain, own, owner)),
      ),

    seal: (contractId, anchor) =>
      act("You turned a contract into a chain.", ({ journeys }) =>
        withOwn(contractId, (chain, own) => journeys.seal(chain, own, anchor)),
      ),

    quoteSale: (contractId) =>
      act("", ({ signer }) =>
        withOwn(contractId, async (chain, own) => {
          const stopped = whyStopped(chain, tracker, mainChain);
          if (stopped !== undefined) return refuse("NOT_SAFE", `nothing is sold while ${stopped}`);
          const position = positionOf(chain, own);
          return tracker.operatorOf(chain).requestSale(signer.publicKey, position);
        }),
      ),

    sell: (chainId, offer) =>
      act("You sold a position; the buyer's payment is on its way.", ({ journeys }) =>
        withChain(chainId, (chain) => journeys.sell(chain, offer)),
      ),

    acceptBet: (chainId, offer) =>
      act("You took the other side of a bet.", ({ journeys }) =>
        withChain(chainId, (chain) => journeys.acceptBet(chain, offer)),
      ),

    acquire: (chainId, offer, seller) =>
      act("You offered to buy a position.", ({ journeys }) =>
        withChain(chainId, (chain) => journeys.acquire(chain, offer, seller)),
      ),

    placeOrder: (chainId, bookId, wanted) =>
      act("", () => withChain(chainId, (chain) => orders.place(chain, bookId, wanted))),

    cancelOrder: (id) => act("", () => orders.cancel(id)),

    claim: (contractId) =>
      act("You claimed the prize.", ({ settlement }) =>
        withOwn(contractId, (chain, own) => settlement.claim(chain, own)),
      ),

    collect: (chainId) =>
      act("You asked the main chain to pay the prize.", ({ settlement }) =>
        withChain(chainId, (chain) => settlement.collect(chain.settlement)),
      ),

    collectOwnChain: (contractId) =>
      act("You asked the main chain to pay the prize.", ({ settlement }) =>
        withOwn(contractId, (chain) => settlement.collect(chain.ownChain)),
      ),

    requestData: (chainId) =>
      act("You asked on the main chain for a withheld block.", ({ withheld }) =>
        withChain(chainId, (chain) => withheld.request(chain)),
      ),

    requestProof: (contractId) =>
      act("You asked on the main chain what stands in your contract's place.", ({ proofs }) =>
        withOwn(contractId, (chain, own) => proofs.request(chain, own)),
      ),

    punishWithholding: (chainId) =>
      act("You had it recorded that a withheld block was not served.", ({ withheld }) =>
        withChain(chainId, (chain) => withheld.punish(chain)),
      ),

    actOnDispute: (id) =>
      act("You answered a dispute.", async () => {
        const found = watcher();
        return found === undefined
          ? refuse("NO_SUCH_DISPUTE", "nothing is watched")
          : found.act(id);
      }),
  };
}
