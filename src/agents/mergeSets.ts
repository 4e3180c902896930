import type { TrackedChain } from "../client/chainTracker.ts";
import type { OwnLeaf } from "../client/ownLeaves.ts";
import type { Wallet } from "../client/wallet.ts";
import { listOwn } from "./ownSpace.ts";

/**
 * Make cash of one full set of contracts that a wallet holds in a chain, such as both sides of one range: it pays the same
 * whatever the answer is, and as cash it can be traded with. One at a time, as a block takes the closes of one set; sets that
 * are not recorded under enough confirmations wait.
 */
export async function mergeSet(wallet: Wallet, chain: TrackedChain): Promise<void> {
  for (const [first] of groupByRange(chain)) {
    if (first === undefined) continue;
    const merged = await wallet.merge(first.leaf.id);
    if (merged.ok || merged.code === "CLOSE_OPEN") return;
  }
}

/** Own contracts under conditions that stand over one range with others of them. */
function groupByRange(chain: TrackedChain): OwnLeaf[][] {
  const groups = new Map<string, OwnLeaf[]>();
  for (const own of listOwn(chain)) {
    if (own.place.conditions.length === 0) continue;
    const range = `${own.place.lo}:${own.place.hi}`;
    groups.set(range, [...(groups.get(range) ?? []), own]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}
