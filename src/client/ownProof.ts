import type { AnchoredProof } from "../blocks/anchoredProof.ts";
import { computeShownKey } from "../chain/requests/dataTarget.ts";
import type { ClaimLevel } from "../chain/settlement/draftClaim.ts";
import { formatHex } from "../lib/hex.ts";
import { judge, Refusal, type Verdict } from "../lib/verdict.ts";
import type { ExistenceRecord } from "../protocol/post.ts";
import type { ChainBook } from "./chainBook.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import type { FollowedChain } from "./rows.ts";

/**
 * The anchored proof of a kept leaf at its best rank: in the block that made it, under the first
 * record after. Undefined while no record stands over that block.
 */
export function createAnchoredProof(own: OwnLeaf): AnchoredProof | undefined {
  const { post, headers, rootsRoot, path } = own;
  return post && { sequence: post.top.sequence, hops: post.hops, headers, rootsRoot, path };
}

/**
 * A level of a line, with the main-chain record that its proof begins at and its key, and the key under which
 * the leaf stands if an answer has shown it.
 */
export type OwnLevel = ClaimLevel & {
  readonly record: ExistenceRecord;
  readonly recordKey: Uint8Array;
  readonly shownKey: Uint8Array;
};

/**
 * The line down to an own leaf, from what was kept as the blocks were checked: nobody is asked for anything.
 *
 * @param chains - those that the leaf is inside of, the one on the main chain first, its own last.
 */
export function createLine(
  chains: readonly { readonly followed: FollowedChain; readonly book: ChainBook }[],
  own: OwnLeaf,
): Verdict<OwnLevel[]> {
  const topId = chains[0]?.followed.facts.id ?? new Uint8Array();
  return judge(() =>
    chains.map(({ followed, book }, level) => {
      const inside = chains[level + 1]?.followed.facts.id;
      const kept = inside === undefined ? own : book.inside.get(formatHex(inside));
      const proof = kept && createAnchoredProof(kept);
      const post = kept?.post;
      if (kept === undefined || proof === undefined || post === undefined) {
        throw new Refusal("NOT_POSTED", "no record on the main chain stands over this contract");
      }
      const { leaf, place } = kept;
      const conditions = place.conditions.flatMap(
        ({ hash }) => book.conditions.get(formatHex(hash)) ?? [],
      );
      const { id: chainId, operator } = followed.facts;
      const shownKey = computeShownKey({ topId, chainId, operator }, post.sequence, leaf);
      const record = { ...post.record, hash: post.top.hash };
      return { leaf, proof, conditions, record, recordKey: post.top.key, shownKey };
    }),
  );
}
