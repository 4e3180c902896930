import { draftMove } from "../../chain/settlement/draftMove.ts";
import { leavesOf } from "../../chain/settlement/shownLine.ts";
import { type Move, readSlash, writeSlash } from "../../chain/settlement/slash.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { decode, encode } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import type { SignedState } from "../../protocol/contractState.ts";
import type { Signer, WalletStore } from "../ports.ts";
import type { OwnLine } from "./ownLines.ts";

/**
 * Moves with the newest terms of own contracts, signed for the holder's own account as soon as both have signed the terms: when one
 * is needed, nothing but the transaction that carries it has to be signed.
 */
export type ReadyMoves = {
  of(contractId: Uint8Array): Move | undefined;
  /** Whether what is kept is of these terms, in the chain that holds the prize now. */
  isReady(contractId: Uint8Array, nonce: number, topId: Uint8Array): boolean;
  make(line: OwnLine, state: SignedState, signer: Signer): Promise<void>;
};

export async function openReadyMoves(store: WalletStore): Promise<ReadyMoves> {
  const moves = new Map<string, Move>();
  for (const [key, bytes] of await store.rows("moves")) {
    const slash = decode(bytes, readSlash);
    if (slash.ok && slash.value.kind === "move") moves.set(key, slash.value);
  }
  return {
    of: (contractId) => moves.get(formatHex(contractId)),

    isReady(contractId, nonce, topId) {
      const move = moves.get(formatHex(contractId));
      return move?.state?.state.nonce === nonce && equalBytes(move.chainId, topId);
    },

    async make({ own, topId, shown }, state, signer) {
      const { move, body } = draftMove({
        chainId: topId,
        leaves: leavesOf(shown),
        side: "owner",
        terms: { kind: "state", state },
        scriptSig: new Uint8Array(),
        carrier: signer.publicKey,
      });
      const signed = { ...move, signature: await signer.sign("signMove", body) };
      const key = formatHex(own.leaf.id);
      const value = encode((writer) => writeSlash(writer, signed));
      await store.commit([{ kind: "put", table: "moves", key, value }]);
      moves.set(key, signed);
    },
  };
}
