import type { CloseProof, ShownClose } from "../../blocks/closeProof.ts";
import type { Hop } from "../../blocks/hops.ts";
import { placesOutside, successorsOf } from "../../blocks/successors.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../blocks/transaction.ts";
import { assert } from "../../lib/assert.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { proveItem } from "../../lib/merkleList.ts";
import { insist, judge, type Verdict } from "../../lib/verdict.ts";
import { judgeFill } from "../../market/judgeFill.ts";
import { isOfYes, placeOf } from "../../market/piece.ts";
import type { BlockHeader } from "../../protocol/blockHeader.ts";
import { type Condition, hashCondition } from "../../protocol/condition.ts";
import type { ContractClose } from "../../protocol/contractClose.ts";
import type { Fill, Match } from "../../protocol/match.ts";
import type { Piece } from "../../protocol/order.ts";
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
 * - `sequence`: of the top chain's post. - `hops`, `hopsBefore`: down to the chain's posted block under that
 *   post, and under the one before.
 * - `run`: headers after the chain's posted block before, up to the posted one. - `at`: the close's block in it.
 * - `before`: header of the posted block before, if there is one.
 * - `transactions`: that block's. - `close`: the index of the close among them.
 * - `conditions`: bodies at hand; those that the successors need are taken.
 */
export type CloseProofSource = {
  readonly sequence: number;
  readonly hops: readonly Hop[];
  readonly hopsBefore: readonly Hop[];
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
    assert(
      transaction?.kind === "contract-close" || transaction?.kind === "match",
      "the transaction to be shown is a close or a match",
    );
    const others =
      transaction.kind === "match" ? [] : insist(findOthers(source, transaction.close));
    const shown =
      transaction.kind === "match"
        ? [readMatchChange(transaction.match)]
        : [transaction.close, ...others.map(({ close }) => close)].map(readCloseChange);
    const before = prune(source.stateBefore, (tree, touched) => {
      for (const { closed, brought } of shown) {
        for (const place of closed) insist(findLeaf(tree, place, touched));
        for (const { lo, hi } of brought) {
          insist(leavesWithin(tree, { lo, hi, conditions: [] }, touched));
        }
      }
    });
    const after = prune(source.stateAfter, (tree, touched) => {
      for (const { closed, successors } of shown) {
        for (const place of closed) insist(leavesWithin(tree, place, touched));
        for (const place of successors) insist(findLeaf(tree, place, touched));
      }
    });
    const encoded = source.transactions.map(encodeBlockTransaction);
    const show = (index: number): ShownClose => ({
      transaction: encoded[index] as Uint8Array,
      proof: proveItem(encoded, index),
    });
    const { sequence, hops, hopsBefore, run, at } = source;
    return {
      sequence,
      hops,
      hopsBefore,
      before: source.before,
      run,
      at,
      close: show(source.close),
      others: others.map(({ index }) => show(index)),
      conditions: selectConditions(shown, source.conditions),
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

type IndexedClose = { readonly index: number; readonly close: ContractClose };

/** Closes of the block that give up what `first` takes outside its own range, and so on from theirs. */
function findOthers(source: CloseProofSource, first: ContractClose): Verdict<IndexedClose[]> {
  return judge(() => {
    const closes = source.transactions.flatMap((transaction, index) =>
      transaction.kind === "contract-close" && index !== source.close
        ? [{ index, close: transaction.close }]
        : [],
    );
    const found = new Set<IndexedClose>();
    const visit = (close: ContractClose): void => {
      for (const { lo, hi } of placesOutside(close)) {
        const range = { lo, hi, conditions: [] };
        const standing = insist(leavesWithin(source.stateBefore.tree, range));
        for (const other of closes) {
          const gives = standing.some(({ id }) => equalBytes(id, other.close.contractId));
          if (!gives || found.has(other)) continue;
          found.add(other);
          visit(other.close);
        }
      }
    };
    visit(first);
    return [...found];
  });
}

/** The places that a shown transaction closes, makes, and takes from others, and the conditions it puts space under. */
type ShownChange = {
  readonly closed: readonly Place[];
  readonly successors: readonly Place[];
  readonly brought: readonly Place[];
  readonly conditions: readonly Uint8Array[];
};

function readCloseChange(close: ContractClose): ShownChange {
  const own = new Set(close.place.conditions.map(({ hash }) => formatHex(hash)));
  const successors = successorsOf(close).map(({ place }) => place);
  const conditions = successors
    .flatMap((place) => place.conditions.map(({ hash }) => hash))
    .filter((hash) => !own.has(formatHex(hash)));
  return { closed: [close.place], successors, brought: placesOutside(close), conditions };
}

function readMatchChange({ market, price, fills }: Match): ShownChange {
  const places = (pick: (fill: Fill) => readonly Piece[]) =>
    fills.flatMap((fill) =>
      pick(fill).map((piece) => placeOf(market, isOfYes(fill.terms.side), piece)),
    );
  return {
    closed: places((fill) => insist(judgeFill(fill, price))),
    successors: places(({ pieces }) => pieces),
    brought: [],
    conditions: [market.refund, market.win],
  };
}

/** Bodies of the conditions that a shown transaction puts space under, each once. */
function selectConditions(
  shown: readonly ShownChange[],
  bodies: readonly Condition[],
): Condition[] {
  const fresh = new Set(shown.flatMap(({ conditions }) => conditions.map(formatHex)));
  const known = new Map(bodies.map((body) => [formatHex(hashCondition(body)), body]));
  return [...fresh].flatMap((hash) => known.get(hash) ?? []);
}
