import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { TRUE_SCRIPT_HASH } from "../../protocol/script.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import type { LiveContract } from "../standing.ts";

/** Plain space: no conditions, and the constant true as its script. */
export function isCash({ leaf, place }: LiveContract): boolean {
  return place.conditions.length === 0 && equalBytes(leaf.scriptHash, TRUE_SCRIPT_HASH);
}

/** A contract that stands in a chain, if it is plain space. */
export function findCash(chain: TrackedChain, id: Uint8Array): LiveContract | undefined {
  const contract = chain.book.live.get(formatHex(id));
  return contract !== undefined && isCash(contract) ? contract : undefined;
}

/** The first own contract that stands in a chain and is the one looked for. */
export function findOwn(chain: TrackedChain, isIt: (own: OwnLeaf) => boolean): OwnLeaf | undefined {
  for (const [id, own] of chain.book.own) {
    if (chain.book.live.has(id) && isIt(own)) return own;
  }
  return undefined;
}
