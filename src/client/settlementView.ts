import type { RecordedFact } from "../blocks/conditionOutcome.ts";
import { decodeRecordedFact } from "../blocks/verifyFactEvidence.ts";
import { proofOfWorkHash } from "../chain/header/proofOfWork.ts";
import { type ResultRecord, readResultRecord } from "../chain/settlement/resultRecord.ts";
import {
  computeResultSlotKey,
  computeSettlementKey,
  readSettlementRecord,
  type SettlementRecord,
} from "../chain/settlement/settledRecord.ts";
import type { SettlementView } from "../chain/settlement/settlementView.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import type { Condition } from "../protocol/condition.ts";
import type { StateMap } from "../protocol/factEvidence.ts";
import type { FactKey } from "../protocol/facts.ts";
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

/**
 * Read, with proofs, all that judging a claim or a timeout in the next block would look at, so that
 * the wallet can rehearse it with the main chain's own functions.
 *
 * @param postKeys - posts that the claim leans on. @param conditions - those on its path.
 */
export async function readSettlementView(
  mainChain: MainChain,
  rules: Rules,
  chainId: Uint8Array,
  postKeys: readonly Uint8Array[],
  conditions: readonly Condition[],
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
  const { states } = mainChain.book();
  return {
    rules,
    height: tipOf(mainChain.book()).header.height + 1,
    chain: (id) => (equalBytes(id, chainId) ? chain : undefined),
    existence: (key) => posts.get(formatHex(key)),
    fact: (fact) => facts.get(factName(fact)) ?? { kind: fact.kind, record: undefined },
    results: () => results,
    workHashAt: (height) => {
      const state = states[height];
      return state === undefined ? undefined : proofOfWorkHash(state.header, rules.parameters);
    },
  };
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
