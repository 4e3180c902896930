import type { CloseProof, ShownClose } from "../../blocks/closeProof.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../blocks/transaction.ts";
import { assert } from "../../lib/assert.ts";
import { formatHex } from "../../lib/hex.ts";
import { proveItem } from "../../lib/merkleList.ts";
import { insist, judge, type Verdict } from "../../lib/verdict.ts";
import type { BlockHeader } from "../../protocol/blockHeader.ts";
import { type Condition, hashCondition } from "../../protocol/condition.ts";
import type { Place } from "../../protocol/place.ts";
import {
  createTouchSet,
  findLeaf,
  leavesWithin,
  pruneTree,
  type SpaceTree,
  type TouchSet,
} from "../../space/tree.ts";
import { encodeWitness } from "../../space/witness.ts";

/** A state as a close proof is made from it: the posts' root, and the tree, whole or what a block's witness holds. */
export type ProvableState = { readonly rootsRoot: Uint8Array; readonly tree: SpaceTree };

/**
 * What a close proof is made from, by whoever has checked the block.
 *
 * - `run`: headers after the post before, up to post number `sequence`. - `at`: the close's block in it.
 * - `before`: header of the post before, if there is one.
 * - `transactions`: that block's. - `close`: the index of the close among them.
 * - `conditions`: bodies at hand; those that the successors need are taken.
 */
export type CloseProofSource = {
  readonly sequence: number;
  readonly before: BlockHeader | undefined;
  readonly run: readonly BlockHeader[];
  readonly at: number;
  readonly transactions: readonly BlockTransaction[];
  readonly close: number;
  readonly conditions: readonly Condition[];
  readonly stateBefore: ProvableState;
  readonly stateAfter: ProvableState;
};

/**
 * Build the proof that `verifyCloseProof` takes. Refuses where the trees do not hold what must be shown,
 * as a lying operator's may not.
 */
export function buildCloseProof(source: CloseProofSource): Verdict<CloseProof> {
  return judge(() => {
    const transaction = source.transactions[source.close];
    assert(transaction?.kind === "contract-close", "the transaction to be shown is a close");
    const { place, authorisation } = transaction.close;
    const successors = authorisation.kind === "exact" ? authorisation.close.successors : [];
    const outside = successors
      .map((successor) => successor.place)
      .filter(({ lo, hi }) => lo < place.lo || hi > place.hi);
    const standing = new Set<string>();
    const before = prune(source.stateBefore, (tree, touched) => {
      insist(findLeaf(tree, place, touched));
      for (const { lo, hi } of outside) {
        for (const { id } of insist(leavesWithin(tree, { lo, hi, conditions: [] }, touched))) {
          standing.add(formatHex(id));
        }
      }
    });
    const after = prune(source.stateAfter, (tree, touched) => {
      insist(leavesWithin(tree, place, touched));
      for (const successor of successors) insist(findLeaf(tree, successor.place, touched));
    });
    const encoded = source.transactions.map(encodeBlockTransaction);
    const show = (index: number): ShownClose => ({
      transaction: encoded[index] as Uint8Array,
      proof: proveItem(encoded, index),
    });
    const others = source.transactions.flatMap((other, index) =>
      other.kind === "contract-close" && standing.has(formatHex(other.close.contractId))
        ? [show(index)]
        : [],
    );
    const { sequence, run, at } = source;
    return {
      sequence,
      before: source.before,
      run,
      at,
      close: show(source.close),
      others,
      conditions: selectConditions(place, successors, source.conditions),
      stateBefore: before,
      stateAfter: after,
    };
  });
}

function prune(state: ProvableState, look: (tree: SpaceTree, touched: TouchSet) => void) {
  const touched = createTouchSet();
  look(state.tree, touched);
  return { rootsRoot: state.rootsRoot, witness: encodeWitness(pruneTree(state.tree, touched)) };
}

/** Bodies of the conditions that successors stand under beyond the closed contract's own, each once. */
function selectConditions(
  closed: Place,
  successors: readonly { readonly place: Place }[],
  bodies: readonly Condition[],
): Condition[] {
  const own = new Set(closed.conditions.map(({ hash }) => formatHex(hash)));
  const fresh = new Set(
    successors
      .flatMap(({ place }) => place.conditions.map(({ hash }) => formatHex(hash)))
      .filter((hash) => !own.has(hash)),
  );
  const known = new Map(bodies.map((body) => [formatHex(hashCondition(body)), body]));
  return [...fresh].flatMap((hash) => known.get(hash) ?? []);
}
