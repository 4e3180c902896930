import type { Header } from "../chain/header/header.ts";
import type { Verdict } from "../lib/verdict.ts";
import type { FactEvidence, StateMap } from "../protocol/factEvidence.ts";

/** A main-chain header with its 32-byte hash. */
export type MainHeader = Header & { readonly hash: Uint8Array };

/** One key to be read from one of the main chain's state maps. */
export type StateKey = { readonly map: StateMap; readonly key: Uint8Array };

/**
 * The operator's own main-chain node, which he believes. Every method rejects when the node fails,
 * and is then tried again.
 */
export type NodePort = {
  tip(): Promise<MainHeader>;
  headerAt(height: number): Promise<MainHeader>;
  /** The values under keys in the state of a header, and the proofs of them; undefined where absent. */
  read(
    keys: readonly StateKey[],
    header: MainHeader,
  ): Promise<{
    readonly values: readonly (Uint8Array | undefined)[];
    readonly evidence: FactEvidence;
  }>;
  /** Hand in an encoded transaction; a refusal by the node's rules comes back as data. */
  send(transaction: Uint8Array): Promise<Verdict<null>>;
  /** Calls back after each new tip, and once in a while, until closed. */
  follow(onTip: () => void): () => void;
};
