import { CLOSES_MAX } from "../../api/operatorApi.ts";
import { formatHex } from "../../lib/hex.ts";
import { type FullSet, findFullSet } from "../../market/redemption.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { OwnLeaf } from "../ownLeaves.ts";

/** The full set of own contracts that stand over the same range, where this one is part of one. */
export function findOwnSet({ book }: TrackedChain, own: OwnLeaf): FullSet<OwnLeaf> | undefined {
  const held = [...book.own.values()].filter(
    ({ leaf }) => !leaf.sealed && book.live.has(formatHex(leaf.id)),
  );
  return findFullSet(own.place, held, CLOSES_MAX);
}
