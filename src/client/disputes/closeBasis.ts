import type { CloseProof } from "../../blocks/closeProof.ts";
import { computeRecordKey, findRecordPath, type Lineage } from "../../blocks/lineage.ts";
import { readBlockTransaction } from "../../blocks/transaction.ts";
import { decode } from "../../lib/codec.ts";
import type { Condition } from "../../protocol/condition.ts";

/** What judging a close looks at on the main chain: the keys of two posts, and conditions, whose facts are read. */
export type CloseBasis = {
  readonly postKeys: readonly Uint8Array[];
  readonly conditions: readonly Condition[];
};

/** @param lineage - of the chain in which the contract was closed. */
export function listCloseBasis(proof: CloseProof, lineage: Lineage): CloseBasis {
  const path = findRecordPath(lineage, proof.hops.length);
  const { sequence } = proof;
  const sequences = sequence > 1 ? [sequence, sequence - 1] : [sequence];
  const postKeys = path.ok ? sequences.map((each) => computeRecordKey(path.value[0], each)) : [];
  const named = proof.others.flatMap(({ transaction }): Condition[] => {
    const shown = decode(transaction, readBlockTransaction);
    if (!shown.ok || shown.value.kind !== "contract-close") return [];
    const { authorisation: by } = shown.value.close;
    return by.kind === "void" ? [by.condition] : [];
  });
  return { postKeys, conditions: [...proof.conditions, ...named] };
}
