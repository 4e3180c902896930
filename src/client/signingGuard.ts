import { equalBytes } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import { formatHex } from "../lib/hex.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import { type ExactClose, encodeExactClose } from "../protocol/contractClose.ts";
import { type ContractState, encodeContractState } from "../protocol/contractState.ts";
import type { Signer, WalletStore } from "./ports.ts";
import { decodeSignedMark, encodeSignedMark, type SignedMark } from "./rows.ts";

/**
 * Signs for a wallet, and never two different things where only one may be: one state for a contract
 * and nonce, none below the highest, one close of a contract for a block. What is signed is on disk
 * before the signature leaves; the same request again gives the same signature.
 */
export type SigningGuard = {
  signState(state: ContractState): Promise<Verdict<Uint8Array>>;
  signClose(close: ExactClose): Promise<Verdict<Uint8Array>>;
};

/** Load the marks of everything signed so far. A mark that cannot be read stops the guard from being made. */
export async function createSigningGuard(
  store: WalletStore,
  signer: Signer,
): Promise<SigningGuard> {
  const marks = new Map<string, SignedMark>();
  for (const [key, value] of await store.rows("signed")) {
    const mark = decodeSignedMark(value);
    if (!mark.ok)
      throw new Error(`the mark of what was signed is damaged: ${key}: ${mark.message}`);
    marks.set(key, mark.value);
  }

  async function remember(key: string, mark: SignedMark): Promise<void> {
    const value = encodeSignedMark(mark);
    await store.commit([{ kind: "put", table: "signed", key, value }]);
    marks.set(key, mark);
  }

  return {
    async signState(state) {
      const key = `state:${formatHex(state.contractId)}`;
      const body = encodeContractState(state);
      const digest = sha256(body);
      const last = marks.get(key);
      if (last !== undefined && state.nonce < last.nonce) {
        return refuse("OLDER_STATE", `state ${last.nonce} is signed already, got ${state.nonce}`);
      }
      if (last?.nonce === state.nonce && !equalBytes(last.digest, digest)) {
        return refuse("OTHER_STATE", `another state ${state.nonce} is signed already`);
      }
      await remember(key, { nonce: state.nonce, digest });
      return { ok: true, value: await signer.sign("signState", body) };
    },

    async signClose(close) {
      const key = `close:${formatHex(close.contractId)}:${formatHex(close.seenBlock)}`;
      const body = encodeExactClose(close);
      // How long it stays good may change from one signature to the next, what it does may not.
      const digest = sha256(encodeExactClose({ ...close, heightMax: 0 }));
      const last = marks.get(key);
      if (last !== undefined && !equalBytes(last.digest, digest)) {
        return refuse("OTHER_CLOSE", "another close of this contract is signed for this block");
      }
      await remember(key, { nonce: close.heightMax, digest });
      return { ok: true, value: await signer.sign("signClose", body) };
    },
  };
}
