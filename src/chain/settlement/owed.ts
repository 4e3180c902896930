import { equalBytes } from "../../lib/bytes.ts";
import type { SettlementEffect } from "./settlementEffect.ts";

/** Satoshi that a chain's end brings one account (33 bytes): paid to it, or as the prize of a chain that it operates. */
export function computeOwed(
  { pay, made }: Pick<SettlementEffect, "pay" | "made">,
  account: Uint8Array,
): bigint {
  const own = made !== undefined && equalBytes(made.chain.operator, account);
  const start = own ? made.chain.amount : 0n;
  return pay.reduce((sum, { to, amount }) => (equalBytes(to, account) ? sum + amount : sum), start);
}
