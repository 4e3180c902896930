import type { Verdict } from "../lib/verdict.ts";
import type { Condition } from "../protocol/condition.ts";
import type { ChainWord, MainView, ProvenFacts } from "./engine/engineEvent.ts";
import type { EngineState } from "./engine/engineState.ts";

/** A main-chain transaction before its signature: what is signed, and the bytes with the signature. */
export type TransactionDraft = {
  readonly body: Uint8Array;
  readonly finish: (signature: Uint8Array) => Uint8Array;
};

/**
 * The main chain, or the ancestor that takes the posts, as the running operator uses it. Every method that asks a node rejects when the node
 * fails, and is then tried again.
 */
export type MainChainPort = {
  readView(state: EngineState): Promise<MainView>;
  /** A condition's facts under the newest header that has all its confirmations. */
  readEvidence(condition: Condition): Promise<ProvenFacts>;
  /**
   * What carries a signed post or switch: a transaction under an account nonce, which needs a signature of its own,
   * or, where a post goes into an ancestor's map, its bytes as they are.
   */
  draft(nonce: number, word: ChainWord, signature: Uint8Array): TransactionDraft | Uint8Array;
  /** Hand in what carries a post or the switch; a refusal by the rules comes back as data. */
  send(carrier: Uint8Array): Promise<Verdict<null>>;
  /** Calls back after each new tip, and once in a while, until closed. */
  follow(onTip: () => void): () => void;
};
