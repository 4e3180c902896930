import { demand, insist, judge, type Verdict } from "../../lib/verdict.ts";
import type { ChallengeTimeout } from "./challengeMessages.ts";
import { findLost } from "./challengeRecord.ts";
import type { ChallengeEffect, ChallengeView } from "./challengeView.ts";
import { findChallenge } from "./judgeChallengeResponse.ts";

/**
 * Judge the end of a challenge that nobody has answered. The challenger gets his deposit back, and it stays on record that
 * the operator's share is lost; the challenger's part of that comes when it falls due.
 *
 * @see docs/PROTOCOL.md section 6, double sales
 */
export function judgeChallengeTimeout(
  { target, challengeId }: ChallengeTimeout,
  view: Pick<ChallengeView, "height" | "challenges">,
): Verdict<ChallengeEffect> {
  return judge(() => {
    const record = view.challenges(target);
    const challenge = insist(findChallenge(record.open, challengeId));
    const { challenger, deposit, due } = challenge;
    demand(
      view.height > due,
      "TOO_EARLY",
      `an answer may come up to height ${due}, got ${view.height}`,
    );
    return {
      charge: 0n,
      minerFee: 0n,
      pay: [{ to: challenger, amount: deposit }],
      target,
      record: {
        open: record.open.filter((open) => open !== challenge),
        lost: findLost(record, view.height),
      },
    };
  });
}
