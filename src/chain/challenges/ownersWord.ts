import { judgeExactAuthority } from "../../blocks/applyTransactions.ts";
import type { ShownTransaction } from "../../blocks/closeProof.ts";
import { isSignedFill } from "../../blocks/judgeMatch.ts";
import { judgeFill } from "../../market/judgeFill.ts";
import { isOfYes, placeOf } from "../../market/piece.ts";
import type { BlockHeader } from "../../protocol/blockHeader.ts";
import { isSamePlace } from "../../protocol/place.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { OpenChallenge } from "./challengeRecord.ts";

/**
 * Whether a shown close, or one order of a match, is the owner's word to give up the contract challenged.
 *
 * @param header - of the block that holds it.
 */
export function isOwnersWord(
  shown: ShownTransaction,
  { leaf, conditions }: Pick<OpenChallenge, "leaf" | "conditions">,
  { previousHash }: Pick<BlockHeader, "previousHash">,
  rules: Rules,
): boolean {
  if (shown.kind === "contract-close") {
    return judgeExactAuthority(shown.close, leaf, { rules, previousHash, mainHeight: 0 }).ok;
  }
  const { match } = shown;
  const place = { lo: leaf.lo, hi: leaf.hi, conditions };
  return match.fills.some((fill) => {
    const used = judgeFill(fill, match.price);
    const isYes = isOfYes(fill.terms.side);
    return (
      used.ok &&
      used.value.some((piece) => isSamePlace(place, placeOf(match.market, isYes, piece))) &&
      isSignedFill(match, fill, leaf.owner, { rules, previousHash })
    );
  });
}
