import { type ResultRecord, resultKeyOf } from "../../chain/settlement/resultRecord.ts";
import type { SettlementEffect } from "../../chain/settlement/settlementEffect.ts";
import { isSameContract, leavesOf } from "../../chain/settlement/shownLine.ts";
import { CLOSES_MAX, type CloseSlash } from "../../chain/settlement/slash.ts";
import { equalBytes } from "../../lib/bytes.ts";
import type { Verdict } from "../../lib/verdict.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import type { Rules } from "../../protocol/rules.ts";
import { rehearseSlash } from "../rehearseSlash.ts";
import type { SettlementReads } from "../settlementView.ts";
import type { KeptClose } from "./keptClose.ts";

/** A slash, and what it would do in the next block. */
export type GrownSlash = {
  readonly slash: CloseSlash;
  readonly effect: Verdict<SettlementEffect>;
};

/** A close with its proof, and the contracts that it gave up. */
export type ShownClosing = Pick<KeptClose, "closed" | "proof">;

/** A kept close by which a contract was given up. */
export function findClosing<Closing extends ShownClosing>(
  closes: readonly Closing[],
  leaf: Leaf,
): Closing | undefined {
  return closes.find(({ closed }) => closed.some((each) => isSameContract(each.leaf, leaf)));
}

/**
 * The slash of a result at one level of its line, with as many closes in a row as are kept: where what a close has made over
 * the point was given up, too, its holder could claim it late. Each is added only if the main chain's own rules take it.
 *
 * @param closes - kept of the chain that the contract at `level` stands in.
 */
export async function growSlash(
  result: ResultRecord,
  level: number,
  closes: readonly ShownClosing[],
  carrier: Uint8Array,
  reads: SettlementReads,
  rules: Rules,
): Promise<GrownSlash | undefined> {
  const { chainId } = result;
  const resultKey = resultKeyOf(result);
  const line = leavesOf(result.line);
  const row: ShownClosing[] = [];
  let grown: GrownSlash | undefined;
  let next: Leaf | undefined = line[level];
  while (next !== undefined && row.length < CLOSES_MAX) {
    const closing = findClosing(closes, next);
    if (closing === undefined || row.includes(closing)) break;
    row.push(closing);
    const slash: CloseSlash = {
      kind: "close",
      chainId,
      resultKey,
      level,
      closes: row.map(({ proof }) => proof),
    };
    const effect = await rehearseSlash(slash, carrier, reads, rules);
    // A longer row that does not hold, or is too long to be sent, leaves the one before.
    if (!effect.ok) return grown ?? { slash, effect };
    grown = { slash, effect };
    const removed = effect.value.put.find((each) => equalBytes(resultKeyOf(each), resultKey));
    next = removed?.removal?.successor?.leaf;
  }
  return grown;
}
