import { runContractScript } from "../blocks/contractScript.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, encode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import {
  type ContractState,
  encodeContractState,
  isSignedState,
  readContractState,
  readSignedState,
  type SignedState,
  writeSignedState,
} from "../protocol/contractState.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Rules } from "../protocol/rules.ts";
import type { OperatorSource, StoreOperation, WalletStore } from "./ports.ts";
import { SourceError } from "./ports.ts";
import type { SigningGuard } from "./signingGuard.ts";

/** The newest terms of a contract that both have signed, and those this wallet has signed alone. */
export type ContractTerms = {
  readonly signed: SignedState | undefined;
  readonly half: ContractState | undefined;
};

/**
 * The states of own contracts. A state is on disk before its signature leaves; while one is half
 * signed, both it and the one before are kept and defended.
 */
export type States = {
  termsOf(contractId: Uint8Array): ContractTerms;
  /**
   * Take terms that were kept elsewhere, where they are newer than those that are known. What is older changes nothing.
   *
   * @param operatorKey - of the operator whose chain the contract is in. @returns whether anything was taken.
   */
  restore(
    contractId: Uint8Array,
    owner: Uint8Array,
    operatorKey: Uint8Array,
    kept: ContractTerms,
  ): Promise<boolean>;
  /** Sign the next state of a contract with its operator. A half-signed one is finished first. */
  update(
    leaf: Leaf,
    operator: OperatorSource,
    operatorKey: Uint8Array,
    script: Uint8Array,
  ): Promise<Verdict<null>>;
};

const HALF = "half:";

export async function createStates(
  rules: Rules,
  store: WalletStore,
  guard: () => SigningGuard | undefined,
): Promise<States> {
  const signedStates = new Map<string, SignedState>();
  const halfStates = new Map<string, ContractState>();
  for (const [key, bytes] of await store.rows("states")) {
    if (key.startsWith(HALF)) {
      const half = decode(bytes, readContractState);
      if (half.ok) halfStates.set(key.slice(HALF.length), half.value);
    } else {
      const signed = decode(bytes, readSignedState);
      if (signed.ok) signedStates.set(key, signed.value);
    }
  }

  return {
    termsOf(contractId) {
      const id = formatHex(contractId);
      return { signed: signedStates.get(id), half: halfStates.get(id) };
    },

    async restore(contractId, owner, operatorKey, kept) {
      const id = formatHex(contractId);
      const known = signedStates.get(id)?.state.nonce ?? 0;
      const { signed } = kept;
      const isNewer =
        signed !== undefined &&
        signed.state.nonce > known &&
        equalBytes(signed.state.contractId, contractId) &&
        isSignedState(rules, signed, owner, operatorKey);
      const newest = isNewer ? signed.state.nonce : known;
      const own = halfStates.get(id);
      const half = own ?? kept.half;
      const isHalf =
        half !== undefined && half.nonce > newest && equalBytes(half.contractId, contractId);
      const operations: StoreOperation[] = [];
      if (isNewer) {
        const value = encode((writer) => writeSignedState(writer, signed));
        operations.push({ kind: "put", table: "states", key: id, value });
      }
      if (isHalf && own === undefined) {
        const value = encodeContractState(half);
        operations.push({ kind: "put", table: "states", key: HALF + id, value });
      }
      // What both have signed since takes the place of what one has signed alone.
      if (own !== undefined && !isHalf) {
        operations.push({ kind: "delete", table: "states", key: HALF + id });
      }
      if (operations.length === 0) return false;
      await store.commit(operations);
      if (isNewer) signedStates.set(id, signed);
      if (isHalf) halfStates.set(id, half);
      else halfStates.delete(id);
      return true;
    },

    async update(leaf, operator, operatorKey, script) {
      const signer = guard();
      if (signer === undefined) return refuse("LOCKED", "unlock the wallet to sign");
      const id = formatHex(leaf.id);
      const last = signedStates.get(id)?.state.nonce ?? 0;
      const half = halfStates.get(id);
      const state = half ?? { contractId: leaf.id, nonce: last + 1, script };
      if (runContractScript(new Uint8Array(), state.script).kind === "failed") {
        return refuse("SCRIPT_FAILS", "the new terms do not run within the limits");
      }
      await store.commit([
        { kind: "put", table: "states", key: HALF + id, value: encodeContractState(state) },
      ]);
      halfStates.set(id, state);
      const ownerSignature = await signer.signState(state);
      if (!ownerSignature.ok) return ownerSignature;
      try {
        const answer = await operator.proposeState(state, ownerSignature.value);
        if (!answer.ok) return answer;
        const signed = { ...answer.value, state, ownerSignature: ownerSignature.value };
        if (!isSignedState(rules, signed, leaf.owner, operatorKey)) {
          return refuse("BAD_SIGNATURE", "the operator's signature on the new terms does not hold");
        }
        const value = encode((writer) => writeSignedState(writer, signed));
        await store.commit([
          { kind: "put", table: "states", key: id, value },
          { kind: "delete", table: "states", key: HALF + id },
        ]);
        signedStates.set(id, signed);
        halfStates.delete(id);
        return accept(null);
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        return refuse(error.code, error.message);
      }
    },
  };
}
