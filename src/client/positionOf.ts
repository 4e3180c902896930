import { formatHex } from "../lib/hex.ts";
import type { TrackedChain } from "./chainTracker.ts";
import { findBookByCondition } from "./orders/offeredBooks.ts";
import type { OwnLeaf } from "./ownLeaves.ts";

/** The ids of all own contracts of the same bet as `own`, on one outcome: a position is the pair on both ranges. */
export function positionOf(chain: TrackedChain, own: OwnLeaf): Uint8Array[] {
  const betOf = (contract: OwnLeaf): string | undefined => {
    for (const { hash } of contract.place.conditions) {
      const offered = findBookByCondition(chain.followed.markets, hash);
      if (offered !== undefined) return offered.id;
      const facts = chain.book.conditions.get(formatHex(hash))?.facts ?? [];
      const oracle = facts.find(({ kind }) => kind === "oracle");
      if (oracle !== undefined) return formatHex(oracle.key);
    }
    return undefined;
  };
  const bet = betOf(own);
  if (bet === undefined) return [own.leaf.id];
  const side = own.place.conditions[0]?.side;
  const pair = [...chain.book.own.values()].filter(
    (each) =>
      chain.book.live.has(formatHex(each.leaf.id)) &&
      each.madeIn === own.madeIn &&
      betOf(each) === bet &&
      each.place.conditions[0]?.side === side,
  );
  return pair.map(({ leaf }) => leaf.id);
}
