import { equalBytes } from "../lib/bytes.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import type { PostPlace } from "../protocol/anchor.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { computePostKey } from "../protocol/post.ts";
import { computeSwitchedPostKey } from "../protocol/switch.ts";
import type { ChainFacts } from "./applyTransactions.ts";

/** A chain, and where its posts stand: the main chain, or a chain above it. */
export type AnchoredChain = ChainFacts & { readonly anchor: PostPlace };

/** A chain and all that it is inside of, from the one that the main chain made down to itself. */
export type Lineage = readonly [AnchoredChain, ...AnchoredChain[]];

/**
 * The lineage of the chain that a sealed leaf is: its owner is the operator. No id comes twice, so an anchor
 * names one chain.
 */
export function descend(lineage: Lineage, leaf: Leaf): Verdict<Lineage> {
  return judge(() => {
    const { id, owner: operator, lo, hi, anchor } = leaf;
    if (anchor.kind === "none") {
      throw new Refusal("NOT_SEALED", "a contract that is not sealed is no chain");
    }
    demand(
      lineage.every((above) => !equalBytes(above.id, id)),
      "REPEATED_ID",
      "a contract has the id of a chain that it is inside of",
    );
    return [...lineage, { id, operator, lo, hi, expiry: lineage[0].expiry, anchor }];
  });
}

/** The lineage of the chain that the last of sealed leaves is, each in the chain that the one before is. */
export function descendAll(lineage: Lineage, leaves: readonly Leaf[]): Verdict<Lineage> {
  return judge(() => leaves.reduce((below, leaf) => insist(descend(below, leaf)), lineage));
}

/**
 * The chains that the posts of a lineage's last chain go through: the top chain, whose posts are
 * records, first, itself last.
 */
function findPostPath(lineage: Lineage): Verdict<Lineage> {
  return judge(() => {
    let at = lineage.length - 1;
    let path: Lineage = [lineage[at] as AnchoredChain];
    for (;;) {
      const { anchor } = path[0];
      if (anchor.kind === "mainChain") return path;
      at = lineage.findIndex(({ id }, index) => index < at && equalBytes(id, anchor.id));
      const above = lineage[at];
      if (above === undefined) {
        throw new Refusal("ANCHOR_NOT_ABOVE", "a chain posts in one that it is not inside of");
      }
      path = [above, ...path];
    }
  });
}

/**
 * The chains that an entry of a lineage's last chain goes through, whose record on the main chain is so many
 * hops above it: the chain of that record first. It is where the anchors lead to, or one on the way there that has
 * switched to the main chain.
 */
export function findRecordPath(lineage: Lineage, hops: number): Verdict<Lineage> {
  return judge(() => {
    const path = insist(findPostPath(lineage));
    const [top, ...below] = path.slice(path.length - 1 - hops);
    if (top === undefined || hops >= path.length) {
      throw new Refusal("TOO_MANY_HOPS", `no chain is anchored ${hops} hops above this one`);
    }
    return [top, ...below];
  });
}

/** The key in the main chain's existence map of the post of a chain whose posts stand there itself. */
export function computeRecordKey(top: AnchoredChain, sequence: number): Uint8Array {
  const computeKey = top.anchor.kind === "mainChain" ? computePostKey : computeSwitchedPostKey;
  return computeKey(top.operator, top.id, sequence);
}
