import { assignSales, type Buyer } from "./assignSales.ts";
import { type BatchBook, type BatchRow, openBatchBook } from "./batchBook.ts";
import type { Allotment, BatchOrder, BatchRules } from "./batchOrder.ts";
import { clearPrice, priceAt } from "./clearPrice.ts";
import { type Pairing, pairBuyers } from "./pairOrders.ts";
import { listShares, type SideShare, shareSide, sharesBySize } from "./shareSide.ts";

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
  const book = openBatchBook(orders, rules);
  for (let round = 1; ; round++) {
    const cleared = clearPrice(book.grid);
    if (cleared === undefined) return undefined;
    const price = priceAt(cleared.index, rules.tick);
    const bids = shareSide(book, true, cleared.volume, seenBlock);
    const asks = shareSide(book, false, cleared.volume, seenBlock);
    const { takers, homeless } = placeSales(book, { bids, asks }, price);
    if (homeless.length === 0) {
      const crossed = [bids, asks].flatMap((side) => listShares(book, side));
      const buyers = crossed
        .filter(({ row }) => row.isBuy)
        .map((buyer) => takers.get(buyer.row.hashRank) ?? { ...buyer, sales: [] });
      return {
        price,
        pairings: pairBuyers(buyers, price, rules.lot),
        crossed: crossed.map(({ row, lots }) => ({ order: row.order, lots })),
      };
    }
    if (round === ROUNDS_MAX) book.leaveOutSales();
    else for (const row of homeless.slice(Math.floor(homeless.length / 2))) book.leaveOut(row);
  }
}

type Placed = {
  readonly takers: ReadonlyMap<number, Buyer>;
  readonly homeless: readonly BatchRow[];
};

/** Give every position that is sold to one buyer. `homeless`: those sold in part, or else those that find none, by hash. */
function placeSales(
  book: BatchBook,
  { bids, asks }: { readonly bids: SideShare; readonly asks: SideShare },
  price: number,
): Placed {
  const byHash = (a: BatchRow, b: BatchRow) => a.hashRank - b.hashRank;
  const parted = [...bids.margin, ...asks.margin]
    .filter(({ row, lots }) => !row.isBuy && lots < row.lots)
    .map(({ row }) => row);
  if (parted.length > 0) return { takers: new Map(), homeless: parted.sort(byHash) };
  const [yes, no] = [true, false].map((isYes) => {
    const sales = sharesBySize(book, isYes ? asks : bids, { isYes, isBuy: false });
    const buyers = sharesBySize(book, isYes ? bids : asks, { isYes, isBuy: true });
    return assignSales(sales, buyers, price);
  }) as [Placed, Placed];
  return {
    takers: new Map([...yes.takers, ...no.takers]),
    homeless: [...yes.homeless, ...no.homeless].sort(byHash),
  };
}
