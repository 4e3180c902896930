import { judgeTimeout } from "../chain/settlement/judgeTimeout.ts";
import type { SettlementEffect } from "../chain/settlement/settlementEffect.ts";
import type { Verdict } from "../lib/verdict.ts";
import type { Rules } from "../protocol/rules.ts";
import { readSettlementView, type SettlementReads } from "./settlementView.ts";

/** What ending a chain in the next block would do, by the main chain's own rules; or what still holds it up. */
export async function rehearseTimeout(
  reads: SettlementReads,
  rules: Rules,
  chainId: Uint8Array,
): Promise<Verdict<SettlementEffect>> {
  return judgeTimeout({ chainId }, await readSettlementView(reads, rules, chainId));
}
