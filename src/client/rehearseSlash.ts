import { descendAll } from "../blocks/lineage.ts";
import { judgeSlash } from "../chain/settlement/judgeSlash.ts";
import { readResultRecord } from "../chain/settlement/resultRecord.ts";
import type { SettlementEffect } from "../chain/settlement/settlementEffect.ts";
import { leavesOf } from "../chain/settlement/shownLine.ts";
import type { CloseSlash, Slash } from "../chain/settlement/slash.ts";
import { lineageOf, readChainRecord } from "../chain/state/chainRecord.ts";
import { insist, judge, refuse, type Verdict } from "../lib/verdict.ts";
import type { Rules } from "../protocol/rules.ts";
import { findCloseBasis } from "./closeBasis.ts";
import { type ClaimBasis, readSettlementView, type SettlementReads } from "./settlementView.ts";

/**
 * What a slash would do in the next block, by the main chain's own rules; or which of them it breaks.
 *
 * @param carrier - account that sends it.
 */
export async function rehearseSlash(
  slash: Slash,
  carrier: Uint8Array,
  reads: SettlementReads,
  rules: Rules,
): Promise<Verdict<SettlementEffect>> {
  if (slash.kind === "move") {
    return judgeSlash(slash, carrier, await readSettlementView(reads, rules, slash.chainId));
  }
  const basis = await readBasis(slash, reads);
  if (!basis.ok) return basis;
  const view = await readSettlementView(reads, rules, slash.chainId, basis.value);
  return judgeSlash(slash, carrier, view);
}

/** What closes lean on: the records that they stand between, and the facts behind their conditions. */
async function readBasis(
  { chainId, resultKey, level, closes }: CloseSlash,
  reads: SettlementReads,
): Promise<Verdict<ClaimBasis>> {
  const chain = await reads.read("chains", chainId, readChainRecord);
  if (chain === undefined) return refuse("NO_SUCH_CHAIN", "no chain of this id is unsettled");
  const result = await reads.read("results", resultKey, readResultRecord);
  if (result === undefined) return refuse("NO_SUCH_RESULT", "no such line has been claimed");
  return judge(() => {
    const line = leavesOf(result.line);
    const lineage = insist(descendAll(lineageOf(chain), line.slice(0, level)));
    return { ...insist(findCloseBasis(closes, lineage)), line, shownKeys: [] };
  });
}
