import { equalBytes } from "../lib/bytes.ts";
import { decode } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { verifyMapProof } from "../lib/map/mapProof.ts";
import { demand, insist, judge, type Verdict } from "../lib/verdict.ts";
import type { Condition } from "../protocol/condition.ts";
import { type FactEvidence, MAP_OF_FACT, STATE_MAPS } from "../protocol/factEvidence.ts";
import {
  type FactKey,
  readOracleRecord,
  readPaymentRecord,
  readSecretRecord,
} from "../protocol/facts.ts";
import { TAGS } from "../protocol/tags.ts";
import { computeFactValue, evaluateCondition, type RecordedFact } from "./conditionOutcome.ts";

/** What a block's checker knows of a main-chain header it has verified: its height and its `trees_hash`. */
export type MainHeaderFact = { readonly height: number; readonly treesHash: Uint8Array };

/** How a condition came out, and whether every fact that it reads is final. */
export type ConditionOutcome = { readonly isTrue: boolean; readonly isFinal: boolean };

/** The commitment of a main-chain header to its state: the hash over the eight map roots in order. */
export function computeTreesHash(mapRoots: readonly Uint8Array[]): Uint8Array {
  return taggedHash(TAGS.stateRoots, ...mapRoots);
}

/**
 * How `condition` comes out by the facts proven under `header`, as of the original `expiry`.
 * Refuses roots that are not the header's, and proofs that do not hold.
 */
export function verifyFactEvidence(
  condition: Condition,
  evidence: FactEvidence,
  header: MainHeaderFact,
  expiry: number,
): Verdict<ConditionOutcome> {
  return judge(() => {
    demand(
      equalBytes(computeTreesHash(evidence.mapRoots), header.treesHash),
      "ROOTS_NOT_OF_HEADER",
      "the map roots are not those that the header commits to",
    );
    demand(
      evidence.proofs.length === condition.facts.length,
      "FACT_PROOFS_MISSING",
      `expected ${condition.facts.length} proofs, got ${evidence.proofs.length}`,
    );
    const values = condition.facts.map((fact, index) => {
      const recorded = readFact(fact, evidence, evidence.proofs[index] as Uint8Array);
      return computeFactValue(fact, recorded, header.height, expiry);
    });
    return {
      isTrue: evaluateCondition(
        condition,
        values.map(({ value }) => value),
      ),
      isFinal: values.every(({ isFinal }) => isFinal),
    };
  });
}

function readFact(fact: FactKey, evidence: FactEvidence, proof: Uint8Array): RecordedFact {
  const root = evidence.mapRoots[STATE_MAPS.indexOf(MAP_OF_FACT[fact.kind])] as Uint8Array;
  return decodeRecordedFact(fact.kind, insist(verifyMapProof(root, fact.key, proof)));
}

/** The record behind a fact from the bytes in its map; refuses bytes that are no such record. */
export function decodeRecordedFact(
  kind: FactKey["kind"],
  bytes: Uint8Array | undefined,
): RecordedFact {
  if (bytes === undefined) return { kind, record: undefined };
  switch (kind) {
    case "oracle":
      return { kind, record: insist(decode(bytes, readOracleRecord)) };
    case "payment":
      return { kind, record: insist(decode(bytes, readPaymentRecord)) };
    case "secret":
      return { kind, record: insist(decode(bytes, readSecretRecord)) };
  }
}
