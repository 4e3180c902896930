import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { formatPrice } from "../../protocol/amountWords.ts";
import { PRICE_PARTS } from "../../protocol/limits.ts";

import { formatVeo, parseAmount } from "./amount.ts";

export { formatPrice } from "../../protocol/amountWords.ts";

/** Thousandths of a price typed as a part of one: above 0, under 1, in steps of `tick` thousandths. */
export function parsePrice(
  text: string,
  tick: number,
): Verdict<number, "EMPTY" | "NOT_A_PRICE" | "OFF_TICK"> {
  const typed = text.trim();
  if (typed === "") return refuse("EMPTY", "Enter a price between 0 and 1, for example 0.6.");
  const match = /^0?\.(\d{1,12})$/.exec(typed);
  const digits = match?.[1]?.replace(/0+$/, "") ?? "";
  if (match === null) return refuse("NOT_A_PRICE", explainUnreadable(typed));
  if (digits === "") return refuse("NOT_A_PRICE", "The price is above 0 and below 1.");
  const steps = `Prices go in steps of ${formatPrice(tick)} here.`;
  if (digits.length > 3) return refuse("OFF_TICK", steps);
  const price = Number(digits.padEnd(3, "0"));
  return price % tick === 0 ? accept(price) : refuse("OFF_TICK", steps);
}

function explainUnreadable(typed: string): string {
  if (typed.includes(",")) return "Write the price with a point: 0.6.";
  if (typed.includes("%")) return "Write the price as a part of one: 0.6 for 60 %.";
  return /^[\d.]+$/.test(typed)
    ? "The price is above 0 and below 1: what you pay for each VEO that it pays."
    : "Enter a price in digits, for example 0.6.";
}

/** The price `steps` ticks further, held inside the prices that there are. */
export function stepPrice(price: number, tick: number, steps: number): number {
  const onGrid = Math.round(price / tick) * tick;
  return Math.min(PRICE_PARTS - tick, Math.max(tick, onGrid + steps * tick));
}

/**
 * Satoshi of a quantity that is typed in VEO: whole lots. Where it is not, the nearest that are.
 *
 * @param lot - satoshi of a lot.
 */
export function parseQuantity(
  text: string,
  lot: bigint,
): Verdict<bigint, "EMPTY" | "NOT_AN_AMOUNT" | "TOO_FINE" | "NOT_LOTS"> {
  const typed = parseAmount(text);
  if (!typed.ok || typed.value % lot === 0n) return typed;
  const below = (typed.value / lot) * lot;
  const near = [below, below + lot].filter((each) => each > 0n).map(formatVeo);
  return refuse("NOT_LOTS", `Orders go in steps of ${formatVeo(lot)} here: ${near.join(" or ")}.`);
}
