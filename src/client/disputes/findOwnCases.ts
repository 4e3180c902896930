import { compareRanks } from "../../blocks/anchoredProof.ts";
import {
  type ClaimDraft,
  draftClaim,
  draftImprovement,
} from "../../chain/settlement/draftClaim.ts";
import { draftMove, type MoveDraft } from "../../chain/settlement/draftMove.ts";
import { isUndoing } from "../../chain/settlement/removal.ts";
import {
  type ResultRecord,
  resultKeyOf,
  successorLine,
} from "../../chain/settlement/resultRecord.ts";
import { goesThrough, lastLeaf, leavesOf } from "../../chain/settlement/shownLine.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { TRUE_SCRIPT } from "../../protocol/script.ts";
import type { SettlementStatus } from "../settlementStatus.ts";
import type { ContractTerms } from "../states.ts";
import type { Dispute } from "./dispute.ts";
import type { OwnLine } from "./ownLines.ts";

/** An answer before its holder has signed it. */
export type Draft =
  | { readonly kind: "move"; readonly draft: MoveDraft }
  | { readonly kind: "claim"; readonly draft: ClaimDraft; readonly line: OwnLine };

/** A dispute before its answer is signed and rehearsed; `openTo`: the last height of a right that has an end of its own. */
export type Case = Pick<
  Dispute,
  "id" | "kind" | "contractId" | "resultKey" | "words" | "claimant"
> & {
  readonly draft: Draft;
  readonly openTo: number | undefined;
};

/**
 * What the holder can do about an own line by what stands of it on the main chain: bring newer terms that both have signed,
 * claim what a removal has made room for, undo a removal, or show the line at an earlier place.
 *
 * @param height - of the block that the answer would stand in. @param carrier - account that sends it.
 */
export function findOwnCases(
  line: OwnLine,
  { results, claimsEnd }: Pick<SettlementStatus, "results" | "claimsEnd">,
  { signed }: ContractTerms,
  height: number,
  carrier: Uint8Array,
): Case[] {
  const { topId, levels, shown, resultKey, own } = line;
  const key = formatHex(resultKey);
  const contractId = own.leaf.id;
  const about = { contractId, resultKey, claimant: new Uint8Array() };
  const known = results.find((result) => equalBytes(resultKeyOf(result), resultKey));
  const claimed = { chainId: topId, line: levels, carrier };
  if (known === undefined) {
    // What its holder has given up by a recorded close is not his to claim, and anybody could slash it.
    if (own.closedUnder !== undefined) return [];
    const room = height < claimsEnd ? undefined : findRoom(line, results, height);
    if (room === undefined) return [];
    const terms = { script: own.script ?? TRUE_SCRIPT, state: signed, scriptSig: new Uint8Array() };
    const draft = draftClaim({ ...claimed, ...terms });
    const words = "What stood in the way of your contract is removed. You can claim it now.";
    const id = `lateClaim:${key}`;
    const openTo = room.removal?.openTo;
    return [
      { ...about, id, kind: "lateClaim", words, draft: { kind: "claim", draft, line }, openTo },
    ];
  }
  if (known.removal !== undefined) {
    if (!isUndoing(known, shown, height)) return [];
    const draft = draftImprovement(claimed);
    const words = "Your line was removed by a close that came after the contract was sealed.";
    const { openTo } = known.removal;
    const id = `undo:${key}`;
    return [{ ...about, id, kind: "undo", words, draft: { kind: "claim", draft, line }, openTo }];
  }
  const cases: Case[] = [];
  const { stateNonce } = known.run;
  const isOlder = signed !== undefined && signed.state.nonce > stateNonce;
  if (isOlder && !lastLeaf(known.line).sealed && known.ownerMoves > 0) {
    const draft = draftMove({
      chainId: topId,
      leaves: leavesOf(known.line),
      side: "owner",
      terms: { kind: "state", state: signed },
      scriptSig: new Uint8Array(),
      carrier,
    });
    const newest = signed.state.nonce;
    const words = `Your contract stands with its terms number ${stateNonce}. Both of you have signed number ${newest}.`;
    const id = `state:${key}:${newest}`;
    cases.push({
      ...about,
      id,
      kind: "state",
      words,
      draft: { kind: "move", draft },
      openTo: undefined,
    });
  }
  const isEarlier = known.line.some(
    ({ rank }, level) => compareRanks((shown[level] ?? known.line[0]).rank, rank) < 0,
  );
  if (isEarlier) {
    const draft = draftImprovement(claimed);
    const words = "Your claim stands at a later place than your proofs can show it at.";
    const id = `improve:${key}`;
    cases.push({
      ...about,
      id,
      kind: "improve",
      words,
      draft: { kind: "claim", draft, line },
      openTo: undefined,
    });
  }
  return cases;
}

/** The removed result whose successor the line is, or goes through, while that may still be claimed. */
function findRoom(
  { shown }: OwnLine,
  results: readonly ResultRecord[],
  height: number,
): ResultRecord | undefined {
  return results.find((result) => {
    if (result.removal === undefined || height > result.removal.openTo) return false;
    const successor = successorLine(result);
    return successor !== undefined && goesThrough(shown, successor);
  });
}
