import type { Market } from "../../api/marketApi.ts";
import { isPlainText } from "../../api/plainText.ts";
import type { Failure } from "../../lib/verdict.ts";
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
      return `at the price of ${price} there was not enough for all at that limit: its share was ${shortfall.given} of ${shortfall.wanted} lots`;
    case "noBuyer":
      return `no single buyer took the whole position at ${price}`;
    case "noRoom":
      return `the match that it came into had no room for more than ${shortfall.given} of ${shortfall.wanted} lots`;
  }
}
