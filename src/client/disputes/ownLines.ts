import { verifyAnchoredProof } from "../../blocks/anchoredProof.ts";
import type { AnchoredChain, Lineage } from "../../blocks/lineage.ts";
import { computeResultKey } from "../../chain/settlement/line.ts";
import type { ShownLeaf, ShownLine } from "../../chain/settlement/shownLine.ts";
import { formatHex } from "../../lib/hex.ts";
import { insist, judge, type Verdict } from "../../lib/verdict.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import type { Rules } from "../../protocol/rules.ts";
import type { ChainTracker, TrackedChain } from "../chainTracker.ts";
import type { OwnLeaf } from "../ownLeaves.ts";
import { createLine, type OwnLevel } from "../ownProof.ts";

/**
 * The line down to an own contract as it would be claimed now: from the on-chain chain `topId` that holds the prize, with the
 * places that its proofs show its leaves at. `script`: of its last leaf, unless that is the constant true.
 */
export type OwnLine = {
  readonly own: Pick<OwnLeaf, "leaf" | "script" | "closedUnder">;
  readonly topId: Uint8Array;
  readonly levels: readonly OwnLevel[];
  readonly shown: ShownLine;
  readonly resultKey: Uint8Array;
};

/** A chain and those above it, as the rules know them. @param chains - the one on the main chain first. */
export function lineageOfChains(chains: readonly TrackedChain[]): Lineage {
  const [first, ...rest] = chains.map(({ followed }): AnchoredChain => {
    return { ...followed.facts, anchor: followed.nested?.anchor ?? { kind: "mainChain" } };
  });
  return [first as AnchoredChain, ...rest];
}

/**
 * The line down to an own contract, held or given up since; refuses while no record stands over a part of it.
 *
 * @param depth - how many of the chains from the top down have ended.
 */
export function findOwnLine(
  chain: TrackedChain,
  own: OwnLeaf,
  top: { readonly chainId: Uint8Array; readonly depth: number },
  tracker: Pick<ChainTracker, "withAncestors">,
  rules: Rules,
): Verdict<OwnLine> {
  return judge(() => {
    const chains = tracker.withAncestors(chain);
    const levels = insist(createLine(chains, own));
    const shown = levels.map(({ leaf, proof, record }, level): ShownLeaf => {
      const lineage = lineageOfChains(chains.slice(0, level + 1));
      const { rank } = insist(verifyAnchoredProof(proof, lineage, record, rules));
      return { leaf, rank };
    });
    const [first, ...rest] = shown.slice(top.depth);
    const leaves = levels.slice(top.depth).map(({ leaf }) => leaf);
    return {
      own,
      topId: top.chainId,
      levels: levels.slice(top.depth),
      shown: [first as ShownLeaf, ...rest],
      resultKey: computeResultKey(top.chainId, leaves),
    };
  });
}

/** The sealed leaves that the chains below the first are made of, as far as they are kept. @param chains - the top one first. */
export function listSealed(chains: readonly TrackedChain[]): Leaf[] {
  return chains.slice(0, -1).flatMap(({ book }, level) => {
    const inside = chains[level + 1]?.followed.facts.id ?? new Uint8Array();
    return book.inside.get(formatHex(inside))?.leaf ?? [];
  });
}
