import { draftClaim } from "../chain/settlement/draftClaim.ts";
import { judgeClaim } from "../chain/settlement/judgeClaim.ts";
import { judgeTimeout } from "../chain/settlement/judgeTimeout.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import { computePostKey } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { TRUE_SCRIPT, TRUE_SCRIPT_HASH } from "../protocol/script.ts";
import type { OwnLeaf } from "./chainBook.ts";
import type { TrackedChain } from "./chainTracker.ts";
import type { MainChain } from "./mainChain.ts";
import { type Outbox, TRANSACTION_FEE } from "./outbox.ts";
import { createAnchoredProof } from "./ownProof.ts";
import type { Signer } from "./ports.ts";
import { readSettlementView } from "./settlementView.ts";
import type { States } from "./states.ts";

/**
 * Getting paid. Nothing here asks the operator: what a claim needs was kept when the contract was made.
 * Each transaction is rehearsed with the main chain's own functions before it is signed.
 */
export type Settlement = {
  /** Claim the prize for an own leaf over the winning point. */
  claim(chain: TrackedChain, own: OwnLeaf): Promise<Verdict<null>>;
  /** End a chain whose delays are over, so that the prize is paid. */
  collect(chain: TrackedChain): Promise<Verdict<null>>;
};

export function createSettlement(options: {
  readonly rules: Rules;
  readonly signer: Signer;
  readonly outbox: Outbox;
  readonly mainChain: MainChain;
  readonly states: States;
}): Settlement {
  const { rules, signer, outbox, mainChain, states } = options;

  return {
    async claim(chain, own) {
      const { facts } = chain.followed;
      const proof = createAnchoredProof(chain.book, own);
      if (proof === undefined) {
        return refuse("NOT_POSTED", "no record on the main chain stands over this contract");
      }
      const conditions = own.place.conditions.flatMap(
        ({ hash }) => chain.book.conditions.get(formatHex(hash)) ?? [],
      );
      const { signed } = states.termsOf(own.leaf.id);
      if (signed === undefined && !equalBytes(own.leaf.scriptHash, TRUE_SCRIPT_HASH)) {
        return refuse("NO_SCRIPT", "the contract's own script is not kept here");
      }
      const { claim, body } = draftClaim({
        chainId: facts.id,
        line: [{ leaf: own.leaf, proof, conditions }],
        script: TRUE_SCRIPT,
        state: signed,
        scriptSig: new Uint8Array(),
        carrier: signer.publicKey,
      });
      const signature = await signer.sign("signClaim", body);
      const whole = { ...claim, signature };
      const postKey = computePostKey(facts.operator, facts.id, proof.sequence);
      const view = await readSettlementView(mainChain, rules, facts.id, [postKey], conditions);
      const rehearsed = judgeClaim(whole, signer.publicKey, view);
      if (!rehearsed.ok) return rehearsed;
      const { deposit, minerFee } = rehearsed.value;
      const needed = deposit + minerFee + TRANSACTION_FEE;
      const { balance } = outbox.account();
      if (balance < needed) {
        return refuse(
          "NOT_ENOUGH_MONEY",
          `a claim needs ${needed} satoshi, most of it a deposit that comes back; there are ${balance}`,
        );
      }
      return outbox.send({ kind: "sortition-contract", claim: whole });
    },

    async collect(chain) {
      const timeout = { chainId: chain.followed.facts.id };
      const view = await readSettlementView(mainChain, rules, timeout.chainId, [], []);
      const rehearsed = judgeTimeout(timeout, view);
      if (!rehearsed.ok) return rehearsed;
      const sent = await outbox.send({ kind: "sortition-timeout", timeout });
      return sent.ok ? accept(null) : sent;
    },
  };
}
