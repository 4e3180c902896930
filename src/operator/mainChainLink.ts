import { encodeTransaction, encodeUnsigned } from "../chain/transaction.ts";
import type { MainChainPort } from "./mainChainPort.ts";
import type { NodePort } from "./nodePort.ts";
import { readEvidence } from "./readEvidence.ts";
import { readMainView } from "./readMainView.ts";

/** Fee of the operator's own transactions, in satoshi. */
export const OPERATOR_FEE = 10_000n;

/** The main chain as the engine's shell uses it, by way of the operator's own node. */
export function createMainChainLink(
  node: NodePort,
  operator: Uint8Array,
  confirmations: number,
): MainChainPort {
  return {
    readView: async (state) => readMainView(node, await node.tip(), state),
    readEvidence: (condition) => readEvidence(node, condition, confirmations),

    draft(nonce, word, signature) {
      const entry = { ...word, signer: operator, signature };
      const transaction = {
        from: operator,
        nonce,
        fee: OPERATOR_FEE,
        body: { kind: "existence", entry } as const,
      };
      return {
        body: encodeUnsigned(transaction),
        finish: (signed) => encodeTransaction({ transaction, signature: signed }),
      };
    },

    send: (transaction) => node.send(transaction),
    follow: (onTip) => node.follow(onTip),
  };
}
