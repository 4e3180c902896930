import type { Wallet } from "../../client/wallet.ts";
import type { MainChainPort } from "../mainChainPort.ts";

/**
 * Where a chain's posts go that may leave the ancestor that it was sealed to post in: there, and, once its operator has
 * decided to switch, to the main chain.
 *
 * @param anchored - the ancestor. @param own - the main chain, by way of the operator's own node.
 */
export function createSwitchingLink(options: {
  readonly wallet: Pick<Wallet, "sync">;
  readonly anchored: MainChainPort;
  readonly own: MainChainPort;
}): MainChainPort {
  const { wallet, anchored, own } = options;
  // What is sent after a reading is meant for where that was taken: a decision lets go of all that was sent before.
  let isOver = false;

  return {
    async readView(state) {
      isOver = state.switched !== undefined;
      if (!isOver) return anchored.readView(state);
      await wallet.sync();
      return own.readView(state);
    },

    readEvidence: own.readEvidence,

    draft(nonce, word, signature) {
      const isForAnchor = word.kind === "post" && word.post.place.kind === "chain";
      return (isForAnchor ? anchored : own).draft(nonce, word, signature);
    },

    send: (carrier) => (isOver ? own : anchored).send(carrier),
    follow: own.follow,
  };
}
