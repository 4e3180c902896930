import type { PostingChain } from "../blocks/hops.ts";
import { computeSwitchKey, readSwitchRecord, type SwitchRecord } from "../protocol/switch.ts";
import type { MainChain } from "./mainChain.ts";

/**
 * That a chain has switched to the main chain.
 *
 * - `anchored`: how many entries its anchor shows of it below the height of that; undefined while not every record
 *   of the anchor below it is read.
 */
export type Switched = { readonly record: SwitchRecord; readonly anchored: number | undefined };

/** Whether a chain that was sealed to post in another has switched to the main chain; undefined where it is proven that not. */
export function readSwitch(
  mainChain: Pick<MainChain, "read">,
  { id, operator }: PostingChain,
): Promise<SwitchRecord | undefined> {
  return mainChain.read("existence", computeSwitchKey(operator, id), readSwitchRecord);
}
