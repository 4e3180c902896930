import type { Reader, Writer } from "../lib/codec.ts";
import type { FactKey } from "./facts.ts";
import { FACTS_MAX } from "./limits.ts";

/** The main chain's state maps, in the order in which a header commits to their roots. */
export const STATE_MAPS = [
  "accounts",
  "chains",
  "existence",
  "results",
  "payments",
  "secrets",
  "oracles",
  "requests",
] as const;

export type StateMap = (typeof STATE_MAPS)[number];

/** Where the record behind each kind of fact is kept. */
export const MAP_OF_FACT = {
  oracle: "oracles",
  payment: "payments",
  secret: "secrets",
} as const satisfies Record<FactKey["kind"], StateMap>;

/** Most bytes of one merkle-map proof. */
const MAP_PROOF_BYTES_MAX = 16 * 1024;

/**
 * Proof of what a condition's facts were in one main-chain header's state.
 *
 * - `headerHash`: 32 bytes, the block hash of that header. - `mapRoots`: the eight 32-byte roots it commits to.
 * - `proofs`: one map proof, of presence or absence, for each fact of the condition, in order.
 */
export type FactEvidence = {
  readonly headerHash: Uint8Array;
  readonly mapRoots: readonly Uint8Array[];
  readonly proofs: readonly Uint8Array[];
};

/** Encode: header hash 32, the eight roots, proofs (u16 count, each with a u32 length). */
export function writeFactEvidence(writer: Writer, evidence: FactEvidence): void {
  writer.fixed(evidence.headerHash, 32);
  for (let i = 0; i < STATE_MAPS.length; i++) {
    writer.fixed(evidence.mapRoots[i] ?? new Uint8Array(), 32);
  }
  writer.list(evidence.proofs, FACTS_MAX, (each, proof) => each.bytes(proof, MAP_PROOF_BYTES_MAX));
}

export function readFactEvidence(reader: Reader): FactEvidence {
  const headerHash = reader.fixed(32);
  const mapRoots = STATE_MAPS.map(() => reader.fixed(32));
  const proofs = reader.list(FACTS_MAX, 4, (each) => each.bytes(MAP_PROOF_BYTES_MAX));
  return { headerHash, mapRoots, proofs };
}
