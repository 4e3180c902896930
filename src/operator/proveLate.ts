import { listBetConditions } from "../blocks/betOracles.ts";
import { decodeBlock, type SortitionBlock } from "../blocks/block.ts";
import type { PostedClose, ShownTransaction } from "../blocks/closeProof.ts";
import { placesOutside, successorsOf } from "../blocks/successors.ts";
import type { ChallengeAnswer, NamedSpace } from "../chain/challenges/challengeMessages.ts";
import type { OpenChallenge } from "../chain/challenges/challengeRecord.ts";
import { placesClosed } from "../chain/challenges/judgeLateAnswer.ts";
import { assert } from "../lib/assert.ts";
import { formatHex } from "../lib/hex.ts";
import { insist } from "../lib/verdict.ts";
import type { Condition } from "../protocol/condition.ts";
import { areApart, isSamePlace, type Place } from "../protocol/place.ts";
import type { LateSpace } from "../protocol/recordSeen.ts";
import { createTouchSet, findLeaf, pruneTree } from "../space/tree.ts";
import { decodeWitness, encodeWitness } from "../space/witness.ts";
import type { EngineState } from "./engine/engineState.ts";
import { type OwnRows, readBlock, readOwnRun, showTransaction } from "./ownBlocks.ts";

/**
 * Why a contract was swept: the close that came too late in its place, with the run of our blocks it stands in. Undefined while the
 * post over it is not recorded for good.
 */
export async function proveLate(
  state: EngineState,
  store: OwnRows,
  { leaf, conditions }: OpenChallenge,
  space: NamedSpace | undefined,
): Promise<(ChallengeAnswer & { kind: "late" }) | undefined> {
  const place = { lo: leaf.lo, hi: leaf.hi, conditions };
  const late = state.judged.late.find(
    (each) => each.since <= leaf.madeIn && !areApart(each.place, place),
  );
  const placed = late && (await readOwnRun(state, store, late.since));
  if (late === undefined || placed === undefined) return undefined;
  const block = insist(decodeBlock(await readBlock(store, late.since)));
  const [index, ...others] = findLateCloses(block, late);
  assert(index !== undefined, `our block ${late.since} closed what it made late`);
  const { run, at, before } = placed;
  const { sequence, isSwitched, path, hops, hopsBefore } = placed.entry;
  const posted: PostedClose = {
    sequence,
    hops,
    hopsBefore,
    before,
    run,
    at,
    close: showTransaction(block, index),
    others: others.map((other) => showTransaction(block, other)),
    conditions: listConditions(
      [index, ...others].map((each) => block.transactions[each] as ShownTransaction),
      state,
    ),
    stateBefore: showBefore(block, late.place, state),
  };
  return { kind: "late", isSwitched, path, space, posted };
}

/** The transaction that closed what stood on a late space, then those whose space it takes, and so on from these. */
function findLateCloses({ transactions }: SortitionBlock, { place }: LateSpace): number[] {
  const timed = transactions.flatMap((transaction, index) => {
    const isExact =
      transaction.kind === "contract-close" && transaction.close.authorisation.kind === "exact";
    return transaction.kind === "match" || isExact ? [{ index, transaction }] : [];
  });
  const first = timed.find(({ transaction }) =>
    placesClosed(transaction).some((closed) => isSamePlace(closed, place)),
  );
  const found = new Set(first === undefined ? [] : [first]);
  for (const { transaction } of found) {
    const taken = transaction.kind === "match" ? [] : placesOutside(transaction.close);
    for (const other of timed) {
      const isTaken = placesClosed(other.transaction).some(({ lo, hi }) =>
        taken.some((own) => own.lo < hi && lo < own.hi),
      );
      if (isTaken) found.add(other);
    }
  }
  return [...found].map(({ index }) => index);
}

/** Bodies of the conditions that closes and matches put space under, each once. */
function listConditions(all: readonly ShownTransaction[], { index }: EngineState): Condition[] {
  const hashes = all.flatMap((shown) =>
    shown.kind === "match"
      ? [shown.match.market.refund, shown.match.market.win]
      : listBetConditions(shown.close.place, successorsOf(shown.close)),
  );
  return [...new Set(hashes.map(formatHex))].flatMap((hash) => index.conditions.get(hash) ?? []);
}

/** What stood at a place before a block, out of the proof that the block brings with it. */
function showBefore(
  { rootsRoot, witness }: SortitionBlock,
  place: Place,
  { chain }: EngineState,
): PostedClose["stateBefore"] {
  const tree = insist(decodeWitness(witness, chain.lo, chain.hi));
  const touched = createTouchSet();
  insist(findLeaf(tree, place, touched));
  return { rootsRoot, witness: encodeWitness(pruneTree(tree, touched)) };
}
