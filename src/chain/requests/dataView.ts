import type { Payout } from "../settlement/settlementEffect.ts";
import type { SettlementView } from "../settlement/settlementView.ts";
import type { DataRecord } from "./dataRecord.ts";
import type { DataTarget } from "./dataTarget.ts";

/** What judging requests and answers reads of the main chain; a wallet gives it from records it has proven. */
export type RequestView = Pick<
  SettlementView,
  "rules" | "height" | "chain" | "existence" | "switched" | "data"
>;

/**
 * What a request, an answer or a slash does, as data, so that a wallet can rehearse it.
 *
 * - `charge`: satoshi that the sender puts down, the miner's part among them. - `minerFee`: satoshi for the block's
 *   miner beside the transaction's own fee. - `pay`: what goes back.
 * - `target`, `record`: what is kept of the chain's requests from now on.
 * - `answered`: hash of the sortition-block that now stands on the main chain. - `shownKey`: `computeShownKey` of a
 *   leaf that does.
 */
export type DataEffect = {
  readonly charge: bigint;
  readonly minerFee: bigint;
  readonly pay: readonly Payout[];
  readonly target: DataTarget;
  readonly record: DataRecord;
  readonly answered: Uint8Array | undefined;
  readonly shownKey: Uint8Array | undefined;
};
