import { assert } from "../../lib/assert.ts";
import { encode } from "../../lib/codec.ts";
import {
  encodeResultRecord,
  type ResultRecord,
  readResultRecord,
  resultKeyOf,
} from "../settlement/resultRecord.ts";
import {
  computeResultSlotKey,
  computeSettlementKey,
  readSettlementRecord,
  type SettledRecord,
  type SettlementRecord,
  writeSettlementRecord,
} from "../settlement/settledRecord.ts";
import { dropRecord, getRecord, hasRecord, type MainState, putRecord } from "./mainState.ts";

/** A chain's results, in the order of their first claims. */
export function listResults(state: MainState, chainId: Uint8Array): ResultRecord[] {
  return listKeys(state, chainId).map((key) => {
    const result = getRecord(state, "results", key, readResultRecord);
    assert(result !== undefined, "every slot names a result");
    return result;
  });
}

/** Write results, old and new; a new one takes the next slot. */
export function putResults(state: MainState, results: readonly ResultRecord[]): MainState {
  let next = state;
  for (const result of results) {
    const key = resultKeyOf(result);
    if (!hasRecord(next, "results", key)) next = addSlot(next, result.chainId, key);
    next = putRecord(next, "results", key, encodeResultRecord(result));
  }
  return next;
}

/** End a chain: its results go, and how it ended stays. */
export function putSettled(state: MainState, settled: SettledRecord): MainState {
  const { chainId } = settled;
  let next = state;
  listKeys(state, chainId).forEach((key, slot) => {
    next = dropRecord(next, "results", key);
    next = dropRecord(next, "results", computeResultSlotKey(chainId, slot));
  });
  return putSettlement(next, chainId, { kind: "settled", settled });
}

function listKeys(state: MainState, chainId: Uint8Array): Uint8Array[] {
  return Array.from({ length: countResults(state, chainId) }, (_, slot) => {
    const key = getRecord(state, "results", computeResultSlotKey(chainId, slot), (reader) =>
      reader.fixed(32),
    );
    assert(key !== undefined, "slots have no gap");
    return key;
  });
}

function countResults(state: MainState, chainId: Uint8Array): number {
  const record = getRecord(state, "results", computeSettlementKey(chainId), readSettlementRecord);
  return record?.kind === "open" ? record.count : 0;
}

function addSlot(state: MainState, chainId: Uint8Array, key: Uint8Array): MainState {
  const slot = countResults(state, chainId);
  const kept = putRecord(state, "results", computeResultSlotKey(chainId, slot), key);
  return putSettlement(kept, chainId, { kind: "open", count: slot + 1 });
}

function putSettlement(state: MainState, chainId: Uint8Array, record: SettlementRecord): MainState {
  const value = encode((writer) => writeSettlementRecord(writer, record));
  return putRecord(state, "results", computeSettlementKey(chainId), value);
}
