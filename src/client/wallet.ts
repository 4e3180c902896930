import type { BetOffer, SaleOffer } from "../api/operatorApi.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { assert } from "../lib/assert.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import type { PostPlace } from "../protocol/anchor.ts";
import type { Rules } from "../protocol/rules.ts";
import { TRUE_SCRIPT } from "../protocol/script.ts";
import { type ChainTracker, createChainTracker, type TrackedChain } from "./chainTracker.ts";
import { AUTOMATIC } from "./disputes/dispute.ts";
import type { Watcher } from "./disputes/watcher.ts";
import type { Hands } from "./hands.ts";
import { createHeaderBook } from "./headerBook.ts";
import { createLocalVerifier } from "./localVerifier.ts";
import { createMainChain, type MainChain } from "./mainChain.ts";
import { whyStopped } from "./obstacle.ts";
import type { Audits } from "./orders/audits.ts";
import type { WantedOrder } from "./orders/judgeNewOrder.ts";
import { createMarketFeeds, type MarketFeeds } from "./orders/marketFeeds.ts";
import { findBookByCondition } from "./orders/offeredBooks.ts";
import type { OrderDesk } from "./orders/orderDesk.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import type {
  BlockArchive,
  BlockVerifier,
  Clock,
  MainChainSource,
  OperatorSource,
  Signer,
  WalletStore,
} from "./ports.ts";
import { SourceError } from "./ports.ts";
import { type Activity, decodeActivity, encodeActivity } from "./rows.ts";
import { createStates, type States } from "./states.ts";

/**
 * The wallet and light client as one machine: it looks with no key, acts once a signer is attached,
 * and takes one step at a time. The same machine runs in the browser's worker, in the headless
 * scenario and in the counterparty.
 */
export type Wallet = {
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly states: States;
  /** Undefined while there is neither an order nor a key to sign one. */
  orders(): OrderDesk | undefined;
  /** What this wallet finds of batches; undefined while none has gone by. */
  audits(): Audits | undefined;
  /** What watches over own contracts; undefined while there is none. */
  watcher(): Watcher | undefined;
  /** What the operators say of their books, as far as they are listened to. */
  readonly feeds: MarketFeeds;
  hands(): Hands | undefined;
  activity(): readonly Activity[];
  attachSigner(signer: Signer): Promise<void>;
  detachSigner(): void;
  /** Take what is new from every source, then every step it allows. Calls while one runs are joined. */
  sync(): Promise<void>;
  onChange(listener: () => void): () => void;

  requestCoins(): Promise<Verdict<null>>;
  follow(url: string): Promise<Verdict<null>>;
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
  /** Whether disputes are answered without asking. */
  setAutoDefence(isOn: boolean): Promise<Verdict<null>>;
};

export async function createWallet(options: {
  readonly rules: Rules;
  /** The network's genesis header: part of what the network is, and trusted. */
  readonly genesis: HeaderState;
  readonly sources: readonly MainChainSource[];
  readonly operatorAt: (url: string) => OperatorSource;
  /** Addresses of servers that may have blocks which an operator does not serve. */
  readonly mirrors?: readonly string[];
  /** Where the bytes of checked blocks are kept; nowhere unless given. */
  readonly archive?: BlockArchive | undefined;
  /** Who checks blocks; the wallet itself, one after another, unless told otherwise. */
  readonly verifier?: BlockVerifier;
  readonly store: WalletStore;
  readonly clock: Clock;
  /** Let others have their turn in the middle of long work; nobody has one unless told otherwise. */
  readonly pause?: () => Promise<void>;
  /** Whose contracts are own from the start, while the wallet is still locked. */
  readonly owner?: Uint8Array | undefined;
}): Promise<Wallet> {
  const { rules, store, clock, verifier = createLocalVerifier(rules) } = options;
  const listeners = new Set<() => void>();
  const activities: Activity[] = [];
  let { owner } = options;
  let hands: Hands | undefined;
  let running: Promise<void> | undefined;
  let isWanted = false;

  for (const [, bytes] of (await store.rows("activity")).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const activity = decodeActivity(bytes);
    if (activity.ok) activities.push(activity.value);
  }
  const start = createHeaderBook(rules.parameters, options.genesis);
  const mainChain = await createMainChain(start, options.sources, store, clock);
  const tracker = await createChainTracker({
    rules,
    mainChain,
    verifier,
    operatorAt: options.operatorAt,
    mirrors: options.mirrors ?? [],
    archive: options.archive,
    store,
    clock,
    owner: () => owner,
  });
  const states = await createStates(rules, store, () => hands?.guard);

  async function note(words: string): Promise<void> {
    const activity = { atMs: clock(), words };
    const key = String(activities.push(activity) - 1).padStart(10, "0");
    await store.commit([{ kind: "put", table: "activity", key, value: encodeActivity(activity) }]);
  }

  let orders: OrderDesk | undefined;
  let audits: Audits | undefined;

  async function openAudits(): Promise<Audits> {
    const { createAudits } = await import("./orders/audits.ts");
    return createAudits({
      rules,
      tracker,
      taken: (chain) => orders?.taken(chain) ?? [],
      mainHeight: () => mainChain.tip().header.height,
      explain: async (...reason) => orders?.explain(...reason),
      async warn(words) {
        if (!activities.some((each) => each.words === words)) await note(words);
      },
      onChange: tell,
      pause: options.pause ?? (() => Promise.resolve()),
    });
  }

  async function openOrders(): Promise<OrderDesk> {
    const { createOrderDesk } = await import("./orders/orderDesk.ts");
    return createOrderDesk({
      store,
      clock,
      mainChain,
      tracker,
      note,
      hands: () => hands,
      onChange: tell,
    });
  }
  if ((await store.rows("orders")).length > 0) orders = await openOrders();

  async function openWatcher(): Promise<Watcher> {
    const { createWatcher } = await import("./disputes/watcher.ts");
    return createWatcher({ rules, store, mainChain, tracker, states, note, hands: () => hands });
  }
  // Set by the holder before: the page shows it from the start.
  const isSet = (await store.rows("meta")).some(([key]) => key === AUTOMATIC);
  let watcher: Watcher | undefined = isSet ? await openWatcher() : undefined;

  function tell(): void {
    for (const listener of listeners) listener();
  }

  /** One round; true if there is more to be checked than it took. */
  async function syncOnce(): Promise<boolean> {
    await mainChain.sync();
    const isBehind = await tracker.sync();
    // What rests is signed for the new block before anything else is asked of anybody.
    await orders?.advance();
    if (hands !== undefined) await guardSource(() => (hands as Hands).outbox.refresh());
    // What a purchase is paid by has to be collected before.
    const isWatched = tracker.chains().some(({ book }) => book.own.size > 0);
    if (isWatched) watcher ??= await openWatcher();
    await guardSource(async () => watcher?.advance());
    if (hands !== undefined) {
      await guardSource(() => (hands as Hands).journeys.advance());
      await guardSource(() => (hands as Hands).proofs.refresh());
    }
    const isTraded = tracker.chains().some(({ book }) => book.trades.length > 0);
    if (isTraded || orders !== undefined) audits ??= await openAudits();
    audits?.advance();
    tell();
    return isBehind;
  }

  async function act<Value>(
    words: string,
    action: (hands: Hands) => Promise<Verdict<Value>>,
  ): Promise<Verdict<Value>> {
    if (hands === undefined) return refuse("LOCKED", "unlock the wallet first");
    try {
      const done = await action(hands);
      if (done.ok && words !== "") await note(words);
      void wallet.sync();
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

  function withOrders<Value>(
    action: (desk: OrderDesk) => Promise<Verdict<Value>>,
  ): Promise<Verdict<Value>> {
    assert(orders !== undefined, "an unlocked wallet has opened its orders");
    return action(orders);
  }

  const wallet: Wallet = {
    mainChain,
    tracker,
    states,
    orders: () => orders,
    audits: () => audits,
    watcher: () => watcher,
    feeds: createMarketFeeds(clock),
    hands: () => hands,
    activity: () => activities,

    async attachSigner(signer) {
      if (owner === undefined || !equalBytes(owner, signer.publicKey)) {
        // Chains that were followed before hold leaves that were nobody's until now: the next check reads them again.
        owner = signer.publicKey;
      }
      // Looking needs none of it: a page loads it when its wallet is unlocked.
      const { createHands } = await import("./hands.ts");
      const unlocked = await createHands({
        rules,
        store,
        signer,
        mainChain,
        tracker,
        states,
        note,
        catchUp: () => wallet.sync(),
        whyUnproven: (chain, leafId) =>
          watcher === undefined ? "it has not been read" : watcher.whyUnproven(chain, leafId),
      });
      if (orders === undefined) orders = await openOrders();
      else await orders.reload();
      hands = unlocked;
    },

    detachSigner() {
      hands = undefined;
    },

    sync() {
      if (running !== undefined) {
        isWanted = true;
        return running;
      }
      running = (async () => {
        try {
          do {
            isWanted = false;
            isWanted = (await syncOnce()) || isWanted;
          } while (isWanted);
        } finally {
          // Orders that rest are signed for each block as it comes.
          verifier.rest(hands !== undefined && orders?.isAnyOpen() === true);
          running = undefined;
        }
      })();
      return running;
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    requestCoins: () =>
      act("You asked the local faucet for coins.", async ({ signer }) => {
        const answer = await mainChain.ask((source) => source.requestCoins(signer.publicKey));
        return answer ?? refuse("DOWN", "no main-chain node answers");
      }),

    follow: (url) => tracker.follow(url),

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
      act("", () =>
        withChain(chainId, (chain) => withOrders((desk) => desk.place(chain, bookId, wanted))),
      ),

    cancelOrder: (id) => act("", () => withOrders((desk) => desk.cancel(id))),

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
      act("You answered a dispute.", async () =>
        watcher === undefined ? refuse("NO_SUCH_DISPUTE", "nothing is watched") : watcher.act(id),
      ),

    async setAutoDefence(isOn) {
      watcher ??= await openWatcher();
      await watcher.setAutomatic(isOn);
      return accept(null);
    },
  };
  return wallet;
}

/** The ids of all own contracts of the same bet as `own`, on one outcome: a position is the pair on both ranges. */
export function positionOf(chain: TrackedChain, own: OwnLeaf): Uint8Array[] {
  const betOf = (contract: OwnLeaf): string | undefined => {
    for (const { hash } of contract.place.conditions) {
      const offered = findBookByCondition(chain.followed.markets, hash);
      if (offered !== undefined) return offered.id;
      const facts = chain.book.conditions.get(formatHex(hash))?.facts ?? [];
      const oracle = facts.find(({ kind }) => kind === "oracle");
      if (oracle !== undefined) return formatHex(oracle.key);
    }
    return undefined;
  };
  const bet = betOf(own);
  if (bet === undefined) return [own.leaf.id];
  const side = own.place.conditions[0]?.side;
  const pair = [...chain.book.own.values()].filter(
    (each) =>
      chain.book.live.has(formatHex(each.leaf.id)) &&
      each.madeIn === own.madeIn &&
      betOf(each) === bet &&
      each.place.conditions[0]?.side === side,
  );
  return pair.map(({ leaf }) => leaf.id);
}

/** A failing source stops this round's step, not the wallet: the next round tries again. */
async function guardSource(step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
  }
}
