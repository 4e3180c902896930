import type { RecordedFact } from "../blocks/conditionOutcome.ts";
import { decodeRecordedFact } from "../blocks/verifyFactEvidence.ts";
import { proofOfWorkHash } from "../chain/header/proofOfWork.ts";
import {
  type DataRecord,
  NO_REQUESTS,
  readAnswerRecord,
  readDataRecord,
} from "../chain/requests/dataRecord.ts";
import { computeDataKey, computeShownKey, type DataTarget } from "../chain/requests/dataTarget.ts";
import { listTargets } from "../chain/requests/voidPosts.ts";
import { type ResultRecord, readResultRecord } from "../chain/settlement/resultRecord.ts";
import {
  computeResultSlotKey,
  computeSettlementKey,
  readSettlementRecord,
  type SettlementRecord,
} from "../chain/settlement/settledRecord.ts";
import type { SettlementView } from "../chain/settlement/settlementView.ts";
import { leavesOf } from "../chain/settlement/shownLine.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import type { Condition } from "../protocol/condition.ts";
import type { StateMap } from "../protocol/factEvidence.ts";
import type { FactKey } from "../protocol/facts.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { type ExistenceRecord, readExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { tipOf } from "./headerBook.ts";
import type { MainChain } from "./mainChain.ts";

/** How a chain's settlement stands, as proven: nothing claimed yet, results that stand, or its end. */
export async function readSettlement(
  mainChain: MainChain,
  chainId: Uint8Array,
): Promise<SettlementRecord> {
  const key = computeSettlementKey(chainId);
  const record = await mainChain.read("results", key, readSettlementRecord);
  return record ?? { kind: "open", count: 0 };
}

type ClaimBasis = {
  readonly postKeys: readonly Uint8Array[];
  readonly conditions: readonly Condition[];
  readonly line: readonly Leaf[];
  readonly shownKeys: readonly Uint8Array[];
};

const NO_CLAIM: ClaimBasis = { postKeys: [], conditions: [], line: [], shownKeys: [] };

/**
 * Read, with proofs, all that judging a claim or a timeout in the next block would look at, so that
 * the wallet can rehearse it with the main chain's own functions.
 *
 * @param claim - what a claim leans on: its posts, the conditions on its path, its leaves, and the keys under which
 *   they would stand as shown by an answer.
 */
export async function readSettlementView(
  mainChain: MainChain,
  rules: Rules,
  chainId: Uint8Array,
  { postKeys, conditions, line, shownKeys }: ClaimBasis = NO_CLAIM,
): Promise<SettlementView> {
  const chain = await mainChain.read("chains", chainId, readChainRecord);
  const posts = new Map<string, ExistenceRecord | undefined>();
  for (const key of postKeys) {
    posts.set(formatHex(key), await mainChain.read("existence", key, readExistenceRecord));
  }
  const facts = new Map<string, RecordedFact>();
  for (const fact of conditions.flatMap((condition) => condition.facts)) {
    facts.set(factName(fact), await readFact(mainChain, fact));
  }
  const results = await readResults(mainChain, chainId);
  const lines = [line, ...results.map((result) => leavesOf(result.line))];
  const data = await readDataRecords(
    mainChain,
    chain === undefined ? [] : listTargets(chain, lines),
  );
  const shown = new Set<string>();
  for (const key of shownKeys) {
    const record = await mainChain.read("requests", key, readAnswerRecord);
    if (record !== undefined) shown.add(formatHex(key));
  }
  const { states } = mainChain.book();
  return {
    rules,
    height: tipOf(mainChain.book()).header.height + 1,
    chain: (id) => (equalBytes(id, chainId) ? chain : undefined),
    existence: (key) => posts.get(formatHex(key)),
    fact: (fact) => facts.get(factName(fact)) ?? { kind: fact.kind, record: undefined },
    results: () => results,
    data: (target) => data.get(formatHex(computeDataKey(target))) ?? NO_REQUESTS,
    isShown: (...leaf) => shown.has(formatHex(computeShownKey(...leaf))),
    workHashAt: (height) => {
      const state = states[height];
      return state === undefined ? undefined : proofOfWorkHash(state.header, rules.parameters);
    },
  };
}

/** What is asked of each of these chains, by the hex of its key. */
async function readDataRecords(
  mainChain: MainChain,
  targets: readonly DataTarget[],
): Promise<ReadonlyMap<string, DataRecord>> {
  const records = new Map<string, DataRecord>();
  for (const target of targets) {
    const key = computeDataKey(target);
    if (records.has(formatHex(key))) continue;
    records.set(
      formatHex(key),
      (await mainChain.read("requests", key, readDataRecord)) ?? NO_REQUESTS,
    );
  }
  return records;
}

/** Every result of a chain, in the order of first claims. */
export async function readResults(
  mainChain: MainChain,
  chainId: Uint8Array,
): Promise<ResultRecord[]> {
  const settlement = await readSettlement(mainChain, chainId);
  const count = settlement.kind === "open" ? settlement.count : 0;
  const results: ResultRecord[] = [];
  for (let slot = 0; slot < count; slot++) {
    const slotKey = computeResultSlotKey(chainId, slot);
    const key = await mainChain.read("results", slotKey, (reader) => reader.fixed(32));
    const result = key && (await mainChain.read("results", key, readResultRecord));
    if (result !== undefined) results.push(result);
  }
  return results;
}

const MAP_OF_FACT = {
  oracle: "oracles",
  payment: "payments",
  secret: "secrets",
} as const satisfies Record<FactKey["kind"], StateMap>;

async function readFact(mainChain: MainChain, fact: FactKey): Promise<RecordedFact> {
  const bytes = await mainChain.read(MAP_OF_FACT[fact.kind], fact.key, (reader) =>
    reader.fixed(reader.remaining),
  );
  return decodeRecordedFact(fact.kind, bytes);
}

function factName({ kind, key }: Pick<FactKey, "kind" | "key">): string {
  return `${kind}:${formatHex(key)}`;
}
