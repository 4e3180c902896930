import { equalBytes } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import { formatHex } from "../lib/hex.ts";
import { refuse, type Verdict } from "../lib/verdict.ts";
import { type ExactClose, encodeExactClose } from "../protocol/contractClose.ts";
import { type ContractState, encodeContractState } from "../protocol/contractState.ts";
import { encodeSeal, type Seal } from "../protocol/seal.ts";
import type { Signer, WalletStore } from "./ports.ts";
import { decodeSignedMark, encodeSignedMark, type SignedMark } from "./rows.ts";

/**
 * Signs for a wallet, and never two different things where only one may be: one state for a contract
 * and nonce, none below the highest, one close or seal of a contract for a block. What is signed is on disk
 * before the signature leaves; the same request again gives the same signature.
 */
export type SigningGuard = {
  signState(state: ContractState): Promise<Verdict<Uint8Array>>;
  signClose(close: ExactClose): Promise<Verdict<Uint8Array>>;
  signSeal(seal: Seal): Promise<Verdict<Uint8Array>>;
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

  /** Only one thing is signed of a contract for a block, whether it gives it up or seals it. */
  async function signForBlock(
    { contractId, seenBlock }: Pick<ExactClose, "contractId" | "seenBlock">,
    mark: SignedMark,
    tag: "signClose" | "signSeal",
    body: Uint8Array,
  ): Promise<Verdict<Uint8Array>> {
    const key = `close:${formatHex(contractId)}:${formatHex(seenBlock)}`;
    const last = marks.get(key);
    if (last !== undefined && !equalBytes(last.digest, mark.digest)) {
      return refuse("OTHER_CLOSE", "something else is signed of this contract for this block");
    }
    await remember(key, mark);
    return { ok: true, value: await signer.sign(tag, body) };
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

    signClose(close) {
      // How long it stays good may change from one signature to the next, what it does may not.
      const digest = sha256(encodeExactClose({ ...close, heightMax: 0 }));
      const mark = { nonce: close.heightMax, digest };
      return signForBlock(close, mark, "signClose", encodeExactClose(close));
    },

    signSeal(seal) {
      const body = encodeSeal(seal);
      return signForBlock(seal, { nonce: 0, digest: sha256(body) }, "signSeal", body);
    },
  };
}
