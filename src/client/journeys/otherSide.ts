import { formatHex } from "../../lib/hex.ts";
import { areBothSides } from "../../market/redemption.ts";
import type { TrackedChain } from "../chainTracker.ts";
import type { OwnLeaf } from "../ownLeaves.ts";

/** The own contract on the other side of the same condition over the same range, where there is one. */
export function findOtherSide({ book }: TrackedChain, own: OwnLeaf): OwnLeaf | undefined {
  return [...book.own.values()].find(
    (each) => book.live.has(formatHex(each.leaf.id)) && areBothSides(own.place, each.place),
  );
}
