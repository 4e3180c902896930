import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { readChainRecord } from "../chain/state/chainRecord.ts";
import { encode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import { computePostKey, readExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import type { Breach } from "./breach.ts";
import { type Entry, writeEntry } from "./entry.ts";
import { decodeEvidence, judgeEvidence } from "./evidence.ts";
import type { MainChain } from "./mainChain.ts";

/**
 * Judge an evidence file about a chain on the main chain by nothing but what the main chain proves: the chain itself,
 * and the records that the file names. `NOT_SERVED` for a chain inside another: what that one is only the blocks of those
 * above it say.
 *
 * Rejects with a `SourceError` when the main chain cannot be read.
 */
export async function judgeEvidenceFile(
  bytes: Uint8Array,
  rules: Rules,
  mainChain: Pick<MainChain, "read">,
): Promise<Verdict<{ readonly breach: Breach; readonly chain: ChainFacts }>> {
  const claimed = decodeEvidence(bytes);
  if (!claimed.ok) return claimed;
  const { breach, chain: named } = claimed.value;
  const found = await mainChain.read("chains", named.id, readChainRecord);
  if (found === undefined || found.won !== undefined) {
    return refuse("NOT_SERVED", "no open chain of this id was made on the main chain itself");
  }
  const { id, operator, lo, hi, expiry } = found;
  const chain = { id, operator, lo, hi, expiry };
  const { proof, against } = breach;
  const entries =
    proof.kind === "record" || proof.kind === "gone" ? [against, proof.entry] : [against];
  const recorded = new Set<string>();
  for (const entry of entries) {
    if (entry !== undefined && (await isRecorded(entry, chain, mainChain))) {
      recorded.add(nameOf(entry));
    }
  }
  const known = { rules, chain, isRecorded: (entry: Entry) => recorded.has(nameOf(entry)) };
  const judged = judgeEvidence(bytes, known);
  return judged.ok ? accept({ breach: judged.value, chain }) : judged;
}

/** Whether the main chain has an entry just as it is said: at that height and index, of that block. */
async function isRecorded(
  entry: Entry,
  { id, operator }: ChainFacts,
  mainChain: Pick<MainChain, "read">,
): Promise<boolean> {
  const key = computePostKey(operator, id, entry.sequence);
  const record = await mainChain.read("existence", key, readExistenceRecord);
  if (record === undefined) return false;
  const { sequence } = entry;
  const top = { sequence, key, hash: record.hash };
  return nameOf(entry) === nameOf({ sequence, record, top, hops: [] });
}

function nameOf(entry: Entry): string {
  return formatHex(encode((writer) => writeEntry(writer, entry)));
}
