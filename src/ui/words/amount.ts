import { accept, refuse, type Verdict } from "../../lib/verdict.ts";
import { SATOSHI_PER_VEO, VEO_DECIMALS } from "../../protocol/amountWords.ts";

export { formatAmount, formatVeo, groupThousands } from "../../protocol/amountWords.ts";

/** Satoshi of an amount typed in VEO: digits, at most one point, at most eight decimals, above zero. */
export function parseAmount(text: string): Verdict<bigint, "EMPTY" | "NOT_AN_AMOUNT" | "TOO_FINE"> {
  const typed = text.trim();
  if (typed === "") return refuse("EMPTY", "Enter an amount in VEO, for example 12.5.");
  const match = /^(\d{1,10})(?:\.(\d*))?$|^\.(\d+)$/.exec(typed);
  if (match === null) return refuse("NOT_AN_AMOUNT", explainUnreadable(typed));
  const part = match[2] ?? match[3] ?? "";
  if (part.length > VEO_DECIMALS) {
    return refuse("TOO_FINE", "VEO has eight decimals. Shorten the amount.");
  }
  const satoshi =
    BigInt(match[1] ?? "0") * SATOSHI_PER_VEO + BigInt(part.padEnd(VEO_DECIMALS, "0") || "0");
  if (satoshi === 0n) return refuse("NOT_AN_AMOUNT", "Enter an amount above zero.");
  return accept(satoshi);
}

function explainUnreadable(typed: string): string {
  if (typed.includes(","))
    return "Write decimals with a point and thousands without a comma: 1250.5.";
  return "Enter an amount in digits, for example 12.5.";
}
