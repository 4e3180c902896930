import type { Market } from "../../api/marketApi.ts";
import { isPlainText } from "../../api/plainText.ts";
import type { Failure } from "../../lib/verdict.ts";
import type { SignedOrder } from "../../market/batch.ts";
import type { Difference } from "../../market/compareTrade.ts";
import type { Shortfall } from "../../market/explainFill.ts";
import { ownPrice } from "../../market/piece.ts";
import { formatPrice, formatVeo } from "../../protocol/amountWords.ts";
import type { OrderSide } from "../../protocol/order.ts";
import type { OrderLimits } from "./orderLimits.ts";

/** Most letters of what an operator says that a holder is shown. */
const LETTERS_MAX = 120;

const SIDES: Record<OrderSide, readonly [verb: string, side: string, bound: string]> = {
  buyYes: ["buy", "yes", "at most"],
  buyNo: ["buy", "no", "at most"],
  sellYes: ["sell", "yes", "at least"],
  sellNo: ["sell", "no", "at least"],
};

/** `buy 50 VEO of yes on “the reds win” at 0.62 at most`. */
export function describeOrder(
  { side, quantity, limit }: Pick<OrderLimits, "side" | "quantity" | "limit">,
  { outcomes }: Market,
  outcome: number,
): string {
  const [verb, name, bound] = SIDES[side];
  const on = outcomes[outcome] ?? "an outcome";
  return `${verb} ${formatVeo(quantity)} of ${name} on “${on}” at ${formatPrice(limit)} ${bound}`;
}

/** Why an operator refused an order: his words, if they are such as may be shown. */
export function describeRefusal({ code, message }: Failure): string {
  const words = [message, code].find((each) => isPlainText(each, LETTERS_MAX));
  return words === undefined || words === "" ? "he says nothing that can be shown" : words;
}

/** Why an order was not filled, or not whole, in a clause. Prices are those of its own side. */
export function describeShortfall(shortfall: Shortfall, side: OrderSide, limit: number): string {
  if (shortfall.kind === "noTrade") return "nobody's limit met another's, so nothing traded";
  const price = formatPrice(ownPrice(side, shortfall.price));
  switch (shortfall.kind) {
    case "outside":
      return `the price was ${price}, outside its limit of ${formatPrice(limit)}`;
    case "margin":
      return `at the price of ${price} there was not enough for all at that limit: its share was ${formatVeo(shortfall.given)} of ${formatVeo(shortfall.wanted)}`;
    case "noBuyer":
      return `no single buyer took the whole position at ${price}`;
    case "noRoom":
      return `the match that it came into had no room for more than ${formatVeo(shortfall.given)} of ${formatVeo(shortfall.wanted)}`;
  }
}

/** How a block differs from what the published orders of its batch come to, in a clause. Prices are those of `yes`. */
export function describeDifference(difference: Difference): string {
  switch (difference.kind) {
    case "noTrade":
      return `the block trades at ${formatPrice(difference.price)}, and nothing trades by its orders`;
    case "leftOut": {
      const { held, wanted } = difference;
      return held === 0
        ? "by its orders there is a trade, and the block has none"
        : `the block has only the first ${held} of ${wanted} matches, though there was room for more`;
    }
    case "otherPrice": {
      const { price, expected } = difference;
      return `the block trades at ${formatPrice(price)}, and its orders come to ${formatPrice(expected)}`;
    }
    case "otherVolume": {
      const { volume, expected } = difference;
      return `the block trades ${formatVeo(volume)}, and its orders come to ${formatVeo(expected)} at the same price`;
    }
    case "otherShares":
      return "the block trades at the price of its orders and as much as they do, but serves others, or in other shares";
  }
}

/** What is wrong with a published batch by itself. */
export type BatchFault =
  | { readonly kind: "otherBatch" | "twice" | "shared" | "unfit" | "unsigned" }
  | { readonly kind: "missing"; readonly order: SignedOrder }
  | { readonly kind: "otherPriceShown"; readonly shown: number | undefined };

/** The same of what is wrong with the published orders themselves. */
export function describeFault(fault: BatchFault): string {
  switch (fault.kind) {
    case "otherBatch":
      return "what is shown for it are the orders of another batch";
    case "twice":
      return "an order is shown twice";
    case "shared":
      return "one contract stands behind two of its orders, or behind one of them twice";
    case "unfit":
      return "an order is shown that no batch of this market may have";
    case "unsigned":
      return "an order is shown that the owner it names has not signed";
    case "missing": {
      const { side, limit, quantity } = fault.order.order.terms;
      const [verb, name, bound] = SIDES[side];
      return `your order to ${verb} ${formatVeo(quantity)} of ${name} at ${formatPrice(limit)} ${bound} was taken for it, and is not among its orders`;
    }
    case "otherPriceShown":
      return fault.shown === undefined
        ? "the block trades, and the operator shows no price"
        : `the operator shows a price of ${formatPrice(fault.shown)}, which is not the block's`;
  }
}
