/** What the court reads in a match of orders. Written from section 7 alone, as the court is from sections 4 to 6. */

import type {
  CourtBlock,
  CourtFill,
  CourtLeaf,
  CourtMatch,
  CourtPiece,
  CourtPlace,
  CourtTerms,
} from "./courtCase.ts";
import { isOnSpace, isSamePlace, isSameTerms } from "./courtPlaces.ts";

/** What a close or a match closes, and what it makes in its place. */
export type Change = {
  readonly closed: readonly CourtLeaf[];
  readonly successors: readonly CourtTerms[];
};

/** What a match closes and makes; undefined if it does not count in a record at `height`. The oracles are the caller's. */
export function readMatch(
  match: CourtMatch,
  before: CourtBlock,
  block: CourtBlock,
  height: number,
): Change | undefined {
  const closed: CourtLeaf[] = [];
  const successors: CourtTerms[] = [];
  for (const fill of match.fills) {
    const used = usedBy(match, fill);
    if (used === undefined || fill.seenBlock !== block.parent || fill.heightMax < height) {
      return undefined;
    }
    for (const piece of used) {
      const place = pieceToPlace(match, fill, piece);
      const leaf = before.leaves.find((each) => isSamePlace(each, place));
      // Who signs must be the owner of every contract that the order uses up.
      if (leaf?.owner !== fill.signer || leaf.anchor !== undefined) return undefined;
      if (closed.includes(leaf) || (leaf.madeIn ?? 0) > match.recorded) return undefined;
      closed.push(leaf);
    }
    for (const piece of fill.pieces) {
      successors.push({ ...pieceToPlace(match, fill, piece), owner: fill.signer, script: "true" });
    }
  }
  const areBrought = successors.every((made) => closed.some((leaf) => isOf(made, leaf)));
  const areMade = successors.every((made) =>
    block.leaves.some((leaf) => leaf.anchor === undefined && isSameTerms(leaf, made)),
  );
  const isLeft = block.leaves
    .filter((leaf) => closed.some((own) => isOnSpace(leaf, own)))
    .every((leaf) => successors.some((made) => isSameTerms(leaf, made)));
  return closed.length > 0 && areBrought && areMade && isLeft ? { closed, successors } : undefined;
}

/** The contracts that a fill uses up; undefined where it is not what its order asks for. */
export function usedBy({ price }: CourtMatch, fill: CourtFill): readonly CourtPiece[] | undefined {
  return readUsed(fill, BigInt(isYes(fill) ? price : 1_000 - price));
}

const isYes = ({ side }: CourtFill) => side === "buyYes" || side === "sellYes";
const isBuyer = ({ side }: CourtFill) => side === "buyYes" || side === "buyNo";

/** A position of `yes` is refunded on the yes side of one condition and won on that of the other; `no` has the other sides. */
export function pieceToPlace(
  { refund, win }: CourtMatch,
  fill: CourtFill,
  piece: CourtPiece,
): CourtPlace {
  const { lo, hi, kind } = piece;
  if (kind === "cash") return { lo, hi, conditions: [] };
  const ofYes = kind === "refund" ? refund : win;
  const ofNo = kind === "refund" ? win : refund;
  return { lo, hi, conditions: [{ name: isYes(fill) ? ofYes : ofNo, side: isYes(fill) }] };
}

const widthOf = (pieces: readonly CourtPiece[]): bigint =>
  pieces.reduce((sum, { lo, hi }) => sum + hi - lo, 0n);

/** The contracts that a fill uses up, at its own side's price; undefined if it is not what its order asks for. */
function readUsed(fill: CourtFill, price: bigint): readonly CourtPiece[] | undefined {
  const { quantity, filled, contracts, pieces } = fill;
  if (filled <= 0n || filled > quantity || filled % 1_000n !== 0n) return undefined;
  const cost = (filled * price) / 1_000n;
  const isCash = ({ kind }: CourtPiece) => kind === "cash";
  if (!isBuyer(fill)) {
    const isWhole = filled === quantity && widthOf(contracts) === quantity;
    const isPaid = pieces.every(isCash) && widthOf(pieces) === cost;
    const isInside = price >= BigInt(fill.limit) && !contracts.some(isCash);
    return isWhole && isPaid && isInside ? contracts : undefined;
  }
  if (price > BigInt(fill.limit) || !contracts.every(isCash)) return undefined;
  let open = cost;
  const used: CourtPiece[] = [];
  let rest: CourtPiece | undefined;
  for (const contract of contracts) {
    if (open === 0n) break;
    const width = contract.hi - contract.lo;
    used.push(contract);
    if (open < width) rest = { ...contract, lo: contract.lo + open };
    open = open < width ? 0n : open - width;
  }
  const cash = pieces.filter(isCash);
  const isRest = cash.length === (rest === undefined ? 0 : 1);
  if (open > 0n || !isRest || cash[0]?.lo !== rest?.lo || cash[0]?.hi !== rest?.hi)
    return undefined;
  const position = pieces.filter((piece) => !isCash(piece));
  const back = widthOf(position.filter(({ kind }) => kind === "refund"));
  const least = price < BigInt(fill.refundLeast) ? price : BigInt(fill.refundLeast);
  const isEnough = widthOf(position) === filled && back >= (filled * least) / 1_000n;
  return isEnough ? used : undefined;
}

/** Whether a place is space that a contract held: of its range, and on its sides. */
function isOf(place: CourtPlace, { lo, hi, conditions }: CourtPlace): boolean {
  const isUnder = conditions.every((own) =>
    place.conditions.some(({ name, side }) => name === own.name && side === own.side),
  );
  return lo <= place.lo && place.hi <= hi && isUnder;
}
