import {
  computeFactValue,
  evaluateCondition,
  type RecordedFact,
} from "../../blocks/conditionOutcome.ts";
import type { Hop, PostingChain } from "../../blocks/hops.ts";
import { computeRecordKey, findRecordPath, type Lineage } from "../../blocks/lineage.ts";
import type { ConditionOutcome } from "../../blocks/verifyFactEvidence.ts";
import { accept, demand, insist, judge, Refusal, refuse, type Verdict } from "../../lib/verdict.ts";
import type { Condition } from "../../protocol/condition.ts";
import type { FactKey } from "../../protocol/facts.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import type { NetworkParameters } from "../../protocol/network.ts";
import type { ExistenceRecord } from "../../protocol/post.ts";
import type { Rules } from "../../protocol/rules.ts";
import { computeSwitchKey, type SwitchRecord } from "../../protocol/switch.ts";
import type { ChallengeRecord } from "../challenges/challengeRecord.ts";
import type { GasMeter } from "../gasMeter.ts";
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
 * - `existence`: a post, by its key. - `switched`: whether a chain has switched to the main chain, by the key of that.
 * - `data`: what is asked of a chain, and from where its posts are void. - `isShown`: whether an answer has shown
 *   a leaf in the state after a post. - `challenges`: which double sales the operator is to explain, or has not.
 * - `gas`: pays for what is run.
 * - `workHashAt`: `proofOfWorkHash` of the header at a height below it; undefined where there is none.
 */
export type SettlementView = {
  readonly rules: Rules;
  readonly height: number;
  readonly gas: GasMeter;
  readonly chain: (id: Uint8Array) => ChainRecord | undefined;
  readonly existence: (key: Uint8Array) => ExistenceRecord | undefined;
  readonly switched: (key: Uint8Array) => SwitchRecord | undefined;
  readonly fact: (fact: FactKey) => RecordedFact;
  readonly results: (chainId: Uint8Array) => readonly ResultRecord[];
  readonly workHashAt: (height: number) => Uint8Array | undefined;
  readonly data: (target: DataTarget) => DataRecord;
  readonly isShown: (target: DataTarget, sequence: number, leaf: Leaf) => boolean;
  readonly challenges: (target: DataTarget) => ChallengeRecord;
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

/** The record that a proof begins at: which post, and how many hops lead from there down. */
type ProofTop = { readonly sequence: number; readonly hops: readonly Hop[] };

/**
 * The record that a proof begins at, or a refusal: there is none, or a chain on the way down posted on the main
 * chain itself by then.
 *
 * @param lineage - of the chain whose post the record shows.
 */
export function findTopRecord(
  view: Pick<SettlementView, "existence" | "switched">,
  lineage: Lineage,
  { sequence, hops }: ProofTop,
): Verdict<ExistenceRecord> {
  return judge(() => {
    const [top, ...below] = insist(findRecordPath(lineage, hops.length));
    const record = view.existence(computeRecordKey(top, sequence));
    if (record === undefined) {
      throw new Refusal("NO_SUCH_RECORD", `the chain has no post number ${sequence}`);
    }
    insist(judgeSwitches(view, below, record));
    return record;
  });
}

/**
 * The record before the one that a proof begins at, undefined for post 1. Refuses for the first post after a
 * switch: what was posted before that, the main chain does not know.
 */
export function findRecordBefore(
  view: Pick<SettlementView, "existence" | "switched">,
  lineage: Lineage,
  { sequence, hops }: ProofTop,
): Verdict<ExistenceRecord | undefined> {
  return judge(() => {
    const [top] = insist(findRecordPath(lineage, hops.length));
    const before = sequence > 1 ? view.existence(computeRecordKey(top, sequence - 1)) : undefined;
    demand(
      sequence === 1 || before !== undefined,
      "NO_RECORD_BEFORE",
      "no close counts under the first post after a switch, but under post 1",
    );
    return before;
  });
}

/** Whether what a record shows of the chains `below` its own counts: none of them has switched by then. */
export function judgeSwitches(
  view: Pick<SettlementView, "switched">,
  below: readonly PostingChain[],
  record: ExistenceRecord,
): Verdict<null> {
  for (const { id, operator } of below) {
    const switched = view.switched(computeSwitchKey(operator, id));
    if (switched !== undefined && record.height >= switched.height) {
      const since = `since height ${switched.height} the chain posts on the main chain itself`;
      return refuse("SWITCHED", `${since}: this entry does not count`);
    }
  }
  return accept(null);
}

/** How a condition comes out by the main chain's own state, as of the chain's original expiry. */
export function isConditionTrue(
  view: ConditionView,
  chain: Pick<ChainRecord, "expiry">,
  condition: Condition,
): boolean {
  return readOutcome(view, chain, condition).isTrue;
}

/** The same, and whether no block at `view.height` or above can change it. */
export function readOutcome(
  view: ConditionView,
  { expiry }: Pick<ChainRecord, "expiry">,
  condition: Condition,
): ConditionOutcome {
  const values = condition.facts.map((fact) =>
    computeFactValue(fact, view.fact(fact), view.height, expiry),
  );
  const isTrue = evaluateCondition(
    condition,
    values.map(({ value }) => value),
    view.gas.run,
  );
  return { isTrue, isFinal: values.every(({ isFinal }) => isFinal) };
}

type ConditionView = Pick<SettlementView, "fact" | "height" | "gas">;
