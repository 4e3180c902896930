import type { ResultRecord } from "../chain/settlement/resultRecord.ts";
import { readSlash, type Slash, writeSlash } from "../chain/settlement/slash.ts";
import { decode, encode } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { demand, insist, type Verdict } from "../lib/verdict.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { SIGNATURE_BYTES } from "../protocol/signature.ts";
import { TAGS } from "../protocol/tags.ts";

/**
 * What a cheat shows on the main chain, and what a watchtower finds and opens evidence by. Whoever has never seen the
 * trigger knows neither where its evidence is kept nor how it is opened.
 *
 * @see docs/PROTOCOL.md section 10
 */

/** Longest slash that evidence may hold: `claimBytesMax` of every network so far. */
const SLASH_BYTES_MAX = 128 * 1024;
/** Evidence is as long as a whole number of these: its length tells little of what it is. */
const PAD_BYTES = 4 * 1024;
/** Longest evidence, in the open. */
const EVIDENCE_BYTES_MAX = SLASH_BYTES_MAX + PAD_BYTES;

/**
 * 32 bytes that a claim through a contract shows: of a contract that was given up, whatever else its leaf says, and in
 * whichever on-chain chain, at whatever level it is claimed.
 */
export function triggerOfContract({
  id,
  owner,
  lo,
  hi,
}: Pick<Leaf, "id" | "owner" | "lo" | "hi">): Uint8Array {
  return taggedHash(
    TAGS.towerTrigger,
    encode((writer) => writer.fixed(id, 32).fixed(owner, 33).u64(lo).u64(hi)),
  );
}

/** Terms of a result: those that a claim or a move has shown. */
export type ShownTerms = Pick<ResultRecord["run"], "stateNonce" | "scriptHash">;

/**
 * 32 bytes that a result with old terms shows.
 *
 * @param signature - the 65 bytes with which one of the two signed the old state, which nobody else has seen, and whose
 *   signer alone could make another; undefined for nonce 0, the leaf's own script.
 */
export function triggerOfTerms(
  resultKey: Uint8Array,
  { stateNonce, scriptHash }: ShownTerms,
  signature: Uint8Array | undefined,
): Uint8Array {
  return taggedHash(
    TAGS.towerTrigger,
    encode((writer) => {
      writer.fixed(resultKey, 32).u32(stateNonce).fixed(scriptHash, 32);
      if (signature !== undefined) writer.fixed(signature, SIGNATURE_BYTES);
    }),
  );
}

/** Where evidence for a trigger is kept, 32 bytes: says nothing of the trigger, or of the key that opens it. */
export function locatorOf(trigger: Uint8Array): Uint8Array {
  return taggedHash(TAGS.towerLocator, trigger);
}

/** The 32-byte key that seals evidence for a trigger. */
export function sealingKeyOf(trigger: Uint8Array): Uint8Array {
  return taggedHash(TAGS.towerKey, trigger);
}

/**
 * The 12-byte IV that evidence is sealed under: of the evidence itself, so that one IV never serves two pieces under one key, and
 * the same evidence is sealed to the same bytes.
 */
export function sealingIvOf(key: Uint8Array, evidence: Uint8Array): Uint8Array {
  return taggedHash(TAGS.towerSeal, key, evidence).slice(0, 12);
}

/**
 * Encode: slash bytes, then zeros up to a whole number of 4 KiB. Of a row of closes chain id, result key and level say
 * nothing: whoever carries it takes them from the result that stands.
 */
export function encodeTowerEvidence(slash: Slash): Uint8Array {
  const bytes = encode((writer) =>
    writer.bytes(
      encode((inner) => writeSlash(inner, slash)),
      SLASH_BYTES_MAX,
    ),
  );
  const padded = new Uint8Array(Math.ceil(bytes.length / PAD_BYTES) * PAD_BYTES);
  padded.set(bytes);
  return padded;
}

export function decodeTowerEvidence(bytes: Uint8Array): Verdict<Slash> {
  return decode(bytes, (reader) => {
    demand(
      bytes.length % PAD_BYTES === 0 && bytes.length <= EVIDENCE_BYTES_MAX,
      "WRONG_LENGTH",
      `expected a whole number of ${PAD_BYTES} bytes, at most ${EVIDENCE_BYTES_MAX}`,
    );
    const slash = insist(decode(reader.bytes(SLASH_BYTES_MAX), readSlash));
    const padding = reader.fixed(reader.remaining);
    const isCanonical = padding.length < PAD_BYTES && padding.every((byte) => byte === 0);
    demand(isCanonical, "NOT_CANONICAL", "expected as few zeros as fill up 4 KiB");
    return slash;
  });
}
