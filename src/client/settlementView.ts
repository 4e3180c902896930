import type { RecordedFact } from "../blocks/conditionOutcome.ts";
import { decodeRecordedFact } from "../blocks/verifyFactEvidence.ts";
import {
  computeChallengeKey,
  NO_CHALLENGES,
  readChallengeRecord,
} from "../chain/challenges/challengeRecord.ts";
import { createGasMeter } from "../chain/gasMeter.ts";
import type { Header } from "../chain/header/header.ts";
import { proofOfWorkHash } from "../chain/header/proofOfWork.ts";
import { NO_REQUESTS, readAnswerRecord, readDataRecord } from "../chain/requests/dataRecord.ts";
import { computeDataKey, computeShownKey } from "../chain/requests/dataTarget.ts";
import { listTargets } from "../chain/requests/voidPosts.ts";
import { drawHeights } from "../chain/settlement/draw.ts";
import { type ResultRecord, readResultRecord } from "../chain/settlement/resultRecord.ts";
import {
  computeResultSlotKey,
  computeSettlementKey,
  readSettlementRecord,
  type SettlementRecord,
} from "../chain/settlement/settledRecord.ts";
import type { SettlementView } from "../chain/settlement/settlementView.ts";
import { leavesOf } from "../chain/settlement/shownLine.ts";
import { type ChainRecord, lineageOf, readChainRecord } from "../chain/state/chainRecord.ts";
import { equalBytes } from "../lib/bytes.ts";
import type { Reader } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import type { Condition } from "../protocol/condition.ts";
import { MAP_OF_FACT } from "../protocol/factEvidence.ts";
import type { FactKey } from "../protocol/facts.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { BLOCK_GAS_MAX } from "../protocol/limits.ts";
import { type ExistenceRecord, readExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { computeSwitchKey, type SwitchRecord } from "../protocol/switch.ts";
import type { MainChain } from "./mainChain.ts";
import { readSwitch } from "./readSwitch.ts";

/** How a chain's settlement stands, as proven: nothing claimed yet, results that stand, or its end. */
export async function readSettlement(
  mainChain: SettlementReads,
  chainId: Uint8Array,
): Promise<SettlementRecord> {
  const key = computeSettlementKey(chainId);
  const record = await mainChain.read("results", key, readSettlementRecord);
  return record ?? { kind: "open", count: 0 };
}

/** Where the records that settling looks at come from, all under one tip: a light client, or one's own node. */
export type SettlementReads = Pick<MainChain, "read" | "headerAt"> & {
  tip(): { readonly header: Pick<Header, "height"> };
};

export type ClaimBasis = {
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
  mainChain: SettlementReads,
  rules: Rules,
  chainId: Uint8Array,
  { postKeys, conditions, line, shownKeys }: ClaimBasis = NO_CLAIM,
): Promise<SettlementView> {
  const chain = await mainChain.read("chains", chainId, readChainRecord);
  const posts = new Map<string, ExistenceRecord | undefined>();
  for (const key of postKeys) {
    posts.set(formatHex(key), await mainChain.read("existence", key, readExistenceRecord));
  }
  const switches = await readSwitches(mainChain, chain, line);
  const facts = new Map<string, RecordedFact>();
  for (const fact of conditions.flatMap((condition) => condition.facts)) {
    facts.set(factName(fact), await readFact(mainChain, fact));
  }
  const results = await readResults(mainChain, chainId);
  const lines = [line, ...results.map((result) => leavesOf(result.line))];
  const targets = chain === undefined ? [] : listTargets(chain, lines);
  const data = await readRecords(mainChain, targets.map(computeDataKey), readDataRecord);
  const challengeKeys = targets.map(computeChallengeKey);
  const challenges = await readRecords(mainChain, challengeKeys, readChallengeRecord);
  const shown = new Set<string>();
  for (const key of shownKeys) {
    const record = await mainChain.read("requests", key, readAnswerRecord);
    if (record !== undefined) shown.add(formatHex(key));
  }
  const workHashes = chain && (await readWorkHashes(mainChain, rules, chain.expiry));
  return {
    rules,
    height: mainChain.tip().header.height + 1,
    gas: createGasMeter(BLOCK_GAS_MAX),
    chain: (id) => (equalBytes(id, chainId) ? chain : undefined),
    existence: (key) => posts.get(formatHex(key)),
    switched: (key) => switches.get(formatHex(key)),
    fact: (fact) => facts.get(factName(fact)) ?? { kind: fact.kind, record: undefined },
    results: () => results,
    data: (target) => data.get(formatHex(computeDataKey(target))) ?? NO_REQUESTS,
    challenges: (target) => challenges.get(formatHex(computeChallengeKey(target))) ?? NO_CHALLENGES,
    isShown: (...leaf) => shown.has(formatHex(computeShownKey(...leaf))),
    workHashAt: (height) => workHashes?.get(height),
  };
}

/** The proof-of-work hashes that the point of a chain of this expiry is drawn from, as far as they are mined, by height. */
export async function readWorkHashes(
  { headerAt }: Pick<SettlementReads, "headerAt">,
  { parameters }: Rules,
  expiry: number,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const hashes = new Map<number, Uint8Array>();
  for (const height of drawHeights(expiry, parameters)) {
    const header = await headerAt(height);
    if (header !== undefined) hashes.set(height, proofOfWorkHash(header, parameters));
  }
  return hashes;
}

/** Which of the chains on a line post on the main chain though they were sealed to post in another, by hex key. */
async function readSwitches(
  mainChain: SettlementReads,
  chain: ChainRecord | undefined,
  line: readonly Leaf[],
): Promise<ReadonlyMap<string, SwitchRecord>> {
  const above = chain === undefined ? [] : lineageOf(chain);
  const sealed = line.map(({ id, owner: operator, anchor }) => ({ id, operator, anchor }));
  const found = new Map<string, SwitchRecord>();
  for (const { id, operator, anchor } of [...above, ...sealed]) {
    const record =
      anchor.kind === "chain" ? await readSwitch(mainChain, { id, operator }) : undefined;
    if (record !== undefined) found.set(formatHex(computeSwitchKey(operator, id)), record);
  }
  return found;
}

/** The records of these keys in the map of requests, each read once; by hex key, where there is one. */
async function readRecords<Record>(
  mainChain: SettlementReads,
  keys: readonly Uint8Array[],
  read: (reader: Reader) => Record,
): Promise<ReadonlyMap<string, Record | undefined>> {
  const records = new Map<string, Record | undefined>();
  for (const key of keys) {
    const name = formatHex(key);
    if (!records.has(name)) records.set(name, await mainChain.read("requests", key, read));
  }
  return records;
}

/** Every result of a chain, in the order of first claims. */
export async function readResults(
  mainChain: SettlementReads,
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

async function readFact(mainChain: SettlementReads, fact: FactKey): Promise<RecordedFact> {
  const bytes = await mainChain.read(MAP_OF_FACT[fact.kind], fact.key, (reader) =>
    reader.fixed(reader.remaining),
  );
  return decodeRecordedFact(fact.kind, bytes);
}

function factName({ kind, key }: Pick<FactKey, "kind" | "key">): string {
  return `${kind}:${formatHex(key)}`;
}
