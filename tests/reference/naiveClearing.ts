import { compareBytes } from "../../src/lib/bytes.ts";
import { taggedHash } from "../../src/lib/hash.ts";
import {
  type Allotment,
  type BatchOrder,
  type BatchRules,
  countLots,
  isBidder,
  limitForYes,
} from "../../src/market/batchOrder.ts";
import { clearPrice, countPrices, type PriceGrid, priceAt } from "../../src/market/clearPrice.ts";
import { costOf, isBuy, isOfYes, ownPrice, widthOf } from "../../src/market/piece.ts";
import { TAGS } from "../../src/protocol/tags.ts";

/** A buyer, what he may get, and the positions that he takes over from others. */
type NaiveBuyer = Allotment & { readonly sales: readonly Allotment[] };

/** A batch as it is cleared: at which price, who is served, and each buyer with what he takes over. */
export type NaiveBatch = {
  readonly price: number;
  readonly crossed: readonly Allotment[];
  readonly buyers: readonly NaiveBuyer[];
};

const ROUNDS_MAX = 24;

/**
 * What a batch comes to by the words of the rule, everything counted and sorted anew in each round: who is served, and who
 * takes over whose position. How the rest is paired is not looked at here.
 *
 * @see docs/PROTOCOL.md section 7, clearing
 */
export function clearNaively(
  orders: readonly BatchOrder[],
  rules: BatchRules,
  seenBlock: Uint8Array,
): NaiveBatch | undefined {
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
      return { price, crossed, buyers: placed.buyers };
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
): { readonly buyers: readonly NaiveBuyer[]; readonly homeless: readonly BatchOrder[] } {
  const byHash = (a: BatchOrder, b: BatchOrder) => compareBytes(a.hash, b.hash);
  const parted = sales.filter(({ order, lots }) => lots < countLots(order, rules));
  if (parted.length > 0) {
    return { buyers: [], homeless: parted.map(({ order }) => order).sort(byHash) };
  }
  const assigned = assignSales(sales, buyers, price);
  return { ...assigned, homeless: [...assigned.homeless].sort(byHash) };
}

const SALES_MAX = 7;
const SOLD_CONTRACTS_MAX = 14;
const BUYERS_ASKED = 64;

function assignSales(
  sales: readonly Allotment[],
  buyers: readonly Allotment[],
  price: number,
): { readonly buyers: readonly NaiveBuyer[]; readonly homeless: readonly BatchOrder[] } {
  const seekers = [...buyers].sort(compareSizes).map((buyer) => ({
    ...buyer,
    left: buyer.lots,
    sales: [] as Allotment[],
    contracts: 0,
  }));
  const homeless: BatchOrder[] = [];
  for (const isYes of [true, false]) {
    const isSame = ({ order }: Allotment) => isOfYes(order.terms.side) === isYes;
    const own = seekers.filter(isSame);
    for (const sale of sales.filter(isSame).sort(compareSizes)) {
      const { contracts } = sale.order.terms;
      const found = own
        .slice(0, BUYERS_ASKED)
        .find(
          (buyer) =>
            buyer.left >= sale.lots &&
            buyer.sales.length < SALES_MAX &&
            buyer.contracts + contracts.length <= SOLD_CONTRACTS_MAX &&
            isRefundEnough(sale.order, buyer.order, price),
        );
      if (found === undefined) {
        homeless.push(sale.order);
        continue;
      }
      found.left -= sale.lots;
      found.sales.push(sale);
      found.contracts += contracts.length;
      if (found.left === 0n) own.splice(own.indexOf(found), 1);
    }
  }
  return { buyers: seekers, homeless };
}

function isRefundEnough(sale: BatchOrder, buyer: BatchOrder, price: number): boolean {
  const { quantity, contracts } = sale.terms;
  const { side, refundLeast } = buyer.terms;
  const least = costOf(quantity, Math.min(ownPrice(side, price), refundLeast));
  return widthOf(contracts, "refund") >= least;
}

/** Larger first, then by hash. */
function compareSizes(a: Allotment, b: Allotment): number {
  if (a.lots !== b.lots) return a.lots > b.lots ? -1 : 1;
  return compareBytes(a.order.hash, b.order.hash);
}
