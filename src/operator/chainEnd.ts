import { computeClaimStart } from "../chain/settlement/draw.ts";
import { computeOwed } from "../chain/settlement/owed.ts";
import { readAccountRecord } from "../chain/state/accountRecord.ts";
import { encodeTransaction, encodeUnsigned } from "../chain/transaction.ts";
import { rehearseTimeout } from "../client/rehearseTimeout.ts";
import { insist } from "../lib/verdict.ts";
import { computeAccountKey } from "../protocol/keys.ts";
import type { Rules } from "../protocol/rules.ts";
import { OPERATOR_FEE } from "./mainChainLink.ts";
import type { NodePort } from "./nodePort.ts";
import { createReads } from "./nodeReads.ts";
import type { SignerService } from "./signer/signerService.ts";

/**
 * The end of an operator's chain on the main chain: space that nobody bought is his, and so is a deposit share.
 * What is owed to him, he collects by himself.
 */
export type ChainEnd = {
  /**
   * Take the next step, if there is one under the newest tip. Rejects when the node fails; the next tip tries again.
   *
   * @param isSold - whether anybody else has a contract over a point.
   */
  advance(isSold: (point: bigint) => boolean): Promise<void>;
};

/** The end of a chain on the main chain: its operator only has to send the timeout. */
export function createChainEnd(options: {
  readonly node: NodePort;
  readonly rules: Rules;
  readonly signer: Pick<SignerService, "sign">;
  readonly chain: {
    readonly id: Uint8Array;
    readonly operator: Uint8Array;
    readonly expiry: number;
  };
  readonly say: (words: string) => void;
}): ChainEnd {
  const { node, rules, signer, chain, say } = options;
  const from = chain.operator;
  let isOver = false;
  let isSaid = false;

  return {
    async advance() {
      const tip = await node.tip();
      if (isOver || tip.height + 1 < computeClaimStart(chain.expiry, rules.parameters)) return;
      const reads = createReads(node, tip);
      const ended = await rehearseTimeout(reads, rules, chain.id);
      isOver = !ended.ok && ended.code === "NO_SUCH_CHAIN";
      const owed = ended.ok ? computeOwed(ended.value, from) : 0n;
      if (owed <= OPERATOR_FEE) return;
      const account = await reads.read("accounts", computeAccountKey(from), readAccountRecord);
      const body = { kind: "sortition-timeout", timeout: { chainId: chain.id } } as const;
      // No post goes out any more, so the account's next nonce is free; the same tip gives the same bytes.
      const transaction = { from, nonce: (account?.nonce ?? 0) + 1, fee: OPERATOR_FEE, body };
      const signature = insist(
        await signer.sign({ purpose: "signTransaction", body: encodeUnsigned(transaction) }),
      );
      insist(await node.send(encodeTransaction({ transaction, signature })));
      if (!isSaid) say(`the chain ends: ${owed} satoshi of its prize are the operator's`);
      isSaid = true;
    },
  };
}
