import type { CloseProof } from "../blocks/closeProof.ts";
import { computeRecordKey, findRecordPath, type Lineage } from "../blocks/lineage.ts";
import { readBlockTransaction } from "../blocks/transaction.ts";
import { decode } from "../lib/codec.ts";
import { insist, judge, type Verdict } from "../lib/verdict.ts";
import type { Condition } from "../protocol/condition.ts";

/** What judging closes looks at on the main chain: the keys of posts, and conditions, whose facts are read. */
export type CloseBasis = {
  readonly postKeys: readonly Uint8Array[];
  readonly conditions: readonly Condition[];
};

/** @param lineage - of the chain in which the contracts were closed. */
export function findCloseBasis(
  closes: readonly CloseProof[],
  lineage: Lineage,
): Verdict<CloseBasis> {
  return judge(() => ({
    postKeys: closes.flatMap((proof) => postKeysOf(proof, lineage)),
    conditions: closes.flatMap(conditionsOf),
  }));
}

/** Keys of the record that holds a close, and of the one before. */
function postKeysOf({ sequence, hops }: CloseProof, lineage: Lineage): Uint8Array[] {
  const [top] = insist(findRecordPath(lineage, hops.length));
  const before = sequence > 1 ? [computeRecordKey(top, sequence - 1)] : [];
  return [computeRecordKey(top, sequence), ...before];
}

/** Every condition that a close is judged by: of its successors, and those that closes beside it were void by. */
function conditionsOf({ conditions, others }: CloseProof): Condition[] {
  const named = others.flatMap(({ transaction }) => {
    const shown = insist(decode(transaction, readBlockTransaction));
    const by = shown.kind === "contract-close" ? shown.close.authorisation : undefined;
    return by?.kind === "void" ? [by.condition] : [];
  });
  return [...conditions, ...named];
}
