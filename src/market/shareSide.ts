import { compareBytes } from "../lib/bytes.ts";
import { taggedHash } from "../lib/hash.ts";
import { TAGS } from "../protocol/tags.ts";
import { type BatchBook, type BatchRow, compareSizes, type RowAllotment } from "./batchBook.ts";

/**
 * What one side of a batch gets of the volume. Limits better than `marginIndex` are served whole; `margin` are the shares of
 * those at it, in the order in which they are counted; nobody beyond it gets anything.
 */
export type SideShare = {
  readonly isBid: boolean;
  /** Grid price; beyond the last where all whom the price serves are served whole. */
  readonly marginIndex: number;
  readonly margin: readonly RowAllotment[];
};

/**
 * Share `volume` lots among one side of a batch. The best limits are served whole; those of the last limit that
 * is served get their share of what is left, by rounding down the running sum of shares. They stand in the order of their
 * owners, hashed with the seen block, so that all orders of one owner stand together: splitting an order
 * changes what he gets by less than a lot, and nobody can choose his place once the block is known.
 */
export function shareSide(
  book: BatchBook,
  isBid: boolean,
  volume: bigint,
  seenBlock: Uint8Array,
): SideShare {
  const wantedAt = isBid ? book.grid.bids : book.grid.asks;
  const step = isBid ? -1 : 1;
  let left = volume;
  let index = isBid ? wantedAt.length - 1 : 0;
  for (; left > 0n; index += step) {
    const wanted = wantedAt[index];
    if (wanted === undefined) break;
    if (wanted > left) {
      const level = (isBid ? book.bids : book.asks)[index] ?? [];
      return { isBid, marginIndex: index, margin: shareLevel(level, wanted, left, seenBlock) };
    }
    left -= wanted;
  }
  return { isBid, marginIndex: index, margin: [] };
}

/** What buyers, or sellers, of `yes` or of `no` trade; larger first, then by hash. One by one, as few may be asked for. */
export function* sharesBySize(
  book: BatchBook,
  share: SideShare,
  of: { readonly isYes: boolean; readonly isBuy: boolean },
): Generator<RowAllotment, undefined> {
  const margin = share.margin.filter(({ row }) => row.isBuy === of.isBuy).sort(compareSizes);
  let at = 0;
  for (const row of book.bySize(of)) {
    if (!isServedWhole(share, row)) continue;
    const whole = { row, lots: row.lots };
    for (let next = margin[at]; next !== undefined && compareSizes(next, whole) < 0; ) {
      yield next;
      next = margin[++at];
    }
    yield whole;
  }
  yield* margin.slice(at);
  return undefined;
}

/** Whether a row of the side is served whole, its limit being better than the margin's. */
function isServedWhole({ isBid, marginIndex }: SideShare, row: BatchRow): boolean {
  return !row.isOut && (isBid ? row.limitIndex > marginIndex : row.limitIndex < marginIndex);
}

/** All that a side trades, best limits first, those of one limit by hash, the margin last. */
export function listShares(book: BatchBook, share: SideShare): RowAllotment[] {
  const { isBid, marginIndex, margin } = share;
  const levels = isBid
    ? book.bids.slice(marginIndex + 1).reverse()
    : book.asks.slice(0, marginIndex);
  const whole = levels.flatMap((level) =>
    level.filter(({ isOut }) => !isOut).map((row) => ({ row, lots: row.lots })),
  );
  return [...whole, ...margin];
}

function shareLevel(
  level: readonly BatchRow[],
  wanted: bigint,
  left: bigint,
  seenBlock: Uint8Array,
): RowAllotment[] {
  const shares: RowAllotment[] = [];
  let sum = 0n;
  let given = 0n;
  for (const row of orderByOwner(level, seenBlock)) {
    sum += row.lots;
    const lots = (sum * left) / wanted - given;
    given += lots;
    if (lots > 0n) shares.push({ row, lots });
  }
  return shares;
}

function orderByOwner(level: readonly BatchRow[], seenBlock: Uint8Array): BatchRow[] {
  const ranked = level
    .filter(({ isOut }) => !isOut)
    .map((row) => {
      row.shareRank ??= taggedHash(TAGS.batchRank, seenBlock, row.order.owner);
      return { row, rank: row.shareRank };
    });
  ranked.sort((a, b) => compareBytes(a.rank, b.rank) || a.row.hashRank - b.row.hashRank);
  return ranked.map(({ row }) => row);
}
