import type { Claim } from "../chain/settlement/claim.ts";
import { judgeClaim } from "../chain/settlement/judgeClaim.ts";
import type { SettlementEffect } from "../chain/settlement/settlementEffect.ts";
import type { Verdict } from "../lib/verdict.ts";
import type { Rules } from "../protocol/rules.ts";
import type { OwnLevel } from "./ownProof.ts";
import { readSettlementView, type SettlementReads } from "./settlementView.ts";

/**
 * What a claim would do in the next block, by the main chain's own rules.
 *
 * @param line - what its levels lean on. @param carrier - account that sends it, and pays.
 */
export async function rehearseClaim(
  claim: Claim,
  line: readonly OwnLevel[],
  carrier: Uint8Array,
  reads: SettlementReads,
  rules: Rules,
): Promise<Verdict<SettlementEffect>> {
  const view = await readSettlementView(reads, rules, claim.chainId, {
    postKeys: line.map(({ recordKey }) => recordKey),
    conditions: line.flatMap(({ conditions }) => conditions),
    line: line.map(({ leaf }) => leaf),
    shownKeys: line.map(({ shownKey }) => shownKey),
  });
  return judgeClaim(claim, carrier, view);
}
