import { readAccountRecord } from "../chain/state/accountRecord.ts";
import { encodeTransaction, encodeUnsigned } from "../chain/transaction.ts";
import { insist } from "../lib/verdict.ts";
import { computeAccountKey } from "../protocol/keys.ts";
import type { DefencePort } from "./defence.ts";
import { OPERATOR_FEE } from "./mainChainLink.ts";
import type { NodePort } from "./nodePort.ts";
import { createReads } from "./nodeReads.ts";
import type { SignerService } from "./signer/signerService.ts";

/** The defence of a chain on the main chain, by way of the operator's own node and account. */
export function createMainChainDefence(
  node: NodePort,
  signer: Pick<SignerService, "sign">,
  chain: { readonly id: Uint8Array; readonly operator: Uint8Array },
): DefencePort {
  const from = chain.operator;
  return {
    carrier: from,

    async open() {
      return { reads: createReads(node, await node.tip()), chainId: chain.id };
    },

    async send(slashes) {
      const reads = createReads(node, await node.tip());
      const account = await reads.read("accounts", computeAccountKey(from), readAccountRecord);
      // No post goes out any more, so the account's next nonces are free.
      let nonce = account?.nonce ?? 0;
      let sent = 0;
      for (const slash of slashes) {
        const body = { kind: "sortition-slash", slash } as const;
        const transaction = { from, nonce: nonce + 1, fee: OPERATOR_FEE, body };
        const signature = insist(
          await signer.sign({ purpose: "signTransaction", body: encodeUnsigned(transaction) }),
        );
        const taken = await node.send(encodeTransaction({ transaction, signature }));
        if (!taken.ok) continue;
        nonce += 1;
        sent += 1;
      }
      return sent;
    },
  };
}
