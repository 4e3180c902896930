import {
  computeFactValue,
  evaluateCondition,
  type RecordedFact,
} from "../../blocks/conditionOutcome.ts";
import { findPostPath, type Lineage } from "../../blocks/lineage.ts";
import { insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import type { Condition } from "../../protocol/condition.ts";
import type { FactKey } from "../../protocol/facts.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import { computePostKey, type ExistenceRecord } from "../../protocol/post.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { DataRecord } from "../requests/dataRecord.ts";
import type { DataTarget } from "../requests/dataTarget.ts";
import type { ChainRecord } from "../state/chainRecord.ts";
import { computeClaimStart, drawHeights, drawPoint } from "./draw.ts";
import type { ResultRecord } from "./resultRecord.ts";

/**
 * All that settling reads of the main chain. The chain gives it from its state (`viewState`), a wallet
 * from records it has proven, and both judge by the same functions.
 *
 * - `height`: of the block that the transaction would stand in.
 * - `data`: what is asked of a chain, and from where its posts are void. - `isShown`: whether an answer has shown
 *   a leaf in the state after a post.
 * - `workHashAt`: `proofOfWorkHash` of the header at a height below it; undefined where there is none.
 */
export type SettlementView = {
  readonly rules: Rules;
  readonly height: number;
  readonly chain: (id: Uint8Array) => ChainRecord | undefined;
  readonly existence: (key: Uint8Array) => ExistenceRecord | undefined;
  readonly fact: (fact: FactKey) => RecordedFact;
  readonly results: (chainId: Uint8Array) => readonly ResultRecord[];
  readonly workHashAt: (height: number) => Uint8Array | undefined;
  readonly data: (target: DataTarget) => DataRecord;
  readonly isShown: (target: DataTarget, sequence: number, leaf: Leaf) => boolean;
};

/** D: the first height at which a claim on an on-chain chain is valid: after its draw, or after the timeout that made it. */
export function findClaimStart(
  { expiry, startHeight, won }: Pick<ChainRecord, "expiry" | "startHeight" | "won">,
  parameters: Pick<NetworkParameters, "drawBlocks">,
): number {
  return won === undefined ? computeClaimStart(expiry, parameters) : startHeight + 1;
}

/** The on-chain chain of this id, or a refusal: unknown, or settled already. */
export function findChain(
  view: Pick<SettlementView, "chain">,
  id: Uint8Array,
): Verdict<ChainRecord> {
  const chain = view.chain(id);
  return judge(() => {
    if (chain === undefined) throw new Refusal("NO_SUCH_CHAIN", "no chain of this id is unsettled");
    return chain;
  });
}

/** The winning point of a chain, or a refusal while nothing that needs it is valid. */
export function findPoint(view: SettlementView, chain: ChainRecord): Verdict<bigint> {
  return judge(() => {
    const { parameters, networkId } = view.rules;
    const start = findClaimStart(chain, parameters);
    if (view.height < start) {
      throw new Refusal("TOO_EARLY", `expected height ${start} or more, got ${view.height}`);
    }
    if (chain.won !== undefined) return chain.won.point;
    const hashes = drawHeights(chain.expiry, parameters).map((height) => {
      const hash = view.workHashAt(height);
      if (hash === undefined) throw new Refusal("NO_SUCH_HEADER", `no header at height ${height}`);
      return hash;
    });
    return drawPoint(networkId, chain, hashes);
  });
}

/**
 * The record that post number `sequence` of a chain's top chain left, or a refusal.
 *
 * @param lineage - of the chain, whose posts the record shows.
 */
export function findTopRecord(
  view: SettlementView,
  lineage: Lineage,
  sequence: number,
): Verdict<ExistenceRecord> {
  return judge(() => {
    const [top] = insist(findPostPath(lineage));
    const record = view.existence(computePostKey(top.operator, top.id, sequence));
    if (record === undefined) {
      throw new Refusal("NO_SUCH_RECORD", `the chain has no post number ${sequence}`);
    }
    return record;
  });
}

/** How a condition comes out by the main chain's own state, as of the chain's original expiry. */
export function isConditionTrue(
  view: SettlementView,
  { expiry }: Pick<ChainRecord, "expiry">,
  condition: Condition,
): boolean {
  const values = condition.facts.map(
    (fact) => computeFactValue(fact, view.fact(fact), view.height, expiry).value,
  );
  return evaluateCondition(condition, values);
}
