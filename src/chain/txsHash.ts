import { listRoot } from "../lib/merkleList.ts";

/** What a header's `txsProofHash` must be: the list root over the miner's key and the encoded transactions. */
export function hashTxs(miner: Uint8Array, encoded: readonly Uint8Array[]): Uint8Array {
  return listRoot([miner, ...encoded]);
}
