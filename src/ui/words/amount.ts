import { accept, refuse, type Verdict } from "../../lib/verdict.ts";

const SATOSHI_PER_VEO = 100_000_000n;
const DECIMALS = 8;

/** `1,234.5` for 123450000000 satoshi: exact, no trailing zeros, thousands parted. */
export function formatAmount(satoshi: bigint): string {
  const size = satoshi < 0n ? -satoshi : satoshi;
  const whole = groupThousands(size / SATOSHI_PER_VEO);
  const part = (size % SATOSHI_PER_VEO).toString().padStart(DECIMALS, "0").replace(/0+$/, "");
  return `${satoshi < 0n ? "−" : ""}${whole}${part === "" ? "" : `.${part}`}`;
}

/** `12.5 VEO`: an amount with its unit, for sentences. */
export function formatVeo(satoshi: bigint): string {
  return `${formatAmount(satoshi)} VEO`;
}

/** `1,204` for a height or a count, given as a number or in decimal digits. */
export function groupThousands(count: bigint | number | string): string {
  return count.toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Satoshi of an amount typed in VEO: digits, at most one point, at most eight decimals, above zero. */
export function parseAmount(text: string): Verdict<bigint, "EMPTY" | "NOT_AN_AMOUNT" | "TOO_FINE"> {
  const typed = text.trim();
  if (typed === "") return refuse("EMPTY", "Enter an amount in VEO, for example 12.5.");
  const match = /^(\d{1,10})(?:\.(\d*))?$|^\.(\d+)$/.exec(typed);
  if (match === null) return refuse("NOT_AN_AMOUNT", explainUnreadable(typed));
  const part = match[2] ?? match[3] ?? "";
  if (part.length > DECIMALS) {
    return refuse("TOO_FINE", "VEO has eight decimals. Shorten the amount.");
  }
  const satoshi =
    BigInt(match[1] ?? "0") * SATOSHI_PER_VEO + BigInt(part.padEnd(DECIMALS, "0") || "0");
  if (satoshi === 0n) return refuse("NOT_AN_AMOUNT", "Enter an amount above zero.");
  return accept(satoshi);
}

function explainUnreadable(typed: string): string {
  if (typed.includes(","))
    return "Write decimals with a point and thousands without a comma: 1250.5.";
  return "Enter an amount in digits, for example 12.5.";
}
