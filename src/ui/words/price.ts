import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { formatPrice } from "../../protocol/amountWords.ts";
import { PRICE_PARTS } from "../../protocol/limits.ts";

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

/** Whole lots that are typed. */
export function parseLots(text: string): Verdict<bigint, "EMPTY" | "NOT_LOTS"> {
  const typed = text.trim();
  if (typed === "") return refuse("EMPTY", "Enter how many lots, for example 10.");
  if (!/^\d{1,12}$/.test(typed)) {
    return refuse("NOT_LOTS", "Enter whole lots in digits, for example 10.");
  }
  const lots = BigInt(typed);
  return lots === 0n ? refuse("NOT_LOTS", "Enter at least one lot.") : accept(lots);
}
