import type { BatchRules } from "../../src/market/batchOrder.ts";
import { isOfYes } from "../../src/market/piece.ts";
import { ORDER_CONTRACTS_MAX, PRICE_PARTS } from "../../src/protocol/limits.ts";
import type { OrderTerms, Piece } from "../../src/protocol/order.ts";
import type { SeededRandom } from "../../tests/reference/seededRandom.ts";

/** A position as it came out of one match: what it pays if its side is right, and the pieces that it is made of. */
export type Position = {
  readonly isYes: boolean;
  readonly quantity: bigint;
  readonly pieces: readonly Piece[];
};

/** What somebody has: cash, and positions. */
export type Holdings = { readonly cash: readonly Piece[]; readonly positions: readonly Position[] };

/** Thousandths by which opinions differ from what is publicly believed, to either side. */
const OPINION = 120;
/** One in so many who do something sells what he holds. */
const SALES = 4;
const HEIGHT_MAX = 20;

/**
 * What one of the crowd wants: the side that he believes to be worth more than it last cost, up to what he believes it to
 * be worth, for a part of his cash; or to be rid of a position at about the last price.
 *
 * @param believed - what a `yes` is publicly believed to be worth, in thousandths. @param last - price of the last batch.
 */
export function chooseTerms(
  { cash, positions }: Holdings,
  { believed, last, rules }: { believed: number; last: number; rules: BatchRules },
  random: SeededRandom,
): OrderTerms | undefined {
  const opinion = believed + random.below(2 * OPINION + 1) - OPINION;
  if (positions.length > 0 && random.below(SALES) === 0) {
    const sold = positions[random.below(positions.length)] as Position;
    const own = sold.isYes ? last : PRICE_PARTS - last;
    return sell(sold, own - random.below(30), rules);
  }
  const isYes = opinion > last;
  const [first] = cash;
  if (first === undefined) return undefined;
  const part = ((first.hi - first.lo) * BigInt(1 + random.below(100))) / 100n;
  return buy(isYes, isYes ? opinion : PRICE_PARTS - opinion, part, [first], rules);
}

/** An order to buy with `cash`, giving `spent` satoshi at most; undefined where that is less than a lot. */
export function buy(
  isYes: boolean,
  limit: number,
  spent: bigint,
  cash: readonly Piece[],
  rules: BatchRules,
): OrderTerms | undefined {
  const own = onGrid(limit, rules);
  const quantity = ((spent * BigInt(PRICE_PARTS)) / BigInt(own) / rules.lot) * rules.lot;
  if (quantity === 0n) return undefined;
  const side = isYes ? "buyYes" : "buyNo";
  return { heightMax: HEIGHT_MAX, side, limit: own, quantity, refundLeast: 0, contracts: cash };
}

/** An order to sell a position whole; undefined where it is in too many pieces. */
export function sell(
  { isYes, quantity, pieces }: Position,
  limit: number,
  rules: BatchRules,
): OrderTerms | undefined {
  if (pieces.length > ORDER_CONTRACTS_MAX) return undefined;
  const side = isYes ? "sellYes" : "sellNo";
  const own = onGrid(limit, rules);
  return { heightMax: HEIGHT_MAX, side, limit: own, quantity, refundLeast: 0, contracts: pieces };
}

function onGrid(limit: number, { tick }: BatchRules): number {
  return Math.min(PRICE_PARTS - tick, Math.max(tick, Math.round(limit / tick) * tick));
}

/** The positions that one's fills in matches made, newest last; those that were sold are taken away. */
export function takeFill(
  positions: readonly Position[],
  { terms, quantity, pieces }: { terms: OrderTerms; quantity: bigint; pieces: readonly Piece[] },
): readonly Position[] {
  const isYes = isOfYes(terms.side);
  if (terms.side === "sellYes" || terms.side === "sellNo") {
    const [first] = terms.contracts;
    return positions.filter((each) => !each.pieces.some((piece) => piece.lo === first?.lo));
  }
  const held = pieces.filter(({ kind }) => kind !== "cash");
  return [...positions, { isYes, quantity, pieces: held }];
}
