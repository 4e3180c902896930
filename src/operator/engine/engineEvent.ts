import type { Market, OrderReceipt } from "../../api/marketApi.ts";
import type {
  BetOffer,
  PurchaseOffer,
  SaleOffer,
  SignedClose,
  TakerMessage,
} from "../../api/operatorApi.ts";
import type { MainHeaderFact } from "../../blocks/verifyFactEvidence.ts";
import type { Verdict } from "../../lib/verdict.ts";
import type { SignedOrder } from "../../market/batch.ts";
import type { Condition } from "../../protocol/condition.ts";
import type { ContractState, SignedState } from "../../protocol/contractState.ts";
import type { FactEvidence } from "../../protocol/factEvidence.ts";
import type { OracleResult } from "../../protocol/facts.ts";
import type { ExistenceRecord, Post, SignedPost } from "../../protocol/post.ts";
import type { Seal } from "../../protocol/seal.ts";
import type { Switch } from "../../protocol/switch.ts";
import type { ShownEntry } from "./shownEntry.ts";

/** Something a trader asked for; `request` is what the shell knows him by, and is answered exactly once. */
export type TraderRequest = { readonly request: number } & (
  | { readonly kind: "purchase"; readonly buyer: Uint8Array; readonly width: bigint }
  | {
      readonly kind: "bet";
      readonly owner: Uint8Array;
      readonly oracleId: Uint8Array;
      readonly side: "yes" | "no";
      readonly cashId: Uint8Array;
      readonly stake: bigint;
    }
  | {
      readonly kind: "sale";
      readonly owner: Uint8Array;
      readonly contractIds: readonly Uint8Array[];
    }
  | {
      readonly kind: "closes";
      readonly proposalId: Uint8Array | undefined;
      readonly closes: readonly SignedClose[];
    }
  | {
      readonly kind: "state";
      readonly state: ContractState;
      readonly ownerSignature: Uint8Array;
    }
  /** An owner turns his contract into a chain. */
  | { readonly kind: "seal"; readonly seal: Seal; readonly signature: Uint8Array }
  /** The operator of a chain further down posts a block of his. */
  | { readonly kind: "post"; readonly signed: SignedPost }
  /** An order for the next batch, and the word of its owner that takes it back. */
  | { readonly kind: "order"; readonly signed: SignedOrder }
  | { readonly kind: "cancel"; readonly orderName: Uint8Array; readonly signature: Uint8Array }
  /** The operator himself opens a market. */
  | { readonly kind: "market"; readonly market: Market }
);

/**
 * How a chain's posts stand in the ancestor that takes them.
 *
 * - `taken`: the highest sequence that its map holds, recorded or not. - `isBuried`: the last recorded one is so under
 *   enough confirmations.
 */
export type AnchoredView = { readonly taken: number; readonly isBuried: boolean };

/** A post of this chain, and its record on the main chain, or that of the ancestor's post that shows it first. */
export type PostRecord = {
  readonly sequence: number;
  readonly record: ExistenceRecord;
  /** How the main chain is shown it, where it stands in an ancestor. */
  readonly shown?: ShownEntry;
};

/** What the main chain's newest state says, as far as the operator needs it. */
export type MainView = {
  readonly height: number;
  /** The operator's account: the nonce of its last transaction; or what the ancestor has taken. */
  readonly accountNonce: number;
  /** The highest sequence of this chain that stands in the existence map; 0 for none. */
  readonly recorded: number;
  /** What is so of a chain that posts in another, as its operator's light client has checked that one. */
  readonly anchored?: AnchoredView;
  /** Of a chain that goes over to the main chain: whether its switch is recorded there. */
  readonly isSwitchRecorded?: boolean;
  /** The records of this chain's posts after the last that the engine has judged, in their order, as far as they are buried. */
  readonly records: readonly PostRecord[];
  /** Results of the markets' oracles by hex id, and the heights at which they came. */
  readonly oracles: ReadonlyMap<string, OracleResult>;
  readonly resultHeights: ReadonlyMap<string, number>;
};

/** A condition's facts, proven under a header of the main chain. */
export type ProvenFacts = { readonly evidence: FactEvidence; readonly header: MainHeaderFact };

/** All that can happen to an engine. Time comes beside it, in `handle`. */
export type EngineEvent =
  | TraderRequest
  | {
      readonly kind: "quote";
      readonly taker: Uint8Array;
      readonly id: Uint8Array;
      readonly price: bigint;
    }
  | { readonly kind: "takerJoined" | "takerLeft"; readonly taker: Uint8Array }
  | { readonly kind: "mainTip"; readonly view: MainView }
  | {
      readonly kind: "evidence";
      readonly conditionHash: Uint8Array;
      /** Undefined if the main-chain node could not prove it now. */
      readonly proven: ProvenFacts | undefined;
    }
  | {
      readonly kind: "signed";
      readonly subject: SignSubject;
      readonly signature: Verdict<Uint8Array>;
    }
  | {
      readonly kind: "transactionSigned";
      readonly sequence: number;
      readonly nonce: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "tick" };

/** What a chain's operator says of it, for whoever takes its posts. */
export type ChainWord =
  | { readonly kind: "post"; readonly post: Post }
  | { readonly kind: "switch"; readonly switch: Switch };

/** What the signer process is asked to sign, by the name it keeps it under. */
export type SignSubject =
  | { readonly kind: "block"; readonly height: number }
  | { readonly kind: "post"; readonly sequence: number }
  | { readonly kind: "switch" }
  | { readonly kind: "state"; readonly contractId: Uint8Array; readonly nonce: number };

/** A change of the engine's rows on disk; keys are `rowKey`. */
export type RowOperation =
  | { readonly kind: "put"; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly key: string };

/** What a request led to. */
export type Answer =
  | { readonly kind: "purchase"; readonly offer: PurchaseOffer }
  | { readonly kind: "bet"; readonly offer: BetOffer }
  | { readonly kind: "sale"; readonly offer: SaleOffer }
  | { readonly kind: "closes"; readonly blockHeight: number }
  | { readonly kind: "state"; readonly signed: SignedState }
  | { readonly kind: "order"; readonly receipt: OrderReceipt }
  | { readonly kind: "cancel"; readonly isCancelled: boolean }
  | { readonly kind: "market" };

/** A batch that was cleared. `bookId`: hex; `volume`: satoshi that changed hands, as positions pay. */
export type Trade = {
  readonly height: number;
  readonly bookId: string;
  readonly price: number;
  readonly volume: bigint;
  readonly timeMs: number;
};

/**
 * What the shell must do, in this order: whatever stands after a `commit` may only be done once the
 * commit is on disk.
 */
export type Effect =
  | { readonly kind: "commit"; readonly operations: readonly RowOperation[] }
  | { readonly kind: "reply"; readonly request: number; readonly answer: Verdict<Answer> }
  | { readonly kind: "publish"; readonly height: number; readonly bytes: Uint8Array }
  | { readonly kind: "tell"; readonly taker: Uint8Array; readonly message: TakerMessage }
  | { readonly kind: "sign"; readonly subject: SignSubject; readonly body: Uint8Array }
  | {
      readonly kind: "signPostTransaction";
      readonly sequence: number;
      readonly nonce: number;
      readonly word: ChainWord;
      readonly signature: Uint8Array;
    }
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  | { readonly kind: "fetchEvidence"; readonly condition: Condition }
  /** What stands in a book has changed; hex of its id. */
  | { readonly kind: "book"; readonly bookId: string }
  | { readonly kind: "trade"; readonly trade: Trade };
