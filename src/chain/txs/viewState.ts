import { decodeRecordedFact } from "../../blocks/verifyFactEvidence.ts";
import { getValue } from "../../lib/map/merkleMap.ts";
import { MAP_OF_FACT } from "../../protocol/factEvidence.ts";
import { readExistenceRecord } from "../../protocol/post.ts";
import { readSwitchRecord } from "../../protocol/switch.ts";
import {
  computeChallengeKey,
  NO_CHALLENGES,
  readChallengeRecord,
} from "../challenges/challengeRecord.ts";
import { NO_REQUESTS, readDataRecord } from "../requests/dataRecord.ts";
import { computeDataKey, computeShownKey } from "../requests/dataTarget.ts";
import type { SettlementView } from "../settlement/settlementView.ts";
import { readChainRecord } from "../state/chainRecord.ts";
import { getRecord, hasRecord, type MainState } from "../state/mainState.ts";
import { listResults } from "../state/results.ts";
import type { TxContext } from "./txContext.ts";

/** What settling, asking and answering read, from the state of the block before and the transactions above in this one. */
export function viewState(
  state: MainState,
  { rules, height, gas, workHashAt }: Pick<TxContext, "rules" | "height" | "gas" | "workHashAt">,
): SettlementView {
  return {
    rules,
    height,
    gas,
    workHashAt,
    chain: (id) => getRecord(state, "chains", id, readChainRecord),
    existence: (key) => getRecord(state, "existence", key, readExistenceRecord),
    switched: (key) => getRecord(state, "existence", key, readSwitchRecord),
    fact: ({ kind, key }) => decodeRecordedFact(kind, getValue(state[MAP_OF_FACT[kind]], key)),
    results: (chainId) => listResults(state, chainId),
    data: (target) =>
      getRecord(state, "requests", computeDataKey(target), readDataRecord) ?? NO_REQUESTS,
    challenges: (target) =>
      getRecord(state, "requests", computeChallengeKey(target), readChallengeRecord) ??
      NO_CHALLENGES,
    isShown: (...shown) => hasRecord(state, "requests", computeShownKey(...shown)),
  };
}
