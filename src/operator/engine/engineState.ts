import type { Market } from "../../api/marketApi.ts";
import type { BlockEffects, ChainContent, ChainFacts } from "../../blocks/applyTransactions.ts";
import type { SortitionBlock } from "../../blocks/block.ts";
import type { RunBlock } from "../../blocks/history.ts";
import type { SweptSpace } from "../../blocks/lateSpaces.ts";
import { createPostMap, type PostMap } from "../../blocks/postMap.ts";
import type { SignedSeal } from "../../blocks/transaction.ts";
import { type ChainTip, createChainTip } from "../../blocks/validateBlock.ts";
import type { MainHeaderFact } from "../../blocks/verifyFactEvidence.ts";
import type { PostPlace } from "../../protocol/anchor.ts";
import type { Condition } from "../../protocol/condition.ts";
import type { ContractClose, ExactClose } from "../../protocol/contractClose.ts";
import type { ContractNew } from "../../protocol/contractNew.ts";
import type { ContractState, SignedState } from "../../protocol/contractState.ts";
import type { Match } from "../../protocol/match.ts";
import type { Place } from "../../protocol/place.ts";
import type { SignedPost } from "../../protocol/post.ts";
import type { RecordSeen } from "../../protocol/recordSeen.ts";
import type { Rules } from "../../protocol/rules.ts";
import { createTree, type SpaceTree } from "../../space/tree.ts";
import { type Book, createBooks } from "./book.ts";
import { type ContractIndex, createContractIndex, type LiveContract } from "./contractIndex.ts";
import type { MainView, ProvenFacts, Trade, TraderRequest } from "./engineEvent.ts";
import type { FreeRange } from "./freeRanges.ts";
import type { OperatorPolicy } from "./policy.ts";
import { createRestingOrders, type RestingOrders } from "./restingOrders.ts";

/** Transactions that go into a block together or not at all, and the requests answered by that block. */
export type QueueItem = {
  readonly closes: readonly ContractClose[];
  readonly contracts: readonly ContractNew[];
  readonly conditions: readonly Condition[];
  /** Contracts that become chains, and posts of chains that are. */
  readonly seals?: readonly SignedSeal[];
  readonly updates?: readonly SignedPost[];
  /** Orders that trade with one another. */
  readonly matches?: readonly Match[];
  /** Up to where the chain is recorded. */
  readonly seen?: RecordSeen;
  readonly requests: readonly number[];
};

/** One contract of a proposal: the exact close that its owner must sign, and his signature once it is here. */
export type Party = {
  readonly contract: LiveContract;
  readonly expected: ExactClose;
  signature: Uint8Array | undefined;
};

/** Closes of several owners that count only together, laid out on one tip. */
export type Proposal = {
  readonly id: Uint8Array;
  /** A bet keeps the tip from its beginning; a sale only once its first close is here. */
  readonly kind: "bet" | "sale";
  readonly parties: readonly Party[];
  readonly contracts: readonly ContractNew[];
  readonly conditions: readonly Condition[];
  /** Who took the other side, to be told how it ends. */
  readonly taker: Uint8Array;
  readonly requests: number[];
};

/** A seller's question to all takers, until they have answered or their time is over. */
export type QuoteRound = {
  readonly id: Uint8Array;
  readonly request: number;
  readonly sold: readonly LiveContract[];
  readonly payBelow: number;
  readonly seenBlock: Uint8Array;
  readonly heightMax: number;
  readonly untilMs: number;
  /** Hex keys of the takers asked, with what they would pay; undefined until they say. */
  readonly quotes: Map<string, bigint | undefined>;
};

/** A close that drops its contract's final condition; it waits for the proof of how that came out. */
export type Redemption = {
  readonly request: number;
  readonly contract: LiveContract;
  readonly close: ContractClose;
  readonly successor: ContractNew;
  readonly condition: Condition;
};

/** A post that is decided for ever: which block stands at which sequence. */
export type PostEntry = {
  readonly sequence: number;
  readonly height: number;
  readonly blockHash: Uint8Array;
};

/** What carries a post, or, as number 0, the switch: kept to be sent again. */
export type SentPost = {
  readonly sequence: number;
  readonly nonce: number;
  readonly bytes: Uint8Array;
};

/** An own block that is not known to be recorded for good: what its closes gave up, and whether it made contracts. */
export type OpenBlock = RunBlock & {
  /** In the order of `deadlines`. */
  readonly closed: readonly Place[];
  readonly isMaking: boolean;
};

/**
 * What is known of our own records: the last post whose record is buried and was looked at, and the spaces for which one came
 * too late. `isSwept`: a block has taken out of the tree what was made there since.
 */
export type JudgedRecords = {
  readonly sequence: number;
  readonly late: readonly SweptSpace[];
};

/**
 * The operator's whole memory. Everything above `queue` follows from the rows on disk; the rest is
 * work under way, which a crash may lose because nobody was promised anything.
 */
export type EngineState = {
  readonly rules: Rules;
  readonly chain: ChainFacts;
  readonly policy: OperatorPolicy;
  /** All that is offered, and the books of it by hex of their ids. */
  markets: readonly Market[];
  readonly books: Map<string, Book>;
  /** Orders that were acknowledged for the next batch. */
  readonly orders: RestingOrders;
  /** Where this chain was sealed to post. */
  readonly place: PostPlace;
  /** That it goes over to the main chain, and with which post: decided once, for ever. */
  switched: { readonly first: number } | undefined;
  tree: SpaceTree;
  /** The last posts of the chains that post here. */
  descendants: PostMap;
  tip: ChainTip;
  /** Height of the last block that our blocks say to be recorded, with all that came too late out of the tree. */
  recorded: number;
  /** What is known of our own records, the blocks above them, and the height of the last one below that made contracts. */
  judged: JudgedRecords;
  openBlocks: OpenBlock[];
  madeTo: number;
  /** The main-chain height since which a block waits to be made that says how far the chain is recorded. */
  noticeSince: number | undefined;
  readonly index: ContractIndex;
  readonly states: Map<string, SignedState>;
  readonly posts: PostEntry[];
  /** The content after the newest posted blocks, by sequence: what a holder asks proofs of. */
  readonly contents: Map<number, ChainContent>;
  /** By account nonce. */
  readonly sent: Map<number, SentPost>;
  /** Headers that void closes lean on, by hex hash. */
  readonly headers: Map<string, MainHeaderFact>;
  /** Rows on disk that are over, to be taken off by the first commit. */
  overRows: string[];
  /** A block that is decided and waits for its signature, and what it does. */
  sealing: Sealing | undefined;

  /** Since when a batch waits to be cleared; undefined while there is nothing that could trade. */
  orderedAtMs: number | undefined;
  /** When the tip was made here; 0 for one of an earlier process. */
  tipAtMs: number;
  queue: QueueItem[];
  queuedAtMs: number;
  /** A proposal is complete: the block waits for no batch. */
  isUrgent: boolean;
  frozenUntilMs: number | undefined;
  free: readonly FreeRange[] | undefined;
  readonly proposals: Map<string, Proposal>;
  readonly quoteRounds: Map<string, QuoteRound>;
  readonly redemptions: Map<string, Redemption[]>;
  /** Facts proven under the present main-chain tip, by hex hash of the condition. */
  readonly proven: Map<string, ProvenFacts>;
  readonly fetching: Set<string>;
  readonly stateRequests: Map<string, StateRequest>;
  /** Connected takers by hex key, in the order in which they came. */
  readonly takers: Map<string, Uint8Array>;
  deferred: TraderRequest[];
  main: MainView | undefined;
  /** Sequences whose post or transaction is at the signer. */
  readonly posting: Set<number>;
  /** When the oldest block after the last post was made. */
  unpostedSinceMs: number | undefined;
  /** The first post that is not recorded, and the main-chain height at which that was seen first. */
  awaited: { readonly sequence: number; readonly sinceHeight: number } | undefined;
  proposalCount: number;
  nowMs: number;
};

/** A state at the signer, and who waits for it. */
export type StateRequest = {
  readonly state: ContractState;
  readonly ownerSignature: Uint8Array;
  readonly requests: number[];
};

/** A decided block without its signature, and the requests it answers. */
export type Sealing = {
  readonly block: Omit<SortitionBlock, "signature">;
  readonly effects: BlockEffects;
  readonly requests: readonly number[];
  readonly trades: readonly Trade[];
};

/** The state of an operator whose chain has no block yet; it posts in `place`. */
export function createEngineState(
  rules: Rules,
  chain: ChainFacts,
  policy: OperatorPolicy,
  markets: readonly Market[],
  place: PostPlace = { kind: "mainChain" },
): EngineState {
  return {
    rules,
    chain,
    policy,
    markets,
    books: new Map(markets.flatMap(createBooks).map((book) => [book.id, book])),
    orders: createRestingOrders(),
    place,
    switched: undefined,
    tree: createTree(chain.lo, chain.hi),
    descendants: createPostMap(),
    tip: createChainTip(chain),
    recorded: 0,
    judged: { sequence: 0, late: [] },
    openBlocks: [],
    madeTo: 0,
    noticeSince: undefined,
    index: createContractIndex(),
    states: new Map(),
    posts: [],
    contents: new Map(),
    sent: new Map(),
    headers: new Map(),
    overRows: [],
    sealing: undefined,
    orderedAtMs: undefined,
    tipAtMs: 0,
    queue: [],
    queuedAtMs: 0,
    isUrgent: false,
    frozenUntilMs: undefined,
    free: undefined,
    proposals: new Map(),
    quoteRounds: new Map(),
    redemptions: new Map(),
    proven: new Map(),
    fetching: new Set(),
    stateRequests: new Map(),
    takers: new Map(),
    deferred: [],
    main: undefined,
    posting: new Set(),
    unpostedSinceMs: undefined,
    awaited: undefined,
    proposalCount: 0,
    nowMs: 0,
  };
}
