import { triggerOfContract, triggerOfTerms } from "../../api/towerEvidence.ts";
import { draftMove } from "../../chain/settlement/draftMove.ts";
import { computeResultKey } from "../../chain/settlement/line.ts";
import type { Slash } from "../../chain/settlement/slash.ts";
import { encode } from "../../lib/codec.ts";
import { sha256 } from "../../lib/hash.ts";
import { formatHex } from "../../lib/hex.ts";
import type { SignedState } from "../../protocol/contractState.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import { hashScript } from "../../protocol/script.ts";
import type { Signer } from "../ports.ts";
import { type CloseRow, type DefendedContract, hashRow, listCloseRows } from "./closeRows.ts";
import type { PastTerms } from "./pastTerms.ts";

/**
 * A piece of evidence that towers are to keep.
 *
 * - `mark`: hex; another one where the evidence is another. - `neededTo`: main-chain height that it is wanted to at least.
 * - `draft`: the slash for a tower that carries it; undefined where the wallet is locked and it needs a signature.
 */
export type WantedEvidence = {
  readonly trigger: Uint8Array;
  readonly mark: string;
  readonly neededTo: number;
  readonly draft: (carrier: Uint8Array, signer: Signer | undefined) => Promise<Slash | undefined>;
};

/** Of a row of closes these say nothing: whoever carries it fills in what it is held against. */
const AGAINST_ANY = { chainId: new Uint8Array(32), resultKey: new Uint8Array(32), level: 0 };

/** Evidence against all who have given up a contract on the place of one that is held: of each the row that leads furthest. */
export function wantCloses(
  contracts: readonly (DefendedContract & { readonly neededTo: number })[],
): WantedEvidence[] {
  const rows = new Map<string, CloseRow & { readonly neededTo: number }>();
  for (const contract of contracts) {
    for (const row of listCloseRows(contract)) {
      const name = formatHex(triggerOfContract(row.given));
      const known = rows.get(name);
      const neededTo = Math.max(contract.neededTo, known?.neededTo ?? 0);
      const isLonger = known === undefined || row.closes.length > known.closes.length;
      rows.set(name, { ...(isLonger ? row : known), neededTo });
    }
  }
  return [...rows.values()].map(({ given, closes, neededTo }) => {
    const slash: Slash = { kind: "close", ...AGAINST_ANY, closes };
    return {
      trigger: triggerOfContract(given),
      mark: formatHex(hashRow(closes)),
      neededTo,
      draft: async () => slash,
    };
  });
}

/** A line whose terms are defended: the newest that both have signed, and what of older ones a claim could show. */
export type DefendedTerms = {
  readonly chainId: Uint8Array;
  readonly leaves: readonly Leaf[];
  readonly newest: SignedState;
  readonly past: readonly PastTerms[];
  readonly neededTo: number;
};

/** Moves against every older state of contracts, signed by their owner for whoever carries them. */
export function wantMoves(lines: readonly DefendedTerms[]): WantedEvidence[] {
  return lines.flatMap(({ chainId, leaves, newest, past, neededTo }) => {
    const resultKey = computeResultKey(chainId, leaves);
    const { nonce, script } = newest.state;
    const mark = formatHex(
      sha256(
        encode((writer) => writer.fixed(resultKey, 32).u32(nonce).fixed(hashScript(script), 32)),
      ),
    );
    return past
      .filter(({ stateNonce }) => stateNonce < nonce)
      .map((terms) => ({
        trigger: triggerOfTerms(resultKey, terms, terms.ownerSignature),
        mark,
        neededTo,
        async draft(carrier: Uint8Array, signer: Signer | undefined) {
          if (signer === undefined) return undefined;
          const { move, body } = draftMove({
            chainId,
            leaves,
            side: "owner",
            terms: { kind: "state", state: newest },
            scriptSig: new Uint8Array(),
            carrier,
          });
          return { ...move, signature: await signer.sign("signMove", body) };
        },
      }));
  });
}
