import type { SaleOffer } from "../../api/operatorApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { createSale } from "../../market/sale.ts";
import { hashCondition } from "../../protocol/condition.ts";
import { isBuried } from "../buried.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { Journey } from "../rows.ts";
import type { JourneyDesk } from "./journeyDesk.ts";

/** Note a sale in which this wallet is the buyer: it pays once the leaves are posted and checked. */
export async function acquire(
  { rows, nextBlock }: JourneyDesk,
  chain: TrackedChain,
  offer: SaleOffer,
  seller: Uint8Array,
): Promise<Verdict<null>> {
  const stopped = nextBlock.obstacle(chain);
  if (stopped !== undefined) return refuse("NOT_SAFE", `nothing is bought while ${stopped}`);
  const sold = offer.contractIds.map((id) => chain.book.live.get(formatHex(id)));
  if (
    !sold.every((contract) => contract !== undefined && equalBytes(contract.leaf.owner, seller))
  ) {
    return refuse("NOT_THE_SELLERS", "the offer names a contract that is not the seller's");
  }
  const sale = createSale({ ...offer, sold: sold.filter((each) => each !== undefined) });
  if (!sale.ok) return sale;
  const { reference, paymentKey, condition } = sale.value;
  const { price, payBelow, seenBlock } = offer;
  const conditionHash = hashCondition(condition);
  const state = { kind: "open", note: "" } as const;
  const chainId = chain.followed.facts.id;
  const terms = { seller, price, reference, paymentKey, payBelow, seenBlock, conditionHash };
  const leaves = sold.length;
  await rows.keep(formatHex(paymentKey), { kind: "acquisition", chainId, ...terms, leaves, state });
  return accept(null);
}

/** Pay for the position once all its leaves are posted and checked, then redeem them one by one. */
export async function advanceAcquisition(
  { mainChain, nextBlock, ownContracts, payments, rows, tracker, whyUnproven }: JourneyDesk,
  id: string,
  journey: Journey & { kind: "acquisition" },
): Promise<void> {
  const chain = tracker.find(journey.chainId);
  if (chain === undefined || nextBlock.obstacle(chain) !== undefined) return;
  const bought = [...chain.book.own.values()].filter(
    (own) =>
      chain.book.live.has(formatHex(own.leaf.id)) &&
      own.place.conditions.at(-1)?.side === true &&
      own.place.conditions.some(({ hash }) => equalBytes(hash, journey.conditionHash)),
  );
  const first = bought[0];
  if (first === undefined) {
    if (mainChain.tip().header.height >= journey.payBelow) {
      await rows.finish(
        id,
        journey,
        "failed",
        "The seller did not go through with the sale. Nothing was spent.",
      );
    }
    return;
  }
  if (!bought.every((own) => isBuried(own, mainChain))) return;
  if (await payments.isPaid(journey.paymentKey, journey.payBelow, journey.price)) {
    const redeemed = await ownContracts.redeem(chain, [first]);
    if (redeemed.ok && bought.length === 1) {
      await rows.finish(id, journey, "done", "The position is paid and yours.");
    }
  } else if (!payments.isBusy() && bought.length === journey.leaves) {
    if (bought.some(({ leaf }) => whyUnproven(chain, leaf.id) !== undefined)) return;
    const { seller, price, reference, payBelow } = journey;
    await payments.pay(first.post, { to: seller, amount: price, reference, payBelow });
  }
}
