import { decodeRecordedFact } from "../blocks/verifyFactEvidence.ts";
import {
  computeChallengeKey,
  NO_CHALLENGES,
  readChallengeRecord,
} from "../chain/challenges/challengeRecord.ts";
import { createGasMeter } from "../chain/gasMeter.ts";
import { proofOfWorkHash } from "../chain/header/proofOfWork.ts";
import { NO_REQUESTS, readAnswerRecord, readDataRecord } from "../chain/requests/dataRecord.ts";
import { computeDataKey, computeShownKey } from "../chain/requests/dataTarget.ts";
import { type ResultRecord, readResultRecord } from "../chain/settlement/resultRecord.ts";
import {
  computeResultSlotKey,
  computeSettlementKey,
  readSettlementRecord,
  type SettlementRecord,
} from "../chain/settlement/settledRecord.ts";
import type { SettlementView } from "../chain/settlement/settlementView.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { decode, type Reader } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { verifyMapProof } from "../lib/map/mapProof.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import { MAP_OF_FACT, STATE_MAPS, type StateMap } from "../protocol/factEvidence.ts";
import { CHALANG_LIMITS } from "../protocol/limits.ts";
import { readExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { readSwitchRecord } from "../protocol/switch.ts";
import type { ProofFile } from "./proofFile.ts";
import type { ShownHeaders } from "./proofHeaders.ts";

/** Told of everything that is looked up in the main chain's state, before it is refused where it is not shown. */
export type OnLook = (map: StateMap, key: Uint8Array) => void;

/** What the main chain's own functions read, from a file; and how the chain's settlement stands. */
export type ProofView = SettlementView & {
  readonly settlement: (chainId: Uint8Array) => SettlementRecord;
  /** One result of a chain, by its key. */
  readonly result: (key: Uint8Array) => ResultRecord | undefined;
};

/**
 * Runs that a checker does for one file, at their limit each. Honest conditions and scripts take thousands of times less;
 * what would take more is not worth a checker's time.
 */
const RUNS_MAX = 64;

/**
 * The main chain's state as a file proves it, in the place of the node's own. Whatever is looked for and not
 * shown, neither as there nor as absent, is refused as `NOT_SHOWN`.
 */
export function createProofView(
  { mapRoots, records }: Pick<ProofFile, "mapRoots" | "records">,
  { states, tip }: ShownHeaders,
  rules: Rules,
  onLook: OnLook,
): Verdict<ProofView> {
  return judge(() => {
    const proven = new Map<string, Uint8Array | undefined>();
    for (const { map, key, proof } of records) {
      const root = mapRoots[STATE_MAPS.indexOf(map)] as Uint8Array;
      proven.set(nameOf(map, key), insist(verifyMapProof(root, key, proof)));
    }
    const bytesAt = (map: StateMap, key: Uint8Array): Uint8Array | undefined => {
      const name = nameOf(map, key);
      onLook(map, key);
      demand(
        proven.has(name),
        "NOT_SHOWN",
        `the file does not show what the main chain holds: ${name}`,
      );
      return proven.get(name);
    };
    const at = <Value>(map: StateMap, key: Uint8Array, read: (reader: Reader) => Value) => {
      const bytes = bytesAt(map, key);
      return bytes === undefined ? undefined : insist(decode(bytes, read));
    };
    const settlement = (chainId: Uint8Array): SettlementRecord =>
      at("results", computeSettlementKey(chainId), readSettlementRecord) ?? {
        kind: "open",
        count: 0,
      };
    const [{ header: first }] = states;
    return {
      rules,
      height: tip.header.height + 1,
      gas: createGasMeter(RUNS_MAX * CHALANG_LIMITS.opGas),
      chain: (id) => at("chains", id, readChainRecord),
      existence: (key) => at("existence", key, readExistenceRecord),
      switched: (key) => at("existence", key, readSwitchRecord),
      fact: ({ kind, key }) => decodeRecordedFact(kind, bytesAt(MAP_OF_FACT[kind], key)),
      settlement,
      result: (key) => at("results", key, readResultRecord),
      results(chainId) {
        const open = settlement(chainId);
        const count = open.kind === "open" ? open.count : 0;
        return Array.from({ length: count }, (_, slot) => {
          const slotKey = computeResultSlotKey(chainId, slot);
          const key = at("results", slotKey, (reader) => reader.fixed(32));
          const result = key && at("results", key, readResultRecord);
          if (result === undefined) throw new Refusal("NOT_SHOWN", "a slot names no result");
          return result;
        });
      },
      workHashAt(height) {
        const header = states[height - first.height]?.header;
        return header && proofOfWorkHash(header, rules.parameters);
      },
      data: (target) => at("requests", computeDataKey(target), readDataRecord) ?? NO_REQUESTS,
      challenges: (target) =>
        at("requests", computeChallengeKey(target), readChallengeRecord) ?? NO_CHALLENGES,
      isShown: (...leaf) =>
        at("requests", computeShownKey(...leaf), readAnswerRecord) !== undefined,
    };
  });
}

function nameOf(map: StateMap, key: Uint8Array): string {
  return `${map} ${formatHex(key)}`;
}
