import {
  type AnchoredCell,
  type AnchoredProof,
  verifyAnchoredProof,
} from "../../blocks/anchoredProof.ts";
import type { Lineage } from "../../blocks/lineage.ts";
import { insist, judge, type Verdict } from "../../lib/verdict.ts";
import { judgeLeafPost } from "../requests/voidPosts.ts";
import { findTopRecord, type SettlementView } from "./settlementView.ts";

/**
 * What one level of a line shows: that its leaf stood in a posted state which counts, and since when. It says
 * nothing of the drawn point, nor of how the conditions on the path come out.
 *
 * @param lineage - of the chain that the leaf stands in.
 */
export function showLevel(
  proof: AnchoredProof,
  lineage: Lineage,
  view: SettlementView,
): Verdict<AnchoredCell> {
  return judge(() => {
    const record = insist(findTopRecord(view, lineage, proof));
    const shown = insist(verifyAnchoredProof(proof, lineage, record, view.rules));
    const behind = proof.headers.length - 1;
    insist(judgeLeafPost(view, { lineage, posts: shown.posts }, shown.cell.leaf, behind));
    return shown;
  });
}
