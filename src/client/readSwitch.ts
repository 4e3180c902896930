import type { PostingChain } from "../blocks/hops.ts";
import { computeSwitchKey, readSwitchRecord, type SwitchRecord } from "../protocol/switch.ts";
import type { MainChain } from "./mainChain.ts";

/** Whether a chain that was sealed to post in another has switched to the main chain; undefined where it is proven that not. */
export function readSwitch(
  mainChain: Pick<MainChain, "read">,
  { id, operator }: PostingChain,
): Promise<SwitchRecord | undefined> {
  return mainChain.read("existence", computeSwitchKey(operator, id), readSwitchRecord);
}
