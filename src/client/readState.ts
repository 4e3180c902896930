import { computeTreesHash } from "../blocks/verifyFactEvidence.ts";
import type { HeaderState } from "../chain/header/headerState.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, type Reader } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { verifyMapProof } from "../lib/map/mapProof.ts";
import { STATE_MAPS, type StateMap } from "../protocol/factEvidence.ts";
import { type MainChainSource, SourceError } from "./ports.ts";

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
  const served = await source.prove(map, key, at.hash);
  if (!equalBytes(served.headerHash, at.hash)) {
    throw new SourceError("BAD_ANSWER", `${source.url} served a proof under another header`);
  }
  const isOurs = equalBytes(computeTreesHash(served.mapRoots), at.header.treesHash);
  if (served.mapRoots.length !== STATE_MAPS.length || !isOurs) {
    throw new SourceError("BAD_ANSWER", `${source.url} served map roots of another state`);
  }
  const root = served.mapRoots[STATE_MAPS.indexOf(map)] as Uint8Array;
  const proven = verifyMapProof(root, key, served.proof);
  if (!proven.ok) {
    throw new SourceError(
      "BAD_ANSWER",
      `${source.url} proves nothing about ${map} ${formatHex(key)}: ${proven.message}`,
    );
  }
  if (proven.value === undefined) return undefined;
  const record = decode(proven.value, read);
  if (!record.ok) {
    throw new SourceError("BAD_ANSWER", `${map} holds bytes that are no record: ${record.message}`);
  }
  return record.value;
}
