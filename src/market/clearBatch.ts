import { compareBytes } from "../lib/bytes.ts";
import { taggedHash } from "../lib/hash.ts";
import { TAGS } from "../protocol/tags.ts";
import {
  type Allotment,
  type BatchOrder,
  type BatchRules,
  countLots,
  isBidder,
  limitForYes,
} from "./batchOrder.ts";
import { clearPrice, countPrices, type PriceGrid, priceAt } from "./clearPrice.ts";
import { assignSales, type Buyer, type Pairing, pairBuyers } from "./pairOrders.ts";
import { isBuy } from "./piece.ts";

/**
 * A cleared batch of one market.
 *
 * - `price`: thousandths for `yes`. - `pairings`: who trades with whom, each to become one match.
 * - `crossed`: what the price alone fills; a pairing fills less where a match has no room for more.
 */
export type ClearedBatch = {
  readonly price: number;
  readonly pairings: readonly Pairing[];
  readonly crossed: readonly Allotment[];
};

/** How often a batch is cleared anew without positions that found no buyer, before it is cleared without any. */
const ROUNDS_MAX = 24;

/**
 * Clear a batch: one price for all; whoever is inside it is served best limit first, and those at the margin by
 * their shares; then it is settled who trades with whom. It depends on the set of orders alone, not on how they came.
 *
 * A position is sold whole, to one buyer. Of those that get a part only, or that no buyer has room for, the half that comes
 * last by its hashes is left out, and the batch cleared anew.
 *
 * @param orders - of one market, each with a limit on the tick's grid, a quantity of whole lots, and contracts that cover it.
 * @param seenBlock - hash of the block that they are bound to: by it the last remainders are settled.
 * @returns undefined where nothing trades.
 * @see docs/PROTOCOL.md section 7, clearing
 */
export function clearBatch(
  orders: readonly BatchOrder[],
  rules: BatchRules,
  seenBlock: Uint8Array,
): ClearedBatch | undefined {
  let standing = [...orders].sort((a, b) => compareBytes(a.hash, b.hash));
  for (let round = 1; ; round++) {
    const cleared = clearPrice(fillGrid(standing, rules));
    if (cleared === undefined) return undefined;
    const price = priceAt(cleared.index, rules.tick);
    const inside = standing.filter((order) => isInside(order, price));
    const crossed = [true, false].flatMap((isBid) => {
      const side = inside.filter((order) => isBidder(order) === isBid);
      return allot(side, cleared.volume, rules, seenBlock);
    });
    const buyers = crossed.filter(({ order }) => isBuy(order.terms.side));
    const sales = crossed.filter(({ order }) => !isBuy(order.terms.side));
    const placed = placeSales(sales, buyers, price, rules);
    if (placed.homeless.length === 0) {
      return { price, pairings: pairBuyers(placed.buyers, price, rules.lot), crossed };
    }
    const isLast = round === ROUNDS_MAX;
    const kept = isLast ? 0 : Math.floor(placed.homeless.length / 2);
    const out = new Set(placed.homeless.slice(kept));
    standing = standing.filter((order) => !out.has(order) && !(isLast && !isBuy(order.terms.side)));
  }
}

function isInside(order: BatchOrder, price: number): boolean {
  const limit = limitForYes(order.terms);
  return isBidder(order) ? limit >= price : limit <= price;
}

function fillGrid(orders: readonly BatchOrder[], rules: BatchRules): PriceGrid {
  const count = countPrices(rules.tick);
  const bids = new Array<bigint>(count).fill(0n);
  const asks = new Array<bigint>(count).fill(0n);
  for (const order of orders) {
    const index = limitForYes(order.terms) / rules.tick - 1;
    const side = isBidder(order) ? bids : asks;
    side[index] = (side[index] ?? 0n) + countLots(order, rules);
  }
  return { bids, asks };
}

/**
 * Share `volume` lots among one side of a batch. The best limits are served whole; those of the last limit that
 * is served get their share of what is left, by rounding down the running sum of shares. They stand in the order of their
 * owners, hashed with the seen block, so that all orders of one owner stand together: splitting an order
 * changes what he gets by less than a lot, and nobody can choose his place once the block is known.
 */
function allot(
  side: readonly BatchOrder[],
  volume: bigint,
  rules: BatchRules,
  seenBlock: Uint8Array,
): Allotment[] {
  const byLimit = new Map<number, BatchOrder[]>();
  for (const order of side) {
    const limit = limitForYes(order.terms);
    const level = byLimit.get(limit);
    if (level === undefined) byLimit.set(limit, [order]);
    else level.push(order);
  }
  const sign = side[0] !== undefined && isBidder(side[0]) ? -1 : 1;
  const levels = [...byLimit].sort(([a], [b]) => sign * (a - b));
  const allotted: Allotment[] = [];
  let left = volume;
  for (const [, level] of levels) {
    if (left === 0n) break;
    const wanted = level.reduce((sum, order) => sum + countLots(order, rules), 0n);
    if (wanted <= left) {
      for (const order of level) allotted.push({ order, lots: countLots(order, rules) });
      left -= wanted;
      continue;
    }
    let sum = 0n;
    let given = 0n;
    for (const order of orderByOwner(level, seenBlock)) {
      sum += countLots(order, rules);
      const lots = (sum * left) / wanted - given;
      given += lots;
      if (lots > 0n) allotted.push({ order, lots });
    }
    left = 0n;
  }
  return allotted;
}

function orderByOwner(level: readonly BatchOrder[], seenBlock: Uint8Array): BatchOrder[] {
  const ranked = level.map((order) => ({
    order,
    rank: taggedHash(TAGS.batchRank, seenBlock, order.owner),
  }));
  ranked.sort((a, b) => compareBytes(a.rank, b.rank) || compareBytes(a.order.hash, b.order.hash));
  return ranked.map(({ order }) => order);
}

/** Give every position that is sold to one buyer. `homeless`: those sold in part, or else those that find none, by hash. */
function placeSales(
  sales: readonly Allotment[],
  buyers: readonly Allotment[],
  price: number,
  rules: BatchRules,
): { readonly buyers: readonly Buyer[]; readonly homeless: readonly BatchOrder[] } {
  const byHash = (a: BatchOrder, b: BatchOrder) => compareBytes(a.hash, b.hash);
  const parted = sales.filter(({ order, lots }) => lots < countLots(order, rules));
  if (parted.length > 0) {
    return { buyers: [], homeless: parted.map(({ order }) => order).sort(byHash) };
  }
  const assigned = assignSales(sales, buyers, price);
  return { ...assigned, homeless: [...assigned.homeless].sort(byHash) };
}
