import type { Claim } from "../chain/settlement/claim.ts";
import { draftClaim } from "../chain/settlement/draftClaim.ts";
import { sharesOn } from "../chain/settlement/shownLine.ts";
import { splitPrize } from "../chain/settlement/splitPrize.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { equalBytes } from "../lib/bytes.ts";
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
  /** What a claim sent now would cost and bring; nothing is sent. */
  rehearseClaim(chain: TrackedChain, own: OwnLeaf): Promise<Verdict<Rehearsal>>;
  /** The same for the end of the chain that holds the prize. */
  rehearseCollect(status: SettlementStatus | undefined): Promise<Verdict<Rehearsal>>;
  /** Claim the prize for an own leaf over the winning point, with one transaction, however deep it is. */
  claim(chain: TrackedChain, own: OwnLeaf): Promise<Verdict<null>>;
  /** End the on-chain chain that holds the prize, once its delays are over, so that the prize is paid. */
  collect(status: SettlementStatus | undefined): Promise<Verdict<null>>;
};

/**
 * What a transaction would do to the wallet's own account, in satoshi, if the next block held it.
 *
 * - `cost`: what is gone. - `deposit`: what it puts down, and gets back at the end unless it is slashed.
 * - `reward`: what is paid to this account: by the end of a chain at once; for a claim once its chain ends, unless
 *   somebody shows a better one. Nothing for a sealed contract, whose prize goes on into the chain that it becomes.
 */
export type Rehearsal = {
  readonly cost: bigint;
  readonly deposit: bigint;
  readonly reward: bigint;
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

  /** The claim as it would be sent, and what the main chain's own check says of it. */
  async function draft(chain: TrackedChain, own: OwnLeaf): Promise<Verdict<Drafted>> {
    const { settlement } = chain;
    if (settlement === undefined) return TOO_EARLY;
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
    const { deposit, minerFee, put } = rehearsed.value;
    const record = await mainChain.read("chains", settlement.chainId, readChainRecord);
    const [result] = put;
    const reward =
      record === undefined || result === undefined || own.leaf.sealed
        ? 0n
        : splitPrize(record.amount, sharesOn(record, result.line)).net;
    const rehearsal = { cost: minerFee + TRANSACTION_FEE, deposit, reward };
    return accept({ claim: signedClaim, rehearsal });
  }

  return {
    async rehearseClaim(chain, own) {
      const drafted = await draft(chain, own);
      return drafted.ok ? accept(drafted.value.rehearsal) : drafted;
    },

    async rehearseCollect(status) {
      if (status === undefined) return TOO_EARLY;
      const rehearsed = await rehearseTimeout(mainChain, rules, status.chainId);
      if (!rehearsed.ok) return rehearsed;
      const own = rehearsed.value.pay.filter(({ to }) => equalBytes(to, signer.publicKey));
      const reward = own.reduce((sum, { amount }) => sum + amount, 0n);
      return accept({ cost: TRANSACTION_FEE, deposit: 0n, reward });
    },

    async claim(chain, own) {
      const drafted = await draft(chain, own);
      if (!drafted.ok) return drafted;
      const { claim, rehearsal } = drafted.value;
      const needed = rehearsal.cost + rehearsal.deposit;
      const { balance } = outbox.account();
      if (balance < needed) {
        return refuse(
          "NOT_ENOUGH_MONEY",
          `a claim needs ${formatVeo(needed)}, most of it a deposit that comes back; there are ${formatVeo(balance)}`,
        );
      }
      return outbox.send({ kind: "sortition-contract", claim });
    },

    async collect(status) {
      if (status === undefined) return TOO_EARLY;
      const timeout = { chainId: status.chainId };
      const rehearsed = await rehearseTimeout(mainChain, rules, timeout.chainId);
      if (!rehearsed.ok) return rehearsed;
      const sent = await outbox.send({ kind: "sortition-timeout", timeout });
      return sent.ok ? accept(null) : sent;
    },
  };
}

type Drafted = { readonly claim: Claim; readonly rehearsal: Rehearsal };

const TOO_EARLY = refuse("TOO_EARLY", "the point is not drawn yet");
