import { draftClaim } from "../chain/settlement/draftClaim.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import { formatVeo } from "../protocol/amountWords.ts";
import type { Rules } from "../protocol/rules.ts";
import { TRUE_SCRIPT } from "../protocol/script.ts";
import type { ChainTracker, TrackedChain } from "./chainTracker.ts";
import type { MainChain } from "./mainChain.ts";
import { type Outbox, TRANSACTION_FEE } from "./outbox.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import { createLine } from "./ownProof.ts";
import type { Signer } from "./ports.ts";
import { rehearseClaim } from "./rehearseClaim.ts";
import { rehearseTimeout } from "./rehearseTimeout.ts";
import type { SettlementStatus } from "./settlementStatus.ts";
import type { States } from "./states.ts";

/**
 * Getting paid. Nothing here asks the operator: what a claim needs was kept when the contract was made.
 * Each transaction is rehearsed with the main chain's own functions before it is signed.
 */
export type Settlement = {
  /** Claim the prize for an own leaf over the winning point, with one transaction, however deep it is. */
  claim(chain: TrackedChain, own: OwnLeaf): Promise<Verdict<null>>;
  /** End the on-chain chain that holds the prize, once its delays are over, so that the prize is paid. */
  collect(status: SettlementStatus | undefined): Promise<Verdict<null>>;
};

export function createSettlement(options: {
  readonly rules: Rules;
  readonly signer: Signer;
  readonly outbox: Outbox;
  readonly mainChain: MainChain;
  readonly tracker: Pick<ChainTracker, "withAncestors">;
  readonly states: States;
}): Settlement {
  const { rules, signer, outbox, mainChain, tracker, states } = options;

  return {
    async claim(chain, own) {
      const { settlement } = chain;
      if (settlement === undefined) return refuse("TOO_EARLY", "the point is not drawn yet");
      const whole = createLine(tracker.withAncestors(chain), own);
      if (!whole.ok) return whole;
      // Where chains above have ended, the line goes on from the one that a contract has become.
      const line = whole.value.slice(settlement.depth);
      const { signed } = states.termsOf(own.leaf.id);
      const { claim, body } = draftClaim({
        chainId: settlement.chainId,
        line,
        script: own.script ?? TRUE_SCRIPT,
        state: signed,
        scriptSig: new Uint8Array(),
        carrier: signer.publicKey,
      });
      const signature = await signer.sign("signClaim", body);
      const signedClaim = { ...claim, signature };
      const rehearsed = await rehearseClaim(signedClaim, line, signer.publicKey, mainChain, rules);
      if (!rehearsed.ok) return rehearsed;
      const { deposit, minerFee } = rehearsed.value;
      const needed = deposit + minerFee + TRANSACTION_FEE;
      const { balance } = outbox.account();
      if (balance < needed) {
        return refuse(
          "NOT_ENOUGH_MONEY",
          `a claim needs ${formatVeo(needed)}, most of it a deposit that comes back; there are ${formatVeo(balance)}`,
        );
      }
      return outbox.send({ kind: "sortition-contract", claim: signedClaim });
    },

    async collect(status) {
      if (status === undefined) return refuse("TOO_EARLY", "the point is not drawn yet");
      const timeout = { chainId: status.chainId };
      const rehearsed = await rehearseTimeout(mainChain, rules, timeout.chainId);
      if (!rehearsed.ok) return rehearsed;
      const sent = await outbox.send({ kind: "sortition-timeout", timeout });
      return sent.ok ? accept(null) : sent;
    },
  };
}
