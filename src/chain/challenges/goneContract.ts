import type { AnchoredState } from "../../blocks/anchoredProof.ts";
import { demand, judge, type Verdict } from "../../lib/verdict.ts";
import { areApart } from "../../protocol/place.ts";
import type { ProvenCell } from "../../space/proof.ts";
import type { FoundCell } from "../../space/tree.ts";
import { isSameContract } from "../settlement/shownLine.ts";
import type { ShownState } from "./challengeMessages.ts";

/** Whether what was met in the later state says that the contract does not stand there. */
export function judgeGone(contract: ProvenCell, { place, found }: FoundCell): Verdict<null> {
  return judge(() => {
    demand(
      found.kind !== "branch",
      "SIDE_MISSING",
      "the path ends at a condition whose side was not named",
    );
    demand(
      !areApart(contract.place, place),
      "OTHER_SIDE",
      "what was looked at stands on another side of a condition than the contract",
    );
    demand(
      found.kind === "free" || !isSameContract(found.leaf, contract.leaf),
      "STILL_STANDS",
      "the contract still stands in the later state",
    );
    return null;
  });
}

type Shown = readonly [ShownState, AnchoredState];

/**
 * Whether the second state comes after the first in the chain. An honest chain has one block at each height. Who lies
 * about heights is caught by his later post: its block was posted after.
 */
export function isLater([first, a]: Shown, [second, b]: Shown): boolean {
  if (b.header.height > a.header.height) return true;
  const isSamePlace =
    first.hops.length > 0
      ? second.hops.length > 0
      : second.hops.length === 0 && first.isSwitched === second.isSwitched;
  const postA = a.posts.at(-1)?.sequence ?? first.sequence;
  const postB = b.posts.at(-1)?.sequence ?? second.sequence;
  if (!isSamePlace || postB < postA) return false;
  return postB > postA ? second.headers.length === 1 : second.headers.length < first.headers.length;
}
