import type { FeedMessage, Market, OrderReceipt, PublishedBatch } from "../api/marketApi.ts";
import type { BetOffer, PurchaseOffer, SaleOffer, SignedClose } from "../api/operatorApi.ts";
import type { HoldingQuestion } from "../blocks/holding.ts";
import type { Verdict } from "../lib/verdict.ts";
import type { SignedOrder } from "../market/batch.ts";
import type { ContractState, SignedState } from "../protocol/contractState.ts";
import type { StateMap } from "../protocol/factEvidence.ts";
import type { SignedPost } from "../protocol/post.ts";
import type { Seal } from "../protocol/seal.ts";
import type { SignatureTag } from "../protocol/tags.ts";
import type { CheckAhead, ServedBlock } from "./checkAhead.ts";

/** The world failed: no answer, an answer too late, or one that is no answer. Worth trying again. */
export class SourceError extends Error {
  readonly code: "DOWN" | "BAD_ANSWER" | "REFUSED";

  constructor(code: SourceError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SourceError";
    this.code = code;
  }
}

/** A proof of one key in one header's state, as a node serves it; nothing in it is believed unchecked. */
export type ServedProof = {
  readonly headerHash: Uint8Array;
  readonly mapRoots: readonly Uint8Array[];
  readonly proof: Uint8Array;
};

/**
 * One main-chain node. Every method rejects with a `SourceError` when the node fails; what it
 * answers is judged by the client. `onTip` is called at least once after each new tip, until closed.
 */
export interface MainChainSource {
  readonly url: string;
  /** Headers of the node's best chain from height `from`, at most 2,000, 143 bytes each. */
  headers(from: number, count: number): Promise<Uint8Array[]>;
  prove(map: StateMap, key: Uint8Array, headerHash: Uint8Array): Promise<ServedProof>;
  /** One block of the main chain, by the 32-byte hash of its header. */
  block(hash: Uint8Array): Promise<Uint8Array>;
  /** Hand in an encoded transaction; a refusal by the node's rules comes back as data. */
  send(transaction: Uint8Array): Promise<Verdict<null>>;
  /** Ask a local network's faucet for coins. */
  requestCoins(publicKey: Uint8Array): Promise<Verdict<null>>;
  follow(onTip: () => void, onDown: () => void): () => void;
}

/** What an operator says of his chain: a claim until the main chain's record is proven. */
export type OperatorFacts = {
  readonly chainId: Uint8Array;
  readonly operator: Uint8Array;
  /** What he calls it; empty for nothing. */
  readonly label: string;
  /** For a chain inside another: that one's id, and where it is served. */
  readonly parent: { readonly chainId: Uint8Array; readonly url: string } | undefined;
  /** Basis points that he takes on space sold. */
  readonly feeBps: number;
  readonly markets: readonly Market[];
  /** Blocks that he has made. */
  readonly height: number;
};

/**
 * One operator. Blocks are bytes; heights start at 1. Every answer is checked by the client; a
 * refusal by the operator's rules comes back as data, a failure as a `SourceError`.
 */
export interface OperatorSource {
  readonly url: string;
  facts(): Promise<OperatorFacts>;
  blocks(from: number, count: number): Promise<Uint8Array[]>;
  /** The block of a hash, of whatever chain; undefined where the server has it not. */
  block(hash: Uint8Array): Promise<Uint8Array | undefined>;
  /** What the state after the block of post `sequence` says of what is asked: an encoded `Holding`. */
  holding(sequence: number, question: HoldingQuestion): Promise<Verdict<Uint8Array>>;
  follow(onBlock: () => void, onDown: () => void): () => void;
  requestPurchase(buyer: Uint8Array, width: bigint): Promise<Verdict<PurchaseOffer>>;
  requestBet(
    owner: Uint8Array,
    oracleId: Uint8Array,
    side: "yes" | "no",
    cashId: Uint8Array,
    stake: bigint,
  ): Promise<Verdict<BetOffer>>;
  requestSale(owner: Uint8Array, contractIds: readonly Uint8Array[]): Promise<Verdict<SaleOffer>>;
  /** Hand in signed closes: for a proposal, or alone for a redemption. */
  submitCloses(
    proposalId: Uint8Array | undefined,
    closes: readonly SignedClose[],
  ): Promise<Verdict<null>>;
  /** Hand in an order; the receipt says which block it is good for. */
  submitOrder(signed: SignedOrder): Promise<Verdict<OrderReceipt>>;
  /** Take an order back, by its name, signed over `encodeCancel`; false if its batch has begun to be cleared. */
  cancelOrder(orderName: Uint8Array, signature: Uint8Array): Promise<Verdict<boolean>>;
  /** The orders that a block was cleared from; undefined where the operator does not show them. */
  batch(height: number): Promise<PublishedBatch | undefined>;
  /**
   * What he says of his books, from the state of them all on; after `onDown` all of it is said anew. He is never silent for
   * longer than some seconds, or counts as down.
   */
  followFeed(onMessage: (message: FeedMessage) => void, onDown: () => void): () => void;
  /** Hand in an own contract's seal, or the post of a chain of one's own further down. */
  submitSeal(seal: Seal, signature: Uint8Array): Promise<Verdict<null>>;
  submitPost(signed: SignedPost): Promise<Verdict<null>>;
  /** Propose the next state with the owner's signature; the answer carries the operator's. */
  proposeState(state: ContractState, ownerSignature: Uint8Array): Promise<Verdict<SignedState>>;
}

/** A check that is on its way. `answer`: undefined where nothing was found out; the block is then checked in its place. */
export type PendingCheck<Found = CheckAhead> = {
  readonly answer: Promise<Found | undefined>;
  /** Nobody waits for the answer any more. */
  cancel(): void;
};

/**
 * Whoever checks blocks by themselves, each by `checkAhead`, before those that come before them are taken. It
 * never rejects: where it fails, the one who asks does the work himself.
 */
export interface BlockVerifier {
  /** Blocks that it has use for at once; 1 where they are checked one after another anyway. */
  readonly inHandMax: number;
  /** @param isAlone - there is no other block to be checked with it: whoever is there may work on this one. */
  check(block: ServedBlock, isAlone: boolean): PendingCheck;
  /**
   * There is nothing more to be checked for now: it gives back what it holds.
   *
   * @param isHurried - whoever waits for the next block has no time to lose then: it stays ready.
   */
  rest(isHurried: boolean): void;
}

/** A block that was checked: its height in its chain, its hash, and its bytes as they were served. */
export type ArchivedBlock = {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
};

/** Keeps the bytes of blocks, which a wallet that only looks has no use for, for who serves them to others. */
export interface BlockArchive {
  /**
   * Blocks of a chain as they were taken, in order; some may come again. Resolves once they are on disk: before that
   * nothing says that they were taken.
   */
  keep(chainId: Uint8Array, blocks: readonly ArchivedBlock[]): Promise<void>;
}

/** The tables of a wallet's store; each row is canonical bytes under a text key. */
export const TABLES = [
  "meta",
  "headers",
  "chains",
  "books",
  "states",
  "journeys",
  "outbox",
  "signed",
  "activity",
  "breaches",
  "orders",
  "sentOrders",
  "disputes",
  "closes",
  "towers",
  "moves",
] as const;

export type Table = (typeof TABLES)[number];

export type StoreOperation =
  | {
      readonly kind: "put";
      readonly table: Table;
      readonly key: string;
      readonly value: Uint8Array;
    }
  | { readonly kind: "delete"; readonly table: Table; readonly key: string };

/** The store could not keep something. `FULL`: no space; the wallet goes on to read, exit and settle only. */
export class StoreError extends Error {
  readonly code: "FULL" | "CLOSED" | "FAILED";

  constructor(code: StoreError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }
}

/**
 * A wallet's durable store. `commit` is atomic, and resolves only when the rows are on disk (strict
 * durability); commits take effect in the order of their calls. Rejects with `StoreError`.
 */
export interface WalletStore {
  rows(table: Table): Promise<readonly (readonly [key: string, value: Uint8Array])[]>;
  commit(operations: readonly StoreOperation[]): Promise<void>;
}

/** The holder's key. It signs a digest made of a purpose, the network and the whole body, never a bare hash. */
export interface Signer {
  readonly publicKey: Uint8Array;
  sign(tag: SignatureTag, body: Uint8Array): Promise<Uint8Array>;
}

/** Unix milliseconds. Decisions are by height; the clock only dates what a person reads and judges staleness. */
export type Clock = () => number;
