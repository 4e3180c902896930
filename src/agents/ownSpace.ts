import type { TrackedChain } from "../client/chainTracker.ts";
import { isCash } from "../client/journeys/cash.ts";
import type { OwnLeaf } from "../client/ownLeaves.ts";
import type { Wallet } from "../client/wallet.ts";
import { equalBytes } from "../lib/bytes.ts";

/** The own contracts that stand in a chain. */
export function listOwn({ book }: TrackedChain): OwnLeaf[] {
  return [...book.own].flatMap(([id, own]) => (book.live.has(id) ? [own] : []));
}

/** Satoshi of plain space that stand in a chain. */
export function sumCash(chain: TrackedChain): bigint {
  const cash = listOwn(chain).filter(isCash);
  return cash.reduce((sum, { leaf }) => sum + leaf.hi - leaf.lo, 0n);
}

/** Purchases of space in a chain that are under way, and those that have come to their end. */
export function countPurchases(
  wallet: Wallet,
  { followed }: TrackedChain,
): { readonly open: number; readonly done: number } {
  let open = 0;
  let done = 0;
  for (const [, journey] of wallet.hands()?.journeys.list() ?? []) {
    if (journey.kind !== "purchase" || !equalBytes(journey.chainId, followed.facts.id)) continue;
    if (journey.state.kind === "open") open += 1;
    if (journey.state.kind === "done") done += 1;
  }
  return { open, done };
}

/**
 * Satoshi of space that were bought in a chain and are gone: neither cash, nor what was given for positions that are held. What
 * became cash of positions, for less than they cost, has lost that.
 */
export function sumLost(wallet: Wallet, chain: TrackedChain): bigint {
  let lost = 0n;
  for (const [, journey] of wallet.hands()?.journeys.list() ?? []) {
    if (journey.kind !== "purchase" || journey.state.kind !== "done") continue;
    if (!equalBytes(journey.chainId, chain.followed.facts.id)) continue;
    lost += journey.offer.hi - journey.offer.lo;
  }
  for (const { leaf, place, cost } of listOwn(chain)) {
    lost -= place.conditions.length === 0 ? leaf.hi - leaf.lo : (cost ?? 0n);
  }
  return lost > 0n ? lost : 0n;
}

/** What a program that trades buys to trade with: so many pieces, each so many satoshi wide. */
export type Stock = { readonly pieces: number; readonly width: bigint };

/** Purchases at once: an operator lets a buyer have few contracts that are not paid yet. */
const OPEN_MAX = 3;

/** Begin one purchase more, unless enough are under way. It never buys more than its stock. */
export async function buyStock(
  wallet: Wallet,
  chain: TrackedChain,
  { pieces, width }: Stock,
): Promise<void> {
  const { open, done } = countPurchases(wallet, chain);
  if (open < OPEN_MAX && open + done < pieces)
    await wallet.buySpace(chain.followed.facts.id, width);
}
