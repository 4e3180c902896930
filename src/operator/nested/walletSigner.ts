import type { Signer } from "../../client/ports.ts";
import { insist } from "../../lib/verdict.ts";
import type { RunningSigner } from "../signer/startSigner.ts";

const PURPOSES = ["signTransaction", "signClose", "signSeal", "signClaim"] as const;

/**
 * The operator's key in the hands of his own light client: what he buys, seals and claims with is signed in the
 * signer process, under its table. `sign` rejects with the table's refusal.
 */
export function createWalletSigner(signer: Pick<RunningSigner, "publicKey" | "sign">): Signer {
  return {
    publicKey: signer.publicKey,
    async sign(tag, body) {
      const purpose = PURPOSES.find((each) => each === tag);
      if (purpose === undefined) throw new Error(`an operator's light client signs no ${tag}`);
      return insist(await signer.sign({ purpose, body }));
    },
  };
}
