import type { ContractNew } from "../protocol/contractNew.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Place } from "../protocol/place.ts";

/** What a contract becomes that is given to another owner: the same in everything else. */
export function createHandOver(leaf: Leaf, place: Place, owner: Uint8Array): ContractNew {
  return { place, owner, depositBps: leaf.depositBps, scriptHash: leaf.scriptHash };
}
