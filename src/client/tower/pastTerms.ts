import type { ShownTerms } from "../../api/towerEvidence.ts";
import { decode, encode } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import type { Verdict } from "../../lib/verdict.ts";
import type { SignedState } from "../../protocol/contractState.ts";
import { hashScript } from "../../protocol/script.ts";
import { readSignature, writeSignature } from "../../protocol/signature.ts";
import type { WalletStore } from "../ports.ts";

/** Terms of a contract that newer ones have replaced, and the owner's signature on them; none on the leaf's own script. */
export type PastTerms = ShownTerms & { readonly ownerSignature: Uint8Array | undefined };

/** States of a contract that are remembered: of more the newest, which whoever cheats has the most of. */
const PAST_MAX = 16;

const KEY = "past:";

/** What a claim with old terms would show, of every contract whose states this wallet has signed. */
export type TermsMemory = {
  /** A state that both have signed: once it is replaced, it is a past one. Resolves when it is on disk. */
  remember(contractId: Uint8Array, signed: SignedState): Promise<void>;
  /** States of a contract that were signed, in the order of their nonces. */
  of(contractId: Uint8Array): readonly PastTerms[];
};

export async function openTermsMemory(store: WalletStore): Promise<TermsMemory> {
  const past = new Map<string, readonly PastTerms[]>();
  for (const [key, bytes] of await store.rows("towers")) {
    const terms = key.startsWith(KEY) ? decodePastTerms(bytes) : undefined;
    if (terms?.ok === true) past.set(key.slice(KEY.length), terms.value);
  }

  return {
    of: (contractId) => past.get(formatHex(contractId)) ?? [],

    async remember(contractId, { state, ownerSignature }) {
      const id = formatHex(contractId);
      const known = past.get(id) ?? [];
      if (known.some(({ stateNonce }) => stateNonce >= state.nonce)) return;
      const terms = {
        stateNonce: state.nonce,
        scriptHash: hashScript(state.script),
        ownerSignature,
      };
      const all = [...known, terms].slice(-PAST_MAX);
      await store.commit([
        { kind: "put", table: "towers", key: KEY + id, value: encodePastTerms(all) },
      ]);
      past.set(id, all);
    },
  };
}

/** Encode: a list of nonce u32, script hash 32, flag and the owner's signature 65. */
function encodePastTerms(terms: readonly PastTerms[]): Uint8Array {
  return encode((writer) =>
    writer.list(terms, PAST_MAX, (each, { stateNonce, scriptHash, ownerSignature }) => {
      each
        .u32(stateNonce)
        .fixed(scriptHash, 32)
        .flag(ownerSignature !== undefined);
      if (ownerSignature !== undefined) writeSignature(each, ownerSignature);
    }),
  );
}

function decodePastTerms(bytes: Uint8Array): Verdict<PastTerms[]> {
  return decode(bytes, (reader) =>
    reader.list(PAST_MAX, 37, (each) => ({
      stateNonce: each.u32(),
      scriptHash: each.fixed(32),
      ownerSignature: each.flag() ? readSignature(each) : undefined,
    })),
  );
}
