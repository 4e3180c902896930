import type { SaleOffer } from "../../api/operatorApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { refuse, type Verdict } from "../../lib/verdict.ts";
import { createSale } from "../../market/sale.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { Journey } from "../rows.ts";
import type { JourneyDesk } from "./journeyDesk.ts";

/** Sell contracts under an offer whose terms the holder has accepted. */
export async function sell(
  { nextBlock, rows, tracker }: JourneyDesk,
  chain: TrackedChain,
  offer: SaleOffer,
): Promise<Verdict<null>> {
  const sold = offer.contractIds.map((id) => chain.book.own.get(formatHex(id)));
  if (!sold.every((own) => own !== undefined)) {
    return refuse("NOT_OWN", "the offer names a contract that is not this wallet's");
  }
  if (!equalBytes(offer.seenBlock, chain.book.tip.hash)) {
    return refuse(
      "OTHER_BLOCK_SEEN",
      "the offer names another block than the last one checked here",
    );
  }
  const sale = createSale({ ...offer, sold });
  if (!sale.ok) return sale;
  const closes = sold.map((own, index) => ({
    contractId: own.leaf.id,
    successors: sale.value.successors[index] ?? [],
  }));
  const signed = await nextBlock.signCloses(chain, closes, offer.heightMax);
  if (!signed.ok) return signed;
  const { contractIds, buyer, price, payBelow } = offer;
  const { paymentKey } = sale.value;
  const state = { kind: "open", note: "" } as const;
  const chainId = chain.followed.facts.id;
  const height = chain.book.tip.height + 1;
  const terms = { contractIds, height, buyer, price, paymentKey, payBelow };
  await rows.keep(formatHex(paymentKey), { kind: "sale", chainId, ...terms, state });
  return tracker.operatorOf(chain).submitCloses(offer.proposalId, signed.value);
}

/** A sale is over when the payment is proven, or can no longer come, or the block that it was for came without it. */
export async function advanceSale(
  { mainChain, tracker, payments, rows }: JourneyDesk,
  id: string,
  journey: Journey & { kind: "sale" },
): Promise<void> {
  const book = tracker.find(journey.chainId)?.book;
  const isPast = book !== undefined && book.tip.height >= journey.height;
  if (isPast && journey.contractIds.every((contractId) => book.live.has(formatHex(contractId)))) {
    await rows.finish(
      id,
      journey,
      "failed",
      "The operator made another block first. The position was not sold, and stays yours.",
    );
    return;
  }
  if (await payments.isPaid(journey.paymentKey, journey.payBelow, journey.price)) {
    await rows.finish(
      id,
      journey,
      "done",
      "The position is sold and the payment is in your account.",
    );
    return;
  }
  const { confirmations } = mainChain.book().parameters;
  if (mainChain.tip().header.height >= journey.payBelow + confirmations) {
    await rows.finish(
      id,
      journey,
      "failed",
      "The buyer did not pay in time. The position stays yours.",
    );
  }
}
