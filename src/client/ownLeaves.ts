import type { SortitionBlock } from "../blocks/block.ts";
import { postMapRoot } from "../blocks/postMap.ts";
import type { ValidBlock } from "../blocks/validateBlock.ts";
import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { otherSide } from "../market/redemption.ts";
import type { BlockHeader } from "../protocol/blockHeader.ts";
import type { Place } from "../protocol/place.ts";
import { hashScript } from "../protocol/script.ts";
import { proveLeaf } from "../space/proof.ts";
import { isFree, type SpaceTree } from "../space/tree.ts";
import type { CheckedPost } from "./checkedPost.ts";
import type { EntryPlace } from "./historyEnd.ts";
import { type LiveContract, meets } from "./standing.ts";

/**
 * A leaf that is kept with all that proves it: taken from the block that made it, while its tree is open.
 *
 * - `path`: single proof of the leaf in the state after its block; `rootsRoot`: that state's other half.
 * - `script`: the body of its script, unless that is the constant true.
 * - `isOtherSideFree`: nothing stands on the other side of its last condition.
 * - `headers`: from its block to the posted one; `post`: the first entry over it. None until it is recorded.
 * - `closedIn`: the block that closed it. `closedUnder`: the entry over that block.
 * - `cost`: satoshi that its owner gave for it, where a match of orders made it.
 */
export type OwnLeaf = LiveContract & {
  readonly path: Uint8Array;
  readonly rootsRoot: Uint8Array;
  readonly script: Uint8Array | undefined;
  readonly isOtherSideFree: boolean;
  readonly headers: readonly BlockHeader[];
  readonly post: CheckedPost | undefined;
  readonly closedIn: number | undefined;
  readonly closedUnder: EntryPlace | undefined;
  readonly cost: bigint | undefined;
};

/** Own leaves kept in one chain. Anybody may give a contract to anybody, so this is bounded, too. */
const OWN_MAX = 1_024;

/**
 * The kept leaves after a block: with their proofs those it made, and what it did to the others.
 *
 * @param costs - what was given for leaves that matches made, by hex id.
 */
export function keepLeaves(
  before: ReadonlyMap<string, OwnLeaf>,
  made: readonly LiveContract[],
  { scripts, header }: SortitionBlock,
  { tree, posts, ...changes }: ValidBlock["effects"],
  costs: ReadonlyMap<string, bigint>,
): ReadonlyMap<string, OwnLeaf> {
  const touched = [...changes.made, ...changes.closed, ...changes.sealed];
  const isTouched = ({ place }: OwnLeaf) => touched.some((change) => meets(change.place, place));
  if (made.length === 0 && ![...before.values()].some(isTouched)) return before;
  const kept = new Map(before);
  for (const { leaf } of changes.closed) {
    const id = formatHex(leaf.id);
    const own = kept.get(id);
    if (own !== undefined) kept.set(id, { ...own, closedIn: header.height });
  }
  for (const contract of made) {
    const path = proveLeaf(tree, contract.place);
    if (!path.ok) continue;
    const { leaf, place } = contract;
    const id = formatHex(leaf.id);
    kept.set(id, {
      ...contract,
      path: path.value,
      rootsRoot: postMapRoot(posts),
      script: scripts.find((script) => equalBytes(hashScript(script), leaf.scriptHash)),
      isOtherSideFree: isOtherSideFree(tree, place),
      headers: [],
      post: undefined,
      closedIn: undefined,
      closedUnder: undefined,
      cost: costs.get(id) ?? kept.get(id)?.cost,
    });
  }
  for (const [id, own] of kept) {
    if (own.madeIn === header.height || own.closedIn !== undefined || !isTouched(own)) continue;
    kept.set(id, { ...own, isOtherSideFree: isOtherSideFree(tree, own.place) });
  }
  return forgetOldest(kept);
}

/** What is closed longest goes first; while nothing is, what came last is not kept. */
function forgetOldest(kept: Map<string, OwnLeaf>): ReadonlyMap<string, OwnLeaf> {
  if (kept.size <= OWN_MAX) return kept;
  const closed = [...kept].filter(([, { closedIn }]) => closedIn !== undefined);
  const open = [...kept].filter(([, { closedIn }]) => closedIn === undefined).slice(0, OWN_MAX);
  return new Map([...closed.slice(closed.length + open.length - OWN_MAX), ...open]);
}

/** A block that touches a cell shows of it all that is free; a part that it leaves out is not. */
function isOtherSideFree(tree: SpaceTree, place: Place): boolean {
  if (place.conditions.length === 0) return false;
  const free = isFree(tree, otherSide(place));
  return free.ok && free.value;
}
