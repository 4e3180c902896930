import { concatBytes } from "../lib/bytes.ts";
import type { ExactClose } from "../protocol/contractClose.ts";
import type { ContractState } from "../protocol/contractState.ts";
import type { Seal } from "../protocol/seal.ts";
import type { Market } from "./marketApi.ts";

/**
 * The operator's public interface: what a trader, a wallet and a counterparty ask, and what they get.
 * Bytes are `Uint8Array` here and lower-case hex in JSON; amounts are `bigint` here and decimal text in
 * JSON. Nothing that an operator answers is believed unchecked.
 */

/** Paths of the HTTP interface. */
export const OPERATOR_PATHS = {
  /** GET: `OperatorFacts`. */
  chain: "/chain",
  /**
   * Below `/chains/ID`, an id in lower-case hex: `/chain`, `/blocks` and `/stream` of that chain, where its blocks are kept
   * here, whoever its operator is.
   */
  chains: "/chains",
  /**
   * GET `/blocks?from=&count=`: block frames; GET `/blocks/HEIGHT`: one block's bytes; GET `/blocks/HASH`, 64 letters
   * of lower-case hex: the bytes of the block of this hash.
   */
  blocks: "/blocks",
  /** GET `/holdings?sequence=&question=HEX`: an encoded `Holding`, the answer to an encoded `HoldingQuestion` by the state after a post. */
  holdings: "/holdings",
  /** POST `PurchaseRequest`: `PurchaseOffer`. */
  purchases: "/purchases",
  /** POST `BetRequest`: `BetOffer`. */
  bets: "/bets",
  /** POST `SaleRequest`: `SaleOffer`. */
  sales: "/sales",
  /** POST `ClosesRequest`: `{blockHeight}`, once the block that takes them is on disk. */
  closes: "/closes",
  /** POST `StateRequest`: the state signed by both. */
  states: "/states",
  /** POST `SealRequest`: `{blockHeight}`, once the block that seals the contract is on disk. */
  seals: "/seals",
  /** POST `SignedPost`: `{blockHeight}`, once the block that records the descendant's post is on disk. */
  posts: "/posts",
  /**
   * WebSocket `?from=HEIGHT`: binary, one block in a message, those from HEIGHT first. With `window=BYTES` no more
   * than so many bytes are sent (one block may go beyond) before the reader says in a text how many he has taken; and
   * whenever nothing further is sent, a text says the height of the last block there is.
   */
  stream: "/stream",
  /** WebSocket, JSON: takers sign in and are asked for bets and prices. */
  trade: "/trade",
} as const;

/** Most blocks in one answer. */
export const BLOCKS_AT_ONCE_MAX = 64;
/** Bytes of an answer after which no further block is put into it. */
export const BLOCKS_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes of blocks that a reader has on their way to him at once. */
export const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;

/** What a stream says when it sends no further block now. */
export function writeStreamMark(height: number): string {
  return JSON.stringify({ height });
}

/** The height in a stream's text; undefined for anything else. */
export function readStreamMark(text: string): number | undefined {
  const found = /^\{"height":(\d{1,10})\}$/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Most closes in one request. */
export const CLOSES_MAX = 8;

/** What an operator says of his chain: a claim until the main chain's record is proven. */
export type OperatorFacts = {
  readonly chainId: Uint8Array;
  readonly operator: Uint8Array;
  /** What he calls it; empty for nothing. */
  readonly label: string;
  /** For a chain inside another: that one's id, and where it is served. */
  readonly parent: { readonly chainId: Uint8Array; readonly url: string } | undefined;
  readonly networkId: Uint8Array;
  readonly lo: bigint;
  readonly hi: bigint;
  readonly expiry: number;
  /** Basis points that he takes on space sold. */
  readonly feeBps: number;
  readonly widthMin: bigint;
  readonly markets: readonly Market[];
  /** Height and hash of his newest block; height 0 and the chain's id before the first. */
  readonly height: number;
  readonly tip: Uint8Array;
  /** Main-chain height that he has seen. */
  readonly mainHeight: number;
};

export type PurchaseRequest = { readonly buyer: Uint8Array; readonly width: bigint };

/** Range and terms the operator offers for a purchase; the leaf that he makes must be exactly this. */
export type PurchaseOffer = {
  readonly lo: bigint;
  readonly hi: bigint;
  readonly price: bigint;
  readonly payBelow: number;
  readonly depositBps: number;
  /** Block before the one that makes the leaf. */
  readonly previousBlock: Uint8Array;
};

export type BetRequest = {
  readonly owner: Uint8Array;
  readonly oracleId: Uint8Array;
  readonly side: "yes" | "no";
  readonly cashId: Uint8Array;
  readonly stake: bigint;
};

/** A counterparty is ready: the leaves of both sides, on the tip both must have checked. */
export type BetOffer = {
  readonly proposalId: Uint8Array;
  readonly oracleId: Uint8Array;
  readonly seenBlock: Uint8Array;
  readonly heightMax: number;
  readonly depositBps: number;
  readonly yes: { readonly cashId: Uint8Array; readonly stake: bigint };
  readonly no: { readonly cashId: Uint8Array; readonly stake: bigint };
};

export type SaleRequest = {
  readonly owner: Uint8Array;
  readonly contractIds: readonly Uint8Array[];
};

/** What a counterparty would pay for contracts of this holder. */
export type SaleOffer = {
  readonly proposalId: Uint8Array;
  readonly contractIds: readonly Uint8Array[];
  readonly buyer: Uint8Array;
  readonly price: bigint;
  readonly payBelow: number;
  readonly seenBlock: Uint8Array;
  readonly heightMax: number;
};

/** An exact close and its owner's signature. */
export type SignedClose = { readonly close: ExactClose; readonly signature: Uint8Array };

/** Signed closes: for a proposal, or, without one, a single redemption or division, or those of a full set. */
export type ClosesRequest = {
  readonly proposalId: Uint8Array | undefined;
  readonly closes: readonly SignedClose[];
};

export type StateRequest = {
  readonly state: ContractState;
  readonly ownerSignature: Uint8Array;
};

/** An owner's word that his contract becomes a chain. */
export type SealRequest = { readonly seal: Seal; readonly signature: Uint8Array };

/** What the operator says to a taker who has signed in, and to one who has yet to. */
export type TakerMessage =
  | { readonly kind: "challenge"; readonly chainId: Uint8Array; readonly challenge: Uint8Array }
  | { readonly kind: "welcome" }
  /** Sign the close of your side and hand it in under the proposal's id. */
  | { readonly kind: "bet"; readonly offer: BetOffer; readonly side: "yes" | "no" }
  /** Say what you would pay; the sale that follows from your price is laid out by these terms. */
  | {
      readonly kind: "quote";
      readonly proposalId: Uint8Array;
      readonly seller: Uint8Array;
      readonly contractIds: readonly Uint8Array[];
      readonly payBelow: number;
      readonly seenBlock: Uint8Array;
      readonly heightMax: number;
    }
  /** A proposal with you is over without a block. */
  | { readonly kind: "ended"; readonly proposalId: Uint8Array; readonly code: string }
  | { readonly kind: "error"; readonly code: string; readonly message: string };

/** What a taker says. `price` in satoshi; zero says no. */
export type TakerAnswer =
  | { readonly kind: "signIn"; readonly publicKey: Uint8Array; readonly signature: Uint8Array }
  | { readonly kind: "quote"; readonly proposalId: Uint8Array; readonly price: bigint };

/** The body that a taker signs, with the tag `signRequest`, to sign in: chain id 32, challenge 32. */
export function encodeSignIn(chainId: Uint8Array, challenge: Uint8Array): Uint8Array {
  return concatBytes(chainId, challenge);
}
