import { assert } from "../lib/assert.ts";
import { PRICE_PARTS } from "../protocol/limits.ts";

/**
 * What a batch's price follows from: lots wanted at each price of `yes`.
 *
 * - `bids[k]`: lots of those who would take `yes` at grid price `k` and no higher (buyers of `yes`, sellers of `no`).
 * - `asks[k]`: lots of those who would give `yes` at `k` and no lower (sellers of `yes`, buyers of `no`).
 *
 * Grid price `k` stands for `(k + 1) × tick` thousandths.
 */
export type PriceGrid = { readonly bids: readonly bigint[]; readonly asks: readonly bigint[] };

/** Where a batch clears: the grid price, and the lots that trade at it. */
export type ClearedPrice = { readonly index: number; readonly volume: bigint };

/** Grid prices of a tick: all multiples strictly between nothing and a whole unit. */
export function countPrices(tick: number): number {
  return Math.ceil(PRICE_PARTS / tick) - 1;
}

/** Thousandths of grid price `index`. */
export function priceAt(index: number, tick: number): number {
  return (index + 1) * tick;
}

/**
 * The one price of a batch: the most lots; among prices of equal volume those that leave the least unmatched;
 * among these the one in the middle, rounded down.
 *
 * @returns undefined where nothing trades.
 * @see docs/PROTOCOL.md section 7, clearing
 */
export function clearPrice({ bids, asks }: PriceGrid): ClearedPrice | undefined {
  assert(bids.length === asks.length, "bids and asks stand on one grid");
  const demand = sumFromEnd(bids);
  const supply = sumFromStart(asks);
  let best = { volume: 0n, unmatched: 0n, first: 0, last: 0 };
  for (let index = 0; index < bids.length; index++) {
    const wanted = demand[index] as bigint;
    const given = supply[index] as bigint;
    const volume = wanted < given ? wanted : given;
    const unmatched = wanted < given ? given - wanted : wanted - given;
    if (volume < best.volume || volume === 0n) continue;
    if (volume > best.volume || unmatched < best.unmatched) {
      best = { volume, unmatched, first: index, last: index };
    } else if (unmatched === best.unmatched) {
      best.last = index;
    }
  }
  if (best.volume === 0n) return undefined;
  return { index: Math.floor((best.first + best.last) / 2), volume: best.volume };
}

function sumFromStart(lots: readonly bigint[]): bigint[] {
  let sum = 0n;
  return lots.map((each) => {
    sum += each;
    return sum;
  });
}

function sumFromEnd(lots: readonly bigint[]): bigint[] {
  return sumFromStart([...lots].reverse()).reverse();
}
