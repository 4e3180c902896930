/**
 * The court's reading of challenges: whether one holds, and whether an answer does. Written from PROTOCOL section 6, double sales,
 * alone, as the court is from the rest.
 */

import type {
  CourtBlock,
  CourtCase,
  CourtClose,
  CourtCondition,
  CourtLeaf,
  CourtMatch,
  CourtPlace,
} from "./courtCase.ts";
import { type Chain, isSameContract, type Place, readHistory } from "./courtHistory.ts";
import { pieceToPlace, usedBy } from "./courtMatch.ts";
import { isOracleTrue, oraclesOf } from "./courtOracles.ts";
import { isOnSpace, isSamePlace } from "./courtPlaces.ts";

/** A block of a chain, as the record of post `sequence` on the main chain shows it. */
export type CourtShownState = { readonly sequence: number; readonly block: string };

/** That a contract stood in one state of a lineage's last chain, and does not stand in another. */
export type CourtChallenge = {
  readonly lineage: readonly Chain[];
  readonly height: number;
  readonly first: CourtShownState;
  readonly second: CourtShownState;
  readonly leaf: CourtLeaf;
};

/** `close`: its number among the block's closes, or, counted on from them, a match's. `index`: of a condition on the path. */
export type CourtAnswer =
  | ({ readonly kind: "close" | "late"; readonly close: number } & CourtShownState)
  | { readonly kind: "condition"; readonly index: number };

export function readChallenges(facts: CourtCase): {
  readonly holds: (challenge: CourtChallenge) => boolean;
  /** `height`: of the block with the answer. */
  readonly explains: (
    challenge: CourtChallenge,
    answer: CourtAnswer,
    height: number,
    delay: number,
  ) => boolean;
} {
  const { placeOf, runUnder } = readHistory(facts);
  const { expiry } = facts.chain;
  const blockOf = (name: string) => facts.blocks.get(name) as CourtBlock;

  /** A block's number in its chain. */
  function depthOf(name: string): number {
    const { parent } = blockOf(name);
    return parent === "" ? 0 : depthOf(parent) + 1;
  }

  function isLater(
    { lineage, first: a, second: b }: CourtChallenge,
    [from, to]: [Place, Place],
  ): boolean {
    if (depthOf(b.block) > depthOf(a.block)) return true;
    // In an ancestor's map all posts of these histories have one number.
    const isOnMain = lineage.at(-1)?.anchor === "main";
    if (!isOnMain || a.sequence === b.sequence) return to[2] > from[2];
    return b.sequence > a.sequence && to[2] === 0;
  }

  function holds(challenge: CourtChallenge): boolean {
    const { lineage, height, first, second, leaf } = challenge;
    const from = placeOf(lineage, first);
    const to = placeOf(lineage, second);
    if (from === undefined || to === undefined || height >= expiry + facts.drawBlocks + 1) {
      return false;
    }
    const stands = blockOf(first.block).leaves.includes(leaf);
    const isGone = !blockOf(second.block).leaves.some((each) => isSameContract(each, leaf));
    return stands && isGone && isLater(challenge, [from, to]);
  }

  const isUpTo = (a: Place, b: Place) => a[0] < b[0] || (a[0] === b[0] && a[1] <= b[1]);

  function explains(
    challenge: CourtChallenge,
    answer: CourtAnswer,
    height: number,
    delay: number,
  ): boolean {
    if (height > challenge.height + delay) return false;
    const { lineage, leaf, first, second } = challenge;
    if (answer.kind === "condition") {
      const named = leaf.conditions[answer.index];
      const condition = named && facts.conditions.get(named.name);
      if (condition === undefined || !isFinal(condition, height)) return false;
      return isTrue(condition) !== named?.side;
    }
    const at = placeOf(lineage, answer);
    const [from, to] = [placeOf(lineage, first), placeOf(lineage, second)];
    if (at === undefined || from === undefined || to === undefined) return false;
    const depth = depthOf(answer.block);
    const block = blockOf(answer.block);
    const close = block.closes[answer.close];
    const match = block.matches?.[answer.close - block.closes.length];
    if (answer.kind === "close") {
      const isBetween = depthOf(first.block) < depth && depth <= depthOf(second.block);
      if (!isBetween || !isUpTo(at, to)) return false;
      return close === undefined
        ? match?.fills.some((fill) => givesUp(match, fill, block, leaf)) === true
        : leaf.anchor === undefined &&
            close.contractId === leaf.id &&
            close.signer === leaf.owner &&
            close.seenBlock === block.parent;
    }
    if (depth > (leaf.madeIn ?? 0) || !isUpTo(at, from)) return false;
    if (!runUnder(lineage, answer).includes(answer.block)) return false;
    const before = blockOf(block.parent).leaves;
    if (close === undefined) {
      const isThere = match?.fills.some((fill) =>
        fill.contracts.some((piece) => {
          const place = pieceToPlace(match, fill, piece);
          const standing = before.find((each) => isSamePlace(each, place));
          const isOwn = standing?.owner === fill.signer && fill.seenBlock === block.parent;
          return isOwn && isOnSpace(place, leaf);
        }),
      );
      return match !== undefined && isThere === true && isMatchLate(match, at[0]);
    }
    const closed = standing(block, close);
    const isOwners =
      closed?.owner === close.signer &&
      closed.anchor === undefined &&
      close.seenBlock === block.parent;
    return isOwners && isOnSpace(close.place, leaf) && isLate(block, close, at[0], []);
  }

  function givesUp(
    match: CourtMatch,
    fill: CourtMatch["fills"][number],
    block: CourtBlock,
    leaf: CourtLeaf,
  ): boolean {
    const used = usedBy(match, fill) ?? [];
    const isSigned = fill.signer === leaf.owner && fill.seenBlock === block.parent;
    return isSigned && used.some((piece) => isSamePlace(pieceToPlace(match, fill, piece), leaf));
  }

  const standing = (block: CourtBlock, close: CourtClose) =>
    blockOf(block.parent).leaves.find(
      (each) => each.id === close.contractId && isSamePlace(each, close.place),
    );

  /** A close is late by itself, or with another whose space it takes. */
  function isLate(
    block: CourtBlock,
    close: CourtClose,
    height: number,
    above: readonly CourtClose[],
  ): boolean {
    const bets = close.successors
      .flatMap(({ conditions }) => conditions)
      .filter(({ name }) => close.place.conditions.every((own) => own.name !== name));
    if (height > close.heightMax || bets.some(({ name }) => height >= decidedAt(name))) return true;
    const outside = close.successors.filter(
      ({ lo, hi }) => lo < close.place.lo || hi > close.place.hi,
    );
    const isTaken = (place: CourtPlace) =>
      outside.some(({ lo, hi }) => lo < place.hi && place.lo < hi);
    return block.closes.some(
      (other) =>
        other !== close &&
        !above.includes(other) &&
        blockOf(block.parent).leaves.some((leaf) => leaf.id === other.contractId) &&
        isTaken(other.place) &&
        isLate(block, other, height, [...above, close]),
    );
  }

  function isMatchLate({ refund, win, fills }: CourtMatch, height: number): boolean {
    const isOver = fills.some(({ heightMax }) => height > heightMax);
    return isOver || [refund, win].some((name) => height >= decidedAt(name));
  }

  function decidedAt(name: string): number {
    const heights = oraclesOf(facts.conditions.get(name)).flatMap(
      (oracle) => facts.oracles.get(oracle)?.height ?? [],
    );
    return Math.min(Number.POSITIVE_INFINITY, ...heights);
  }

  /** Whether nothing can change any more of what a condition comes to. */
  function isFinal(condition: CourtCondition, height: number): boolean {
    if (condition.kind !== "payment") {
      return oraclesOf(condition).every((name) => {
        const decided = facts.oracles.get(name)?.height ?? Number.POSITIVE_INFINITY;
        return height >= expiry || (decided < height && decided < expiry);
      });
    }
    const paid = facts.payments.get(condition.payment)?.height ?? Number.POSITIVE_INFINITY;
    return paid < height || height >= Math.min(condition.below, expiry);
  }

  function isTrue(condition: CourtCondition): boolean {
    if (condition.kind !== "payment") {
      return isOracleTrue(condition, (name) => {
        const oracle = facts.oracles.get(name);
        return oracle !== undefined && oracle.height < expiry ? oracle.result : "bad";
      });
    }
    const paid = facts.payments.get(condition.payment);
    if (paid === undefined || paid.amount < condition.amount) return false;
    return paid.height < Math.min(condition.below, expiry);
  }

  return { holds, explains };
}
