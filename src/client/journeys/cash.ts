import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { TRUE_SCRIPT_HASH } from "../../protocol/script.ts";
import { findSettled } from "../buried.ts";
import type { ChainBook } from "../chainBook.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { MainChain } from "../mainChain.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import { isFrozen, type LiveContract } from "../standing.ts";

/** Plain space: no conditions, and the constant true as its script. */
export function isCash({ leaf, place }: LiveContract): boolean {
  return place.conditions.length === 0 && equalBytes(leaf.scriptHash, TRUE_SCRIPT_HASH);
}

/** A contract that stands in a chain for certain, if it is plain space. */
export function findCash(
  chain: TrackedChain,
  mainChain: MainChain,
  id: Uint8Array,
): LiveContract | undefined {
  const contract = chain.book.live.get(formatHex(id));
  if (contract === undefined || !isCash(contract)) return undefined;
  if (isFrozen(chain.book.frozen, contract.place)) return undefined;
  return contract.leaf.madeIn <= findSettled(chain, mainChain) ? contract : undefined;
}

/** The own contracts that stand in a chain, and can be traded there. */
export function listTradable({
  own,
  live,
  frozen,
}: Pick<ChainBook, "own" | "live" | "frozen">): OwnLeaf[] {
  return [...own].flatMap(([id, each]) =>
    live.has(id) && !isFrozen(frozen, each.place) ? [each] : [],
  );
}

/** The first own contract that stands in a chain and is the one looked for. */
export function findOwn(chain: TrackedChain, isIt: (own: OwnLeaf) => boolean): OwnLeaf | undefined {
  for (const [id, own] of chain.book.own) {
    if (chain.book.live.has(id) && isIt(own)) return own;
  }
  return undefined;
}
