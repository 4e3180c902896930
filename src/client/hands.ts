import type { Rules } from "../protocol/rules.ts";
import type { ChainTracker } from "./chainTracker.ts";
import type { JourneyDesk } from "./journeys/journeyDesk.ts";
import { createJourneys, type Journeys } from "./journeys.ts";
import type { MainChain } from "./mainChain.ts";
import { whyStopped } from "./obstacle.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import type { Signer, WalletStore } from "./ports.ts";
import { createProofRequests, type ProofRequests } from "./proofRequests.ts";
import { createSettlement, type Settlement } from "./settlement.ts";
import { createSigningGuard, type SigningGuard } from "./signingGuard.ts";
import type { States } from "./states.ts";
import { createWithheldData, type WithheldData } from "./withheldData.ts";

/** What an unlocked wallet can do beside looking. */
export type Hands = {
  readonly signer: Signer;
  readonly guard: SigningGuard;
  readonly outbox: Outbox;
  readonly journeys: Journeys;
  readonly settlement: Settlement;
  readonly withheld: WithheldData;
  readonly proofs: ProofRequests;
};

/**
 * @param options.note - writes a line of the wallet's activity, in words. @param options.catchUp - checks what there is by now.
 */
export async function createHands(options: {
  readonly rules: Rules;
  readonly store: WalletStore;
  readonly signer: Signer;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly states: States;
  readonly note: (words: string) => Promise<void>;
  readonly catchUp: () => Promise<void>;
  readonly whyUnproven: JourneyDesk["whyUnproven"];
}): Promise<Hands> {
  const { rules, store, signer, mainChain, tracker, states, note, catchUp, whyUnproven } = options;
  const guard = await createSigningGuard(store, signer, (chainId) => {
    const chain = tracker.find(chainId);
    return chain === undefined
      ? "the chain is not followed"
      : whyStopped(chain, tracker, mainChain);
  });
  const outbox = await createOutbox(store, signer, mainChain, note);
  const journeys = await createJourneys({
    store,
    signer,
    guard,
    outbox,
    mainChain,
    tracker,
    note,
    catchUp,
    whyUnproven,
  });
  const settlement = createSettlement({ rules, signer, outbox, mainChain, tracker, states });
  const withheld = createWithheldData({ rules, signer, outbox, mainChain, tracker });
  const proofs = await createProofRequests({
    rules,
    store,
    signer,
    outbox,
    mainChain,
    tracker,
    note,
  });
  return { signer, guard, outbox, journeys, settlement, withheld, proofs };
}
