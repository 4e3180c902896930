import type { BatchRow, RowAllotment } from "./batchBook.ts";
import type { BatchOrder } from "./batchOrder.ts";
import { costOf, ownPrice, widthOf } from "./piece.ts";

/** A buyer, what he may get, and the positions that he takes over from others. */
export type Buyer = RowAllotment & { readonly sales: readonly BatchRow[] };

/** Positions that one buyer may take over, and the contracts that they are made of. */
const SALES_MAX = 7;
const SOLD_CONTRACTS_MAX = 14;
/** Buyers that are asked for one position, the largest first: looking further would cost more than it finds. */
const BUYERS_ASKED = 64;

type Asked = RowAllotment & {
  readonly sales: BatchRow[];
  left: bigint;
  /** `left`, rounded: who has not even about as much need not be looked at. */
  leftAbout: number;
  contracts: number;
};

/**
 * Find a buyer for each position of one side: the first, by size and then by hash, who has room for the whole, and whom
 * it gives back enough where the question is bad.
 *
 * @param sales - larger first, then by hash; each sold whole. - `buyers`: in the same order; only as many are taken from it as are asked.
 * @returns `takers`: the buyers who take over something, by the rank of their hash; `homeless`: positions that found none.
 */
export function assignSales(
  sales: Iterable<RowAllotment>,
  buyers: Iterator<RowAllotment, undefined>,
  price: number,
): { readonly takers: ReadonlyMap<number, Buyer>; readonly homeless: readonly BatchRow[] } {
  const takers = new Map<number, Buyer>();
  const homeless: BatchRow[] = [];
  /** Of the largest who have lots left, those who may still take over a position; `full` counts the others. */
  const asked: Asked[] = [];
  let full = 0;
  const ask = () => {
    while (asked.length + full < BUYERS_ASKED) {
      const { value: buyer } = buyers.next();
      if (buyer === undefined) return;
      const leftAbout = Number(buyer.lots);
      asked.push({ ...buyer, sales: [], left: buyer.lots, leftAbout, contracts: 0 });
    }
  };
  for (const { row: sale } of sales) {
    ask();
    const at = asked.findIndex((buyer) => hasRoom(buyer, sale, price));
    const buyer = asked[at];
    if (buyer === undefined) {
      homeless.push(sale);
      continue;
    }
    takers.set(buyer.row.hashRank, buyer);
    buyer.left -= sale.lots;
    buyer.leftAbout = Number(buyer.left);
    buyer.sales.push(sale);
    buyer.contracts += sale.order.terms.contracts.length;
    // Who has lots left goes on counting among the largest, though he takes over nothing more.
    const isFull = buyer.left > 0n && buyer.sales.length >= SALES_MAX;
    if (isFull) full += 1;
    if (isFull || buyer.left === 0n) asked.splice(at, 1);
  }
  return { takers, homeless };
}

function hasRoom(buyer: Asked, sale: BatchRow, price: number): boolean {
  return (
    buyer.leftAbout >= sale.lotsAbout &&
    buyer.left >= sale.lots &&
    buyer.contracts + sale.order.terms.contracts.length <= SOLD_CONTRACTS_MAX &&
    isRefundEnough(sale.order, buyer.row.order, price)
  );
}

function isRefundEnough(sale: BatchOrder, buyer: BatchOrder, price: number): boolean {
  const { quantity, contracts } = sale.terms;
  const { side, refundLeast } = buyer.terms;
  if (refundLeast === 0) return true;
  const least = costOf(quantity, Math.min(ownPrice(side, price), refundLeast));
  return widthOf(contracts, "refund") >= least;
}
