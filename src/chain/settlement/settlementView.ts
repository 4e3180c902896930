import {
  computeFactValue,
  evaluateCondition,
  type RecordedFact,
} from "../../blocks/conditionOutcome.ts";
import { judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import type { Condition } from "../../protocol/condition.ts";
import type { FactKey } from "../../protocol/facts.ts";
import { computePostKey, type ExistenceRecord } from "../../protocol/post.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { ChainRecord } from "../state/chainRecord.ts";
import { computeClaimStart, drawHeights, drawPoint } from "./draw.ts";
import type { ResultRecord } from "./resultRecord.ts";

/**
 * All that settling reads of the main chain. The chain gives it from its state (`viewState`), a wallet
 * from records it has proven, and both judge by the same functions.
 *
 * - `height`: of the block that the transaction would stand in.
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
};

/** The on-chain chain of this id, or a refusal: unknown, or settled already. */
export function findChain(view: SettlementView, id: Uint8Array): Verdict<ChainRecord> {
  const chain = view.chain(id);
  return judge(() => {
    if (chain === undefined) throw new Refusal("NO_SUCH_CHAIN", "no chain of this id is unsettled");
    return chain;
  });
}

/** The winning point of a chain, or a refusal while its draw is not over. */
export function findPoint(view: SettlementView, chain: ChainRecord): Verdict<bigint> {
  return judge(() => {
    const { parameters, networkId } = view.rules;
    const start = computeClaimStart(chain.expiry, parameters);
    if (view.height < start) {
      throw new Refusal("TOO_EARLY", `expected height ${start} or more, got ${view.height}`);
    }
    const hashes = drawHeights(chain.expiry, parameters).map((height) => {
      const hash = view.workHashAt(height);
      if (hash === undefined) throw new Refusal("NO_SUCH_HEADER", `no header at height ${height}`);
      return hash;
    });
    return drawPoint(networkId, chain, hashes);
  });
}

/** The record of a chain's post number `sequence`, or a refusal. */
export function findPost(
  view: SettlementView,
  chain: ChainRecord,
  sequence: number,
): Verdict<ExistenceRecord> {
  return judge(() => {
    const record = view.existence(computePostKey(chain.operator, chain.id, sequence));
    if (record === undefined) {
      throw new Refusal("NO_SUCH_RECORD", `the chain has no post number ${sequence}`);
    }
    return record;
  });
}

/** How a condition comes out by the main chain's own state, as of the chain's original expiry. */
export function isConditionTrue(
  view: SettlementView,
  chain: ChainRecord,
  condition: Condition,
): boolean {
  const values = condition.facts.map(
    (fact) => computeFactValue(fact, view.fact(fact), view.height, chain.expiry).value,
  );
  return evaluateCondition(condition, values);
}
