import type { HeaderState } from "../chain/header/headerState.ts";
import { equalBytes } from "../lib/bytes.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import type { Rules } from "../protocol/rules.ts";
import { type ChainTracker, createChainTracker } from "./chainTracker.ts";
import { AUTOMATIC } from "./disputes/dispute.ts";
import type { Watcher } from "./disputes/watcher.ts";
import type { Hands } from "./hands.ts";
import { createHeaderBook } from "./headerBook.ts";
import { createLocalVerifier } from "./localVerifier.ts";
import { createMainChain, type MainChain } from "./mainChain.ts";
import type { Audits } from "./orders/audits.ts";
import { createMarketFeeds, type MarketFeeds } from "./orders/marketFeeds.ts";
import type { OrderDesk } from "./orders/orderDesk.ts";
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
import type { TowerDuty } from "./tower/towerDuty.ts";
import type { TowerSetting } from "./tower/towerSource.ts";
import type { TowerStanding } from "./tower/towers.ts";
import type { WalletActions } from "./walletActions.ts";

/**
 * The wallet and light client as one machine: it looks with no key, acts once a signer is attached,
 * and takes one step at a time. The same machine runs in the browser's worker, in the headless
 * scenario and in the counterparty.
 */
export type Wallet = WalletActions & {
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly states: States;
  /** Undefined while there is neither an order nor a key to sign one. */
  orders(): OrderDesk | undefined;
  /** What this wallet finds of batches; undefined while none has gone by. */
  audits(): Audits | undefined;
  /** What watches over own contracts; undefined while there is none. */
  watcher(): Watcher | undefined;
  /** The watchtowers that evidence is handed to. */
  towers(): readonly TowerStanding[];
  /** What the operators say of their books, as far as they are listened to. */
  readonly feeds: MarketFeeds;
  hands(): Hands | undefined;
  activity(): readonly Activity[];
  attachSigner(signer: Signer): Promise<void>;
  detachSigner(): void;
  /** Take what is new from every source, then every step it allows. Calls while one runs are joined. */
  sync(): Promise<void>;
  onChange(listener: () => void): () => void;

  follow(url: string): Promise<Verdict<null>>;
  /** Whether disputes are answered without asking. */
  setAutoDefence(isOn: boolean): Promise<Verdict<null>>;
  /** Hand evidence to a watchtower from now on, or no more. */
  addTower(url: string): Promise<Verdict<null>>;
  removeTower(url: string): Promise<Verdict<null>>;
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
  /** Watchtowers; none unless given. */
  readonly towers?: TowerSetting | undefined;
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
  let actions: WalletActions | undefined;
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

  let duty: TowerDuty | undefined;

  async function openDuty(setting: TowerSetting): Promise<TowerDuty> {
    const [{ createTowerDuty }, tools] = await Promise.all([
      import("./tower/towerDuty.ts"),
      setting.load(),
    ]);
    return createTowerDuty({
      rules,
      store,
      mainChain,
      tracker,
      states,
      defence: () => watcher,
      tools,
      urls: setting.urls,
      signer: () => hands?.signer,
      note,
      onChange: tell,
    });
  }

  async function changeTowers(
    change: (duty: TowerDuty) => Promise<Verdict<null>>,
  ): Promise<Verdict<null>> {
    if (options.towers === undefined) return refuse("NO_TOWERS", "this wallet uses no watchtowers");
    duty ??= await openDuty(options.towers);
    const done = await change(duty);
    void wallet.sync();
    return done;
  }

  const hasTowers =
    options.towers !== undefined &&
    (options.towers.urls.length > 0 || (await store.rows("towers")).length > 0);

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
    if (hasTowers && options.towers !== undefined) duty ??= await openDuty(options.towers);
    await duty?.advance();
    tell();
    return isBehind;
  }

  /** What only its holder does; refused while the wallet is locked. */
  async function act<Value>(
    action: (actions: WalletActions) => Promise<Verdict<Value>>,
  ): Promise<Verdict<Value>> {
    return actions === undefined ? refuse("LOCKED", "unlock the wallet first") : action(actions);
  }

  const wallet: Wallet = {
    mainChain,
    tracker,
    states,
    orders: () => orders,
    audits: () => audits,
    watcher: () => watcher,
    towers: () => duty?.list() ?? [],
    feeds: createMarketFeeds(clock),
    hands: () => hands,
    activity: () => activities,

    async attachSigner(signer) {
      if (owner === undefined || !equalBytes(owner, signer.publicKey)) {
        // Chains that were followed before hold leaves that were nobody's until now: the next check reads them again.
        owner = signer.publicKey;
      }
      // Looking needs none of it: a page loads it when its wallet is unlocked.
      const [{ createHands }, { createWalletActions }] = await Promise.all([
        import("./hands.ts"),
        import("./walletActions.ts"),
      ]);
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
      actions = createWalletActions({
        hands: unlocked,
        orders,
        mainChain,
        tracker,
        states,
        watcher: () => watcher,
        note,
        sync: () => wallet.sync(),
      });
    },

    detachSigner() {
      hands = undefined;
      actions = undefined;
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

    follow: (url) => tracker.follow(url),
    requestCoins: (...args) => act((actions) => actions.requestCoins(...args)),
    placeBet: (...args) => act((actions) => actions.placeBet(...args)),
    buySpace: (...args) => act((actions) => actions.buySpace(...args)),
    updateTerms: (...args) => act((actions) => actions.updateTerms(...args)),
    redeem: (...args) => act((actions) => actions.redeem(...args)),
    merge: (...args) => act((actions) => actions.merge(...args)),
    handOver: (...args) => act((actions) => actions.handOver(...args)),
    seal: (...args) => act((actions) => actions.seal(...args)),
    quoteSale: (...args) => act((actions) => actions.quoteSale(...args)),
    sell: (...args) => act((actions) => actions.sell(...args)),
    acceptBet: (...args) => act((actions) => actions.acceptBet(...args)),
    acquire: (...args) => act((actions) => actions.acquire(...args)),
    placeOrder: (...args) => act((actions) => actions.placeOrder(...args)),
    cancelOrder: (...args) => act((actions) => actions.cancelOrder(...args)),
    claim: (...args) => act((actions) => actions.claim(...args)),
    collect: (...args) => act((actions) => actions.collect(...args)),
    collectOwnChain: (...args) => act((actions) => actions.collectOwnChain(...args)),
    requestData: (...args) => act((actions) => actions.requestData(...args)),
    requestProof: (...args) => act((actions) => actions.requestProof(...args)),
    punishWithholding: (...args) => act((actions) => actions.punishWithholding(...args)),

    actOnDispute: (...args) => act((actions) => actions.actOnDispute(...args)),

    async setAutoDefence(isOn) {
      watcher ??= await openWatcher();
      await watcher.setAutomatic(isOn);
      return accept(null);
    },

    addTower: (url) => changeTowers((open) => open.add(url)),
    removeTower: (url) => changeTowers((open) => open.remove(url)),
  };
  return wallet;
}

/** A failing source stops this round's step, not the wallet: the next round tries again. */
async function guardSource(step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
  }
}
