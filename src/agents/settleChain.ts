import { lastLeaf } from "../chain/settlement/shownLine.ts";
import type { TrackedChain } from "../client/chainTracker.ts";
import type { SettlementStatus } from "../client/settlementStatus.ts";
import type { Wallet } from "../client/wallet.ts";
import { equalBytes } from "../lib/bytes.ts";
import { listOwn } from "./ownSpace.ts";

/** Claim what the point of a drawn chain fell on, and end the chain as soon as that may be done. */
export async function settleChain(
  wallet: Wallet,
  chain: TrackedChain,
  { settled, point, results }: SettlementStatus,
): Promise<void> {
  const isWaiting = (wallet.hands()?.outbox.pendingCount() ?? 0) > 0;
  if (settled !== undefined || isWaiting) return;
  const won = listOwn(chain).filter(({ leaf }) => leaf.lo <= point && point < leaf.hi);
  const isClaimed = results.some(({ line }) =>
    won.some((own) => equalBytes(own.leaf.id, lastLeaf(line).id)),
  );
  if (isClaimed) await wallet.collect(chain.followed.facts.id);
  else for (const { leaf } of won) await wallet.claim(leaf.id);
}
