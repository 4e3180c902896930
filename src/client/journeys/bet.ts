import type { BetOffer } from "../../api/operatorApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { refuse, type Verdict } from "../../lib/verdict.ts";
import { createBet } from "../../market/bet.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import { findCash } from "./cash.ts";
import type { JourneyDesk } from "./journeyDesk.ts";

/** Ask the operator for a bet with all of an own piece of cash, and sign it if it is the one asked for. */
export async function requestBet(
  desk: JourneyDesk,
  chain: TrackedChain,
  cash: OwnLeaf,
  oracleId: Uint8Array,
  side: "yes" | "no",
): Promise<void> {
  const stake = cash.leaf.hi - cash.leaf.lo;
  const operator = desk.tracker.operatorOf(chain);
  const offer = await operator.requestBet(desk.ownKey, oracleId, side, cash.leaf.id, stake);
  if (!offer.ok) return;
  const own = offer.value[side];
  const isAsked =
    equalBytes(offer.value.oracleId, oracleId) &&
    equalBytes(own.cashId, cash.leaf.id) &&
    own.stake === stake;
  if (isAsked) await signBet(desk, chain, offer.value, side);
}

/** Take the other side of a bet with own cash. */
export async function acceptBet(
  desk: JourneyDesk,
  chain: TrackedChain,
  offer: BetOffer,
): Promise<Verdict<null>> {
  const own = (id: Uint8Array) => chain.book.own.has(formatHex(id));
  if (own(offer.yes.cashId) === own(offer.no.cashId)) {
    return refuse("NOT_OWN", "exactly one side of a bet must be this wallet's");
  }
  return signBet(desk, chain, offer, own(offer.yes.cashId) ? "yes" : "no");
}

/** Sign our close of a bet after laying it out ourselves from leaves that we have checked. */
async function signBet(
  { nextBlock, tracker, mainChain }: JourneyDesk,
  chain: TrackedChain,
  offer: BetOffer,
  side: "yes" | "no",
): Promise<Verdict<null>> {
  if (!equalBytes(offer.seenBlock, chain.book.tip.hash)) {
    return refuse("OTHER_BLOCK_SEEN", "the bet names another block than the last one checked here");
  }
  const oracle = chain.oracles.get(formatHex(offer.oracleId));
  if (oracle?.result !== "open") return refuse("NOT_OPEN", "the oracle is not open");
  // Of what has no record yet nobody can say that the other side holds it.
  const yes = findCash(chain, mainChain, offer.yes.cashId);
  const no = findCash(chain, mainChain, offer.no.cashId);
  if (yes === undefined || no === undefined) {
    return refuse("NOT_CASH", "a side is not backed by recorded space without conditions");
  }
  const bet = createBet(
    offer.oracleId,
    { cash: yes.leaf, stake: offer.yes.stake },
    { cash: no.leaf, stake: offer.no.stake },
    offer.depositBps,
  );
  if (!bet.ok) return bet;
  const ownCash = side === "yes" ? yes : no;
  const successors = side === "yes" ? bet.value.yesSuccessors : bet.value.noSuccessors;
  const heightMax = Math.min(offer.heightMax, nextBlock.goodTo());
  if (heightMax !== offer.heightMax)
    return refuse("TOO_LONG", "the bet is to stay open for too long");
  const signed = await nextBlock.signCloses(
    chain,
    [{ contractId: ownCash.leaf.id, successors }],
    heightMax,
  );
  if (!signed.ok) return signed;
  return tracker.operatorOf(chain).submitCloses(offer.proposalId, signed.value);
}
