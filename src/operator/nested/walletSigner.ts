import type { Signer } from "../../client/ports.ts";
import { insist } from "../../lib/verdict.ts";
import type { RunningSigner } from "../signer/startSigner.ts";

/**
 * The operator's key in the hands of his own light client: what he buys and seals with is signed in the
 * signer process, under its table. `sign` rejects with the table's refusal.
 */
export function createWalletSigner(signer: Pick<RunningSigner, "publicKey" | "sign">): Signer {
  return {
    publicKey: signer.publicKey,
    async sign(tag, body) {
      if (tag !== "signTransaction" && tag !== "signClose" && tag !== "signSeal") {
        throw new Error(`an operator's light client signs no ${tag}`);
      }
      return insist(await signer.sign({ purpose: tag, body }));
    },
  };
}
