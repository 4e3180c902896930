import type { PurchaseOffer } from "../../api/operatorApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { createPurchase } from "../../market/purchase.ts";
import { formatVeo } from "../../protocol/amountWords.ts";
import { hashCondition } from "../../protocol/condition.ts";
import { isBuried } from "../buried.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import type { Journey, PurchaseGoal } from "../rows.ts";
import { requestBet } from "./bet.ts";
import { findOwn, isCash } from "./cash.ts";
import type { JourneyDesk } from "./journeyDesk.ts";

/** Buy `width` satoshi of space, and go on to `goal` once it is paid. */
export async function buy(
  { nextBlock, ownKey, rows, tracker, catchUp }: JourneyDesk,
  chain: TrackedChain,
  width: bigint,
  goal: PurchaseGoal,
): Promise<Verdict<string>> {
  const stopped = nextBlock.obstacle(chain);
  if (stopped !== undefined) return refuse("NOT_SAFE", `nothing is bought while ${stopped}`);
  const offered = await tracker.operatorOf(chain).requestPurchase(ownKey, width);
  if (!offered.ok) return offered;
  // Others trade meanwhile: what he offers on may be a block that was not checked here when he was asked.
  if (!equalBytes(offered.value.previousBlock, chain.book.tip.hash)) await catchUp();
  const current = tracker.find(chain.followed.facts.id) ?? chain;
  const refused = judgeOffer(current, ownKey, offered.value, width);
  if (refused !== undefined) return refuse("BAD_OFFER", refused);
  const id = formatHex(offered.value.previousBlock) + offered.value.lo.toString(16);
  const state = { kind: "open", note: "" } as const;
  const chainId = chain.followed.facts.id;
  await rows.keep(id, { kind: "purchase", chainId, offer: offered.value, goal, state });
  return accept(id);
}

/** Pay once the leaf is posted and checked, redeem it, and place the bet that it was bought for. */
export async function advancePurchase(
  desk: JourneyDesk,
  id: string,
  journey: Journey & { kind: "purchase" },
): Promise<void> {
  const { mainChain, nextBlock, ownContracts, ownKey, payments, rows, tracker } = desk;
  const { whyUnproven } = desk;
  const chain = tracker.find(journey.chainId);
  if (chain === undefined || nextBlock.obstacle(chain) !== undefined) return;
  const { offer, goal } = journey;
  const purchase = createPurchase(termsOf(chain, ownKey, offer));
  const leaf = findBought(chain, ownKey, offer);
  if (leaf !== undefined) {
    if (!isBuried(leaf, mainChain)) return;
    if (await payments.isPaid(purchase.paymentKey, offer.payBelow, offer.price)) {
      await ownContracts.redeem(chain, [leaf]);
    } else if (!payments.isBusy()) {
      const missing = whyUnproven(chain, leaf.leaf.id);
      if (mainChain.tip().header.height + 1 >= offer.payBelow) {
        const why =
          missing === undefined ? "" : ` Who held the space before could claim it: ${missing}.`;
        const words = `The purchase lapsed before it was paid. Nothing was spent.${why}`;
        await rows.finish(id, journey, "failed", words);
        return;
      }
      if (missing !== undefined) return;
      const { operator } = chain.followed.facts;
      const { price, payBelow } = offer;
      const { reference } = purchase;
      await payments.pay(leaf.post, { to: operator, amount: price, reference, payBelow });
    }
    return;
  }
  const cash = findOwn(
    chain,
    (own) => isCash(own) && own.place.lo === offer.lo && own.place.hi === offer.hi,
  );
  if (cash !== undefined && isBuried(cash, mainChain)) {
    if (goal.kind === "hold") {
      await rows.finish(id, journey, "done", "The space is paid and yours without conditions.");
    } else if (chain.oracles.get(formatHex(goal.oracleId))?.result !== "open") {
      const words = "The result came before the bet was recorded. The space you bought is yours.";
      await rows.finish(id, journey, "failed", words);
    } else {
      await requestBet(desk, chain, cash, goal.oracleId, goal.side);
    }
    return;
  }
  const position = findOwn(chain, (own) => isPosition(own, offer));
  if (goal.kind === "bet" && position !== undefined) {
    // Until its block is recorded under its confirmations, the bet may still turn out not to count.
    if (!isBuried(position, mainChain)) return;
    await rows.finish(
      id,
      journey,
      "done",
      "The bet is placed: both sides have signed, and the block holds.",
    );
    return;
  }
  if (cash === undefined && wasPassedBy(chain, offer)) {
    await rows.finish(
      id,
      journey,
      "failed",
      "The operator made another block than he offered. Nothing was spent.",
    );
  }
}

function termsOf(chain: TrackedChain, buyer: Uint8Array, offer: PurchaseOffer) {
  return { ...offer, buyer, operator: chain.followed.facts.operator };
}

/** The leaf that an offer has made, under the condition that its buyer pays. */
function findBought(
  chain: TrackedChain,
  ownKey: Uint8Array,
  offer: PurchaseOffer,
): OwnLeaf | undefined {
  const { condition } = createPurchase(termsOf(chain, ownKey, offer));
  const wanted = formatHex(hashCondition(condition));
  return findOwn(chain, ({ place }) =>
    place.conditions.some(({ hash }) => formatHex(hash) === wanted),
  );
}

/** What is wrong with an operator's offer; undefined if it is what was asked for, at his stated price. */
function judgeOffer(
  chain: TrackedChain,
  ownKey: Uint8Array,
  offer: PurchaseOffer,
  width: bigint,
): string | undefined {
  if (offer.hi - offer.lo !== width) return "the range offered is not as wide as asked for";
  const priceMax = width + (width * BigInt(chain.followed.feeBps)) / 10_000n + 1n;
  if (offer.price > priceMax) return `the price is above ${formatVeo(priceMax)}`;
  // Where its block has been checked already, the leaf stands where it may.
  if (findBought(chain, ownKey, offer) !== undefined) return undefined;
  if (!equalBytes(offer.previousBlock, chain.book.tip.hash)) {
    return "the offer is made on another block than the last one checked here";
  }
  for (const { place } of chain.book.live.values()) {
    if (place.lo < offer.hi && offer.lo < place.hi) return "the range offered is not free";
  }
  return undefined;
}

function isPosition({ place }: OwnLeaf, offer: PurchaseOffer): boolean {
  return place.conditions.length > 0 && place.lo >= offer.lo && place.hi <= offer.hi;
}

/** Whether the block after the offer's was made without the leaf: blocks went by, and the range is not ours. */
function wasPassedBy({ book }: TrackedChain, offer: PurchaseOffer): boolean {
  if (equalBytes(book.tip.hash, offer.previousBlock)) return false;
  return ![...book.own.values()].some(
    ({ place, closedIn }) =>
      closedIn !== undefined && place.lo === offer.lo && place.hi === offer.hi,
  );
}
