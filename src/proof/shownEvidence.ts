import { findPosts } from "../blocks/hops.ts";
import { computeRecordKey, findRecordPath, type Lineage } from "../blocks/lineage.ts";
import type { SettlementView } from "../chain/settlement/settlementView.ts";
import type { Finding } from "../client/breach.ts";
import type { Entry } from "../client/entry.ts";
import { decodeEvidence, judgeEvidence } from "../client/evidence.ts";
import { equalBytes } from "../lib/bytes.ts";
import { insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";

/** A breach of one of the chains that a contract is in, as a file's evidence proves it. */
export type ShownBreach = Finding & { readonly chainId: Uint8Array };

/**
 * Judge the evidence that a proof file brings along, of any chain that the contract is inside of: what that chain is, the
 * line above has shown, and what it posted, the main chain's records.
 *
 * @param lineages - of the chain of each level.
 */
export function judgeShownEvidence(
  files: readonly Uint8Array[],
  lineages: readonly Lineage[],
  view: SettlementView,
): Verdict<readonly ShownBreach[]> {
  return judge(() =>
    files.map((bytes) => {
      const { id } = insist(decodeEvidence(bytes)).chain;
      const whole = lineages.at(-1) ?? [];
      const at = whole.findIndex((chain) => equalBytes(chain.id, id));
      const [top, ...rest] = whole.slice(0, at + 1);
      if (top === undefined) {
        throw new Refusal("OTHER_CHAIN", "the evidence is of a chain that the contract is not in");
      }
      const lineage: Lineage = [top, ...rest];
      const { id: chainId, operator, lo, hi, expiry } = lineage.at(-1) ?? top;
      const breach = insist(
        judgeEvidence(bytes, {
          rules: view.rules,
          chain: { id: chainId, operator, lo, hi, expiry },
          isRecorded: (entry) => isRecorded(entry, lineage, view),
        }),
      );
      const { blockHeight, transactionIndex, rule, message } = breach;
      return { chainId, blockHeight, transactionIndex, rule, message };
    }),
  );
}

/** Whether the main chain has an entry of a lineage's last chain just as it is said: under that record, of that block. */
function isRecorded(
  { sequence, record, top, hops }: Entry,
  lineage: Lineage,
  view: SettlementView,
) {
  const path = findRecordPath(lineage, hops.length);
  if (!path.ok) return false;
  const key = computeRecordKey(path.value[0], top.sequence);
  const found = view.existence(key);
  if (found === undefined || !equalBytes(key, top.key) || !equalBytes(found.hash, top.hash)) {
    return false;
  }
  if (found.height !== record.height || found.index !== record.index) return false;
  const recorded = { sequence: top.sequence, blockHash: found.hash };
  const posts = findPosts(path.value, recorded, hops, view.rules);
  const last = posts.ok ? posts.value.at(-1) : undefined;
  return (
    last !== undefined && last.sequence === sequence && equalBytes(last.blockHash, record.hash)
  );
}
