import type { DataTarget } from "../requests/dataTarget.ts";
import type { Payout } from "../settlement/settlementEffect.ts";
import type { SettlementView } from "../settlement/settlementView.ts";
import type { ChallengeRecord } from "./challengeRecord.ts";

/** What judging challenges and their answers reads of the main chain; a wallet gives it from records it has proven. */
export type ChallengeView = Pick<
  SettlementView,
  "rules" | "height" | "gas" | "chain" | "existence" | "switched" | "fact" | "data" | "challenges"
>;

/**
 * What a challenge, an answer or a timeout does, as data, so that a wallet can rehearse it.
 *
 * - `charge`: satoshi that the sender puts down, the miner's part among them. - `minerFee`: satoshi for the block's
 *   miner beside the transaction's own fee. - `pay`: what goes back.
 * - `target`, `record`: what is kept of the challenges to a chain from now on.
 */
export type ChallengeEffect = {
  readonly charge: bigint;
  readonly minerFee: bigint;
  readonly pay: readonly Payout[];
  readonly target: DataTarget;
  readonly record: ChallengeRecord;
};
