import type { BetOffer, SaleOffer } from "../api/operatorApi.ts";
import { formatHex } from "../lib/hex.ts";
import type { Verdict } from "../lib/verdict.ts";
import type { ChainTracker, TrackedChain } from "./chainTracker.ts";
import { acquire, advanceAcquisition } from "./journeys/acquisition.ts";
import { acceptBet } from "./journeys/bet.ts";
import type { JourneyDesk } from "./journeys/journeyDesk.ts";
import { openJourneyRows } from "./journeys/journeyRows.ts";
import { createNextBlock } from "./journeys/nextBlock.ts";
import { createOwnContracts, type OwnContracts } from "./journeys/ownContracts.ts";
import { createPayments } from "./journeys/payments.ts";
import { advancePurchase, buy } from "./journeys/purchase.ts";
import { redeemAll } from "./journeys/redeemAll.ts";
import { advanceSale, sell } from "./journeys/sale.ts";
import type { MainChain } from "./mainChain.ts";
import type { Outbox } from "./outbox.ts";
import type { Signer, WalletStore } from "./ports.ts";
import type { Journey, PurchaseGoal } from "./rows.ts";
import type { SigningGuard } from "./signingGuard.ts";

/**
 * Purchases, bets and sales, seen through step by step. A step is taken only on what this wallet has
 * checked: blocks that hold, recorded on the main chain, under enough confirmations.
 */
export type Journeys = OwnContracts & {
  list(): readonly (readonly [id: string, journey: Journey])[];
  buy(chain: TrackedChain, width: bigint, goal: PurchaseGoal): Promise<Verdict<string>>;
  /** Sell contracts under an offer whose terms the holder has accepted. */
  sell(chain: TrackedChain, offer: SaleOffer): Promise<Verdict<null>>;
  /** Take the other side of a bet with own cash. */
  acceptBet(chain: TrackedChain, offer: BetOffer): Promise<Verdict<null>>;
  /** Note a sale in which this wallet is the buyer: it pays once the leaves are posted and checked. */
  acquire(chain: TrackedChain, offer: SaleOffer, seller: Uint8Array): Promise<Verdict<null>>;
  /** Take every step that what is now checked allows. */
  advance(): Promise<void>;
};

export async function createJourneys(options: {
  readonly store: WalletStore;
  readonly signer: Signer;
  readonly guard: SigningGuard;
  readonly outbox: Outbox;
  readonly mainChain: MainChain;
  readonly tracker: ChainTracker;
  readonly note: (words: string) => Promise<void>;
  readonly catchUp: () => Promise<void>;
  readonly whyUnproven: JourneyDesk["whyUnproven"];
}): Promise<Journeys> {
  const { store, signer, outbox, mainChain, tracker, note, catchUp, whyUnproven } = options;
  const rows = await openJourneyRows(store, note);
  const nextBlock = createNextBlock(options);
  const ownContracts = createOwnContracts(mainChain, nextBlock);
  const payments = createPayments(mainChain, outbox);
  const ownKey = signer.publicKey;
  const parts = { ownKey, mainChain, tracker, rows, nextBlock, payments, ownContracts };
  const desk = { ...parts, catchUp, whyUnproven };

  return {
    ...ownContracts,
    redeem: (chain, contracts) =>
      redeemAll(contracts, {
        redeem: (left) => ownContracts.redeem(chain, left),
        isHeld: ({ leaf }) => chain.book.live.has(formatHex(leaf.id)),
        catchUp,
      }),
    list: rows.entries,
    buy: (chain, width, goal) => buy(desk, chain, width, goal),
    sell: (chain, offer) => sell(desk, chain, offer),
    acceptBet: (chain, offer) => acceptBet(desk, chain, offer),
    acquire: (chain, offer, seller) => acquire(desk, chain, offer, seller),

    async advance() {
      for (const [id, journey] of rows.entries()) {
        if (journey.state.kind === "open") await advanceJourney(desk, id, journey);
      }
    },
  };
}

function advanceJourney(desk: JourneyDesk, id: string, journey: Journey): Promise<void> {
  switch (journey.kind) {
    case "purchase":
      return advancePurchase(desk, id, journey);
    case "sale":
      return advanceSale(desk, id, journey);
    case "acquisition":
      return advanceAcquisition(desk, id, journey);
  }
}
