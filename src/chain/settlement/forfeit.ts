import { findLost } from "../challenges/challengeRecord.ts";
import { findVoid } from "../requests/dataRecord.ts";
import type { DataTarget } from "../requests/dataTarget.ts";
import type { SettlementView } from "./settlementView.ts";

/** Why an operator's share is lost: who asked or challenged first without an answer, and the fee that he paid. */
export type Forfeit = { readonly to: Uint8Array; readonly fee: bigint };

/** Whether an operator has left anything unanswered, be it data that he posted or a contract that is gone. */
export function findForfeit(
  view: Pick<SettlementView, "height" | "data" | "challenges">,
  target: DataTarget,
): Forfeit | undefined {
  const voided = findVoid(view.data(target), view.height);
  const lost = findLost(view.challenges(target), view.height);
  if (voided === undefined || (lost !== undefined && lost.due < voided.due)) {
    return lost && { to: lost.challenger, fee: lost.fee };
  }
  return { to: voided.asker, fee: voided.fee };
}
