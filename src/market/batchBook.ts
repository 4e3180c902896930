import { compareBytes } from "../lib/bytes.ts";
import {
  type BatchOrder,
  type BatchRules,
  countLots,
  isBidder,
  limitForYes,
} from "./batchOrder.ts";
import { countPrices, type PriceGrid } from "./clearPrice.ts";
import { isBuy, isOfYes } from "./piece.ts";

/**
 * An order while its batch is cleared: what is asked of it again and again, asked once.
 *
 * - `lots`: all that it wants. - `lotsAbout`: the same, rounded, by which sizes are told apart without big integers.
 * - `limitIndex`: grid price of its limit. - `hashRank`: how many orders of the batch have a lower hash.
 */
export type BatchRow = {
  readonly order: BatchOrder;
  readonly lots: bigint;
  readonly lotsAbout: number;
  readonly limitIndex: number;
  readonly isBid: boolean;
  readonly isBuy: boolean;
  readonly isYes: boolean;
  readonly hashRank: number;
  /** Its place among the orders of one limit, once asked for: 32 bytes. */
  shareRank: Uint8Array | undefined;
  isOut: boolean;
};

/** A row, and how many lots of it trade. */
export type RowAllotment = { readonly row: BatchRow; readonly lots: bigint };

/** By grid price: rows in the order of their hashes. */
export type Levels = readonly (readonly BatchRow[])[];

/**
 * The orders of a batch, sorted once for all its rounds. Of what is left out, the grid alone is told; whoever goes through rows
 * passes by those that are out.
 */
export type BatchBook = {
  readonly grid: PriceGrid;
  readonly bids: Levels;
  readonly asks: Levels;
  /** Buyers, or positions for sale, of `yes` or of `no`: larger first, then by hash. */
  bySize(of: { readonly isYes: boolean; readonly isBuy: boolean }): readonly BatchRow[];
  leaveOut(row: BatchRow): void;
  leaveOutSales(): void;
};

export function openBatchBook(orders: readonly BatchOrder[], rules: BatchRules): BatchBook {
  const count = countPrices(rules.tick);
  const grid = { bids: new Array<bigint>(count).fill(0n), asks: new Array<bigint>(count).fill(0n) };
  const bids: BatchRow[][] = Array.from({ length: count }, () => []);
  const asks: BatchRow[][] = Array.from({ length: count }, () => []);
  const add = ({ isBid, limitIndex }: BatchRow, lots: bigint) => {
    const side = isBid ? grid.bids : grid.asks;
    side[limitIndex] = (side[limitIndex] ?? 0n) + lots;
  };
  const rows = sortByHash(orders).map((order, hashRank) => createRow(order, hashRank, rules));
  for (const row of rows) {
    add(row, row.lots);
    (row.isBid ? bids : asks)[row.limitIndex]?.push(row);
  }
  const leaveOut = (row: BatchRow) => {
    if (row.isOut) return;
    row.isOut = true;
    add(row, -row.lots);
  };
  const sorted: BatchRow[][] = [[], [], [], []];
  const placeOf = (of: { readonly isYes: boolean; readonly isBuy: boolean }) =>
    (of.isYes ? 2 : 0) + (of.isBuy ? 1 : 0);
  for (const row of rows) sorted[placeOf(row)]?.push(row);
  for (const each of sorted) each.sort(compareRowSizes);
  return {
    grid,
    bids,
    asks,
    bySize: (of) => sorted[placeOf(of)] ?? [],
    leaveOut,
    leaveOutSales: () => rows.filter(({ isBuy }) => !isBuy).forEach(leaveOut),
  };
}

function createRow(order: BatchOrder, hashRank: number, rules: BatchRules): BatchRow {
  const { terms } = order;
  const lots = countLots(order, rules);
  return {
    order,
    lots,
    lotsAbout: Number(lots),
    limitIndex: limitForYes(terms) / rules.tick - 1,
    isBid: isBidder(order),
    isBuy: isBuy(terms.side),
    isYes: isOfYes(terms.side),
    hashRank,
    shareRank: undefined,
    isOut: false,
  };
}

/** By hash; the first four bytes tell most of them apart. */
function sortByHash(orders: readonly BatchOrder[]): BatchOrder[] {
  const keyed = orders.map((order) => {
    const [a = 0, b = 0, c = 0, d = 0] = order.hash;
    return { order, start: ((a * 256 + b) * 256 + c) * 256 + d };
  });
  keyed.sort((a, b) => a.start - b.start || compareBytes(a.order.hash, b.order.hash));
  return keyed.map(({ order }) => order);
}

function compareRowSizes(a: BatchRow, b: BatchRow): number {
  // Rounding keeps the order, so where the rounded sizes differ nothing more needs to be looked at.
  if (a.lotsAbout !== b.lotsAbout) return b.lotsAbout - a.lotsAbout;
  return compareExactly(a.lots, b.lots) || a.hashRank - b.hashRank;
}

function compareExactly(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}

/** Larger first, then by hash. */
export function compareSizes(a: RowAllotment, b: RowAllotment): number {
  return compareExactly(a.lots, b.lots) || a.row.hashRank - b.row.hashRank;
}
