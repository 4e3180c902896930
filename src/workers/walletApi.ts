import type { DisputeView, RehearsalView, WatchView } from "./disputeViews.ts";
import type { BookView, NewOrder, OrderView, PositionView } from "./marketViews.ts";
import type { TowerView } from "./towerView.ts";

/**
 * What the page and the wallet's worker say to each other: plain data that survives structured
 * cloning, keys and hashes as lower-case hex, amounts in satoshi as `bigint`, times in unix
 * milliseconds. The page shows and asks; every rule and every sum is behind this door.
 */

/** How a figure is known. Every figure on screen carries one. */
export type Standing =
  | { readonly kind: "verified"; readonly height: number }
  | { readonly kind: "pending"; readonly waitsFor: string }
  | { readonly kind: "claimed"; readonly by: string };

/** An amount in satoshi and how it is known. */
export type Figure = { readonly amount: bigint; readonly standing: Standing };

/** The wallet's key: none made yet, made but locked, or in use. `address` is Amoveo's base64 form. */
export type KeyView =
  | { readonly kind: "none" }
  | { readonly kind: "locked"; readonly address: string }
  | { readonly kind: "unlocked"; readonly address: string; readonly publicKey: string };

/** One main-chain node that headers are taken from. */
export type NodeView = {
  readonly url: string;
  readonly state: "connecting" | "live" | "behind" | "down" | "refused";
  readonly height: number;
  /** Why it is behind, down or refused, in a sentence; empty when live. */
  readonly note: string;
};

export type NetworkView = {
  readonly name: string;
  readonly nodes: readonly NodeView[];
  /** Best header checked here, its time, and its accumulated work in decimal. */
  readonly height: number;
  readonly tipTimeMs: number;
  readonly work: string;
  /** The tip is older than it should be: nothing new is accepted until it moves. */
  readonly isStale: boolean;
  readonly blockPeriodMs: number;
  readonly confirmations: number;
};

/**
 * One segment of the strip: half-open `[lo, hi)` in satoshi. Layers are the outcomes of a branched cell.
 * `crowd`: contracts of others that begin here and are only counted, 0 where each is shown by itself.
 */
export type SegmentView = {
  readonly lo: bigint;
  readonly hi: bigint;
  readonly layers: readonly LayerView[];
  readonly crowd: number;
};

export type LayerView = {
  /** Hex id of the contract, or undefined where the operator's own free space is. */
  readonly contractId: string | undefined;
  readonly isMine: boolean;
  /** When the holder of this layer has the space, in words; empty if always. */
  readonly when: string;
};

/** One line of the receipt of a chain's verdict. */
export type CheckView = { readonly what: string; readonly count: number; readonly upTo: string };

/** Every block, or at each post only the proofs of the reader's own contracts. */
export type CheckMode = "full" | "ownShare";

/** A chain above another, on which the other leans. `label`: what its operator calls it. */
export type CulpritView = {
  readonly id: string;
  readonly label: string;
  readonly operatorUrl: string;
};

/**
 * What this wallet found when it checked a chain itself.
 *
 * - `culprit`: the chain above in which it lies; undefined where it is the chain itself.
 * - `height`, `confirmations`: main-chain height checked up to, and how deep the last record lies there.
 * - `lastRecord`: sequence of the last record before a breach; undefined where there was none.
 */
export type VerdictView =
  | {
      readonly kind: "checking";
      readonly done: number;
      readonly total: number;
      /** At the speed so far; undefined while there is none. */
      readonly secondsLeft: number | undefined;
    }
  | {
      readonly kind: "honest";
      readonly height: number;
      readonly blockHeight: number;
      /** Only the proofs of the reader's own contracts were checked, not all blocks. */
      readonly isOwnShare: boolean;
      /** The chain above of which no more was checked, where of this one all blocks were. */
      readonly sharedAbove: CulpritView | undefined;
      readonly confirmations: number;
      readonly checks: readonly CheckView[];
    }
  /** Its posts count for nothing from number `sequence` on, since main-chain block `sinceHeight`. */
  | {
      readonly kind: "void";
      readonly culprit: CulpritView | undefined;
      readonly sequence: number;
      readonly sinceHeight: number;
    }
  | {
      readonly kind: "waiting";
      readonly culprit: CulpritView | undefined;
      readonly reason: string;
      readonly sinceHeight: number;
    }
  | {
      readonly kind: "broken";
      readonly culprit: CulpritView | undefined;
      readonly rule: string;
      readonly blockHeight: number;
      readonly transactionIndex: number | undefined;
      readonly lastRecord: number | undefined;
      readonly message: string;
      readonly height: number;
      readonly checks: readonly CheckView[];
    };

/**
 * Something recorded that nobody serves: who withholds it, of which chain (hex id), and how far asking for it has
 * come. Heights and delays in main-chain blocks.
 */
export type WithheldView = {
  readonly chainId: string;
  readonly operatorUrl: string;
  /** Number of the post, in its chain's own count. */
  readonly sequence: number;
} & (
  | {
      readonly kind: "withheld";
      readonly since: number;
      /** What asking costs, and the deposit of which the rest comes back, satoshi. */
      readonly fee: bigint;
      readonly deposit: bigint;
      readonly answerWithin: number;
    }
  | {
      readonly kind: "asked";
      readonly since: number;
      readonly due: number;
      readonly answerWithin: number;
    }
  /** Its block was taken from an answer on the main chain. */
  | { readonly kind: "answered" }
  /** Somebody else asks for what this wallet has been served: it may still become void. */
  | { readonly kind: "doubted"; readonly due: number; readonly answerWithin: number }
  /** `isOpen`: a request that has run out still holds its deposit. */
  | { readonly kind: "void"; readonly isOpen: boolean }
);

/**
 * Showing on the main chain what stands in a contract's place.
 *
 * - `offer`: `missing` where its chain's newest post is served by nobody, `doubted` where somebody asks for the
 *   contract's own post. `sequence`: of the post. `fee`: what asking costs, and `deposit`, of which the rest comes back,
 *   in satoshi. `isByUs`: this wallet holds the proof, and hands it in with the request. `until`: the last main-chain
 *   height of an answer.
 * - `asked`: what came of the last time, `height`: of the answer.
 */
export type ShowingView = {
  readonly offer:
    | {
        readonly kind: "missing" | "doubted";
        readonly sequence: number;
        readonly fee: bigint;
        readonly deposit: bigint;
        readonly isByUs: boolean;
        readonly until: number;
      }
    | undefined;
  readonly asked:
    | {
        readonly sequence: number;
        readonly outcome: "asked" | "stands" | "nothing" | "other" | "silence";
        readonly height: number;
      }
    | undefined;
};

export type MarketView = {
  /** Hex id of the oracle. */
  readonly id: string;
  readonly question: string;
  readonly result: "open" | "true" | "false" | "bad";
  readonly resultStanding: Standing;
  /** Price of `yes` in percent of the pot, as the operator offers it. */
  readonly yesPercent: number;
};

/** Where a chain is in its life. Heights are main-chain heights; `point` once the draw is known. */
export type PhaseView =
  | { readonly kind: "trading"; readonly until: number }
  | { readonly kind: "drawing"; readonly at: number }
  | { readonly kind: "claims"; readonly point: bigint; readonly until: number }
  | { readonly kind: "disputes"; readonly point: bigint; readonly until: number }
  | { readonly kind: "paid"; readonly point: bigint; readonly to: string; readonly amount: bigint };

/**
 * When the phases of a chain are over, in main-chain heights, whether or not they are yet.
 *
 * - `expiry`: nothing recorded from here on counts. - `drawn`: the point is known. - `claimsEnd`: the first height at
 *   which no claim counts.
 * - `quiet`: the first at which the chain can be ended; while claims may still come, the latest that they allow.
 */
export type ScheduleView = {
  readonly expiry: number;
  readonly drawn: number;
  readonly claimsEnd: number;
  readonly quiet: number;
};

/** The steps of getting paid. */
export type SettleAction = Extract<ContractAction, "claim" | "collect" | "collectOwnChain">;

export type ChainView = {
  readonly id: string;
  /** Hex id of the on-chain chain at the top: one point is drawn for all that is inside it. */
  readonly topId: string;
  /** What its operator calls it: his word alone; empty for nothing. */
  readonly label: string;
  /** Hex ids of the chains that it is inside of, the nearest first; none for one on the main chain. */
  readonly ancestors: readonly string[];
  /** Hex id of the chain that takes its posts; undefined for the main chain. */
  readonly postsIn: string | undefined;
  /** The main-chain height at which it has switched to posting there, if it has. */
  readonly switchedAt: number | undefined;
  readonly operatorUrl: string;
  readonly operator: string;
  readonly connection: "connecting" | "live" | "down" | "unread";
  /** When the shown state was last checked; unix ms. */
  readonly checkedAtMs: number;
  readonly lo: bigint;
  readonly hi: bigint;
  readonly prize: Figure;
  readonly depositBps: number;
  readonly expiry: number;
  readonly segments: readonly SegmentView[];
  readonly verdict: VerdictView;
  /** How it is to be checked: every block, or only the reader's own share. */
  readonly mode: CheckMode;
  readonly withheld: WithheldView | undefined;
  readonly blocks: number;
  readonly posts: number;
  readonly markets: readonly MarketView[];
  readonly phase: PhaseView;
  readonly schedule: ScheduleView;
};

/** What the wallet can do next with a contract; each action is one call of `WalletApi`. */
export type ContractAction =
  | "pay"
  | "redeem"
  | "merge"
  | "update"
  | "sell"
  | "nest"
  | "claim"
  | "collect"
  | "collectOwnChain";

export type ContractView = {
  readonly id: string;
  readonly chainId: string;
  /** Hex id of the first contract of its position: a bet is a contract on each side's range. */
  readonly positionId: string;
  readonly title: string;
  /** `space` is cash, `yes` and `no` are one side of a bet, `unpaid` a purchase on its way. */
  readonly kind: "space" | "yes" | "no" | "unpaid" | "lapsed";
  /** `void`: made under a post that nobody served when it was asked for; it counts for nothing. */
  readonly state: "requested" | "held" | "closing" | "closed" | "void" | "won" | "lost";
  /** Of a sealed contract that won and became a chain of the main chain: where that is in its life. */
  readonly ownChain: PhaseView | undefined;
  readonly standing: Standing;
  readonly lo: bigint;
  readonly hi: bigint;
  /** Width of the space that the point is drawn from: the on-chain chain's, at the top. */
  readonly prizeWidth: bigint;
  readonly expected: Figure;
  readonly cost: bigint;
  readonly conditions: readonly {
    readonly words: string;
    readonly outcome: "open" | "for" | "against";
  }[];
  /** Disassembled script of the newest state signed by both, and its number. */
  readonly script: string;
  readonly nonce: number;
  readonly signedBy: readonly ("you" | "operator")[];
  readonly proofBytes: number;
  readonly history: readonly { readonly height: number; readonly words: string }[];
  readonly actions: readonly ContractAction[];
  readonly showing: ShowingView | undefined;
  /** Why nothing new is signed for a contract that is held, as a clause; undefined where it may be. */
  readonly stopped: string | undefined;
};

export type ActivityView = {
  readonly id: string;
  readonly atMs: number;
  readonly words: string;
  readonly standing: Standing;
};

/** An offer to take the other side, or to buy a position, as the operator passes it on. */
export type QuoteView = {
  readonly contractIds: readonly string[];
  readonly price: bigint;
  readonly buyer: string;
};

export type WalletSnapshot = {
  readonly key: KeyView;
  readonly network: NetworkView;
  readonly balance: Figure;
  readonly hasFaucet: boolean;
  readonly chains: readonly ChainView[];
  readonly contracts: readonly ContractView[];
  /** Of all chains whose operators offer questions. */
  readonly books: readonly BookView[];
  readonly orders: readonly OrderView[];
  /** What is held of the books' sides. */
  readonly positions: readonly PositionView[];
  /** What others do against this wallet's contracts on the main chain, and what was answered. */
  readonly disputes: readonly DisputeView[];
  readonly watch: WatchView;
  /** The watchtowers that it hands its evidence to. */
  readonly towers: readonly TowerView[];
  readonly activity: readonly ActivityView[];
  /** A journey under way, in words, and how many of its steps are done. */
  readonly progress:
    | { readonly words: string; readonly done: number; readonly total: number }
    | undefined;
  readonly storage: { readonly isPersisted: boolean; readonly isFull: boolean };
  /** Undefined while the wallet is locked. */
  readonly kit?: KitView | undefined;
};

/**
 * The claim kit: what claims and defends the contracts where this wallet is lost. `nothing`: there are none to claim. `none`: no kit
 * was saved yet. `stale`: the one that was saved does not do any more.
 */
export type KitView = {
  readonly state: "nothing" | "none" | "fresh" | "stale";
  readonly contracts: number;
};

/** A kit that was made, and the mark that says once it is saved that it was this one. */
export type KitAnswer = FileAnswer &
  ({ readonly ok: false } | { readonly ok: true; readonly mark: string });

/** A file that was made, or why not. */
export type FileAnswer =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * What the wallet's own best main chain has at the height of a header that a file shows: that very one, with so many blocks
 * `above`; another; or nothing yet, as it is checked only up to `height`.
 */
export type HeaderStanding =
  | { readonly kind: "ours"; readonly above: number }
  | { readonly kind: "other" }
  | { readonly kind: "beyond"; readonly height: number };

/** The answer to every action: done, or why not, in a code and a sentence. */
export type ActionResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * The only door of the page. Every method resolves; refusals are data. `subscribe` calls back at
 * once with the last stored state (so the wallet opens with no network), then on every change.
 */
export interface WalletApi {
  subscribe(onSnapshot: (snapshot: WalletSnapshot) => void): Promise<void>;
  createKey(passphrase: string): Promise<ActionResult>;
  importKey(privateKeyHex: string, passphrase: string): Promise<ActionResult>;
  unlock(passphrase: string): Promise<ActionResult>;
  lock(): Promise<ActionResult>;
  /** Ask the local network's faucet for coins. */
  requestCoins(): Promise<ActionResult>;
  /** Follow a chain served by the operator at `url`. */
  addOperator(url: string): Promise<ActionResult>;
  /** Buy one side of a market: space is bought and paid, becomes cash, and is bet; one journey. */
  placeBet(
    chainId: string,
    marketId: string,
    side: "yes" | "no",
    stake: bigint,
  ): Promise<ActionResult>;
  /** Buy plain space of this width. */
  buySpace(chainId: string, width: bigint): Promise<ActionResult>;
  /** Choose how a chain is checked from now on. */
  setCheckMode(chainId: string, mode: CheckMode): Promise<ActionResult>;
  /** Sign the next state of a contract's terms with the operator. */
  updateTerms(contractId: string): Promise<ActionResult>;
  /** Turn paid or decided contracts of one chain into plain space, in one block of it. */
  redeem(contractIds: readonly string[]): Promise<ActionResult>;
  /** Give up every side of a question, held over the same range, for plain space. */
  merge(contractId: string): Promise<ActionResult>;
  /** Give plain space to the operator's key that a hand-over code names. */
  handOver(contractId: string, code: string): Promise<ActionResult>;
  /** What the counterparty would pay for the position that `contractId` belongs to. */
  quoteSale(
    contractId: string,
  ): Promise<{ readonly quote: QuoteView } | Extract<ActionResult, { ok: false }>>;
  sell(quote: QuoteView): Promise<ActionResult>;
  /** Let an order rest: it is signed anew for each block, as long as this wallet is open. */
  placeOrder(order: NewOrder): Promise<ActionResult>;
  /** Sign no more of an order, and ask for what is signed of it back. */
  cancelOrder(id: string): Promise<ActionResult>;
  /** What a step would cost and bring if it were sent now; nothing is sent. */
  rehearse(contractId: string, action: SettleAction): Promise<RehearsalView>;
  /** Claim the prize of an expired chain for the contract that covers the point. */
  claim(contractId: string): Promise<ActionResult>;
  /** The kept evidence that a chain broke a rule, as a file; undefined where it broke none. */
  exportEvidence(chainId: string): Promise<Uint8Array | undefined>;
  /** All that shows a contract, as a file that is checked with no connection. */
  exportProof(contractId: string): Promise<FileAnswer>;
  /** A claim kit of everything that the wallet holds, which only its key or passphrase opens. */
  exportKit(): Promise<KitAnswer>;
  /** The kit of this mark is saved. */
  keepKitMark(mark: string): Promise<ActionResult>;
  /** Take what a kit has newer: with its own passphrase where this wallet has no key yet. */
  importKit(bytes: Uint8Array, passphrase: string): Promise<ActionResult>;
  /** Whether a main-chain header of a file, by its height and hex hash, is one that this wallet has checked. */
  compareHeader(height: number, hash: string): Promise<HeaderStanding>;
  /** Finish the settlement of a chain once its delays are over. */
  collect(chainId: string): Promise<ActionResult>;
  /** The same for the chain that a sealed contract has become by winning. */
  collectOwnChain(contractId: string): Promise<ActionResult>;
  /** Ask on the main chain for what a chain withholds; take back a deposit whose request ran out. */
  requestData(chainId: string): Promise<ActionResult>;
  punishWithholding(chainId: string): Promise<ActionResult>;
  /** Ask there what stands in a contract's place, and show it where this wallet can. */
  requestProof(contractId: string): Promise<ActionResult>;
  /** Send the answer to a dispute, as it was rehearsed. */
  actOnDispute(id: string): Promise<ActionResult>;
  /** Whether this wallet answers disputes by itself while it is unlocked. */
  setAutoDefence(isOn: boolean): Promise<ActionResult>;
  /** Hand evidence to the watchtower at this address from now on, or no more. */
  addTower(url: string): Promise<ActionResult>;
  removeTower(url: string): Promise<ActionResult>;
}
