import { computeTreesHash } from "../blocks/verifyFactEvidence.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, type Reader } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { verifyMapProof } from "../lib/map/mapProof.ts";
import { STATE_MAPS, type StateMap } from "../protocol/factEvidence.ts";
import { type MainChainSource, type ServedProof, SourceError } from "./ports.ts";

/** What a node has proven of one key: the eight map roots of the header's state, the proof, and the value under it. */
export type ProvenState = Pick<ServedProof, "mapRoots" | "proof"> & {
  readonly value: Uint8Array | undefined;
};

/**
 * Have one node prove what the main chain's state holds at a key under a header this client has checked.
 * Rejects with a `SourceError` if the node is down or what it serves does not prove anything.
 */
export async function proveState(
  source: MainChainSource,
  at: HeaderState,
  map: StateMap,
  key: Uint8Array,
): Promise<ProvenState> {
  const { headerHash, mapRoots, proof } = await source.prove(map, key, at.hash);
  if (!equalBytes(headerHash, at.hash)) {
    throw new SourceError("BAD_ANSWER", `${source.url} served a proof under another header`);
  }
  const isOurs = equalBytes(computeTreesHash(mapRoots), at.header.treesHash);
  if (mapRoots.length !== STATE_MAPS.length || !isOurs) {
    throw new SourceError("BAD_ANSWER", `${source.url} served map roots of another state`);
  }
  const root = mapRoots[STATE_MAPS.indexOf(map)] as Uint8Array;
  const proven = verifyMapProof(root, key, proof);
  if (!proven.ok) {
    throw new SourceError(
      "BAD_ANSWER",
      `${source.url} proves nothing about ${map} ${formatHex(key)}: ${proven.message}`,
    );
  }
  return { mapRoots, proof, value: proven.value };
}

/**
 * Read one value of the main chain's state under a header this client has checked. The node's
 * answer counts only with its proof, of presence or of absence.
 *
 * @returns the decoded record, or undefined where the key is proven absent.
 * Rejects with a `SourceError` if the node is down or what it serves does not prove anything.
 */
export async function readState<Record>(
  source: MainChainSource,
  at: HeaderState,
  map: StateMap,
  key: Uint8Array,
  read: (reader: Reader) => Record,
): Promise<Record | undefined> {
  const { value } = await proveState(source, at, map, key);
  if (value === undefined) return undefined;
  const record = decode(value, read);
  if (!record.ok) {
    throw new SourceError("BAD_ANSWER", `${map} holds bytes that are no record: ${record.message}`);
  }
  return record.value;
}
