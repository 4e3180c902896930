import { costOf } from "../market/piece.ts";
import { PRICE_PARTS } from "../protocol/limits.ts";

/** What a maker is ready to do in one book. Prices in thousandths of a unit, amounts in satoshi. */
export type QuotePolicy = {
  /** How many quotes it has on each side, a step of the book's prices apart. */
  readonly levels: number;
  /** What it keeps on each side of what it believes. */
  readonly halfSpread: number;
  /** How far it moves its quotes for each `size` that it holds more of one side than of the other. */
  readonly skew: number;
  /** How much it offers with each quote, as positions pay. */
  readonly size: bigint;
  /** The most that it may lose in this book, whatever the answer is. */
  readonly lossMax: bigint;
};

/**
 * What a maker has in a book, in satoshi.
 *
 * - `yes`, `no`: what its positions pay if their side is right, and `refund`: all of them if the question is bad.
 * - `paid`: what it gave for all of them. - `lost`: what it has lost before, in any book of the chain.
 * - `stale`: what quotes that it has taken back may still cost, on either side: what is signed counts until its block is there.
 * - `cash`: what it can still give.
 */
export type Inventory = {
  readonly yes: bigint;
  readonly no: bigint;
  readonly refund: bigint;
  readonly paid: bigint;
  readonly lost: bigint;
  readonly stale: { readonly yes: bigint; readonly no: bigint };
  readonly cash: bigint;
};

/** The steps of a book's prices, in thousandths, and of its quantities, in satoshi. */
export type BookSteps = { readonly tick: number; readonly lot: bigint };

/** An offer to buy one side. `limit`: the most it gives, in thousandths of that side's price. */
export type Quote = {
  readonly side: "buyYes" | "buyNo";
  readonly limit: number;
  readonly quantity: bigint;
};

/**
 * What a maker offers on both sides of what it believes a `yes` to be worth. Who holds more of one side asks less for
 * it and gives less for more of it. A side that could cost more than the policy lets it lose is offered less of, or not at all.
 *
 * @param belief - thousandths, not necessarily whole.
 * @returns at most so many quotes for each side as the policy has levels; prices of both sides never meet.
 */
export function createQuotes(
  belief: number,
  inventory: Inventory,
  { tick, lot }: BookSteps,
  { levels, halfSpread, skew, size, lossMax }: QuotePolicy,
): Quote[] {
  const { yes, no, refund, paid, lost, stale, cash } = inventory;
  const middle = belief - (skew * Number(yes - no)) / Number(size);
  const bid = Math.floor((middle - halfSpread) / tick) * tick;
  const ask = Math.max(Math.ceil((middle + halfSpread) / tick) * tick, bid + tick);
  const least = (...amounts: readonly bigint[]) => amounts.reduce((a, b) => (a < b ? a : b));
  // What a seller's position gives back from a bad question may be nothing, so there both sides may lose all that they cost.
  const leftIfBad = (lossMax - lost - (paid - refund) - stale.yes - stale.no) / 2n;
  /** @param first - limit of the quote next to the middle. @param loss - what is lost already where this side is wrong. */
  const quoteSide = (side: Quote["side"], first: number, loss: bigint): Quote[] => {
    const quotes: Quote[] = [];
    let spendable = least(lossMax - lost - loss, leftIfBad, cash);
    for (let level = 0; level < levels; level++) {
      const limit = first - level * tick;
      if (limit < tick || limit > PRICE_PARTS - tick) continue;
      const lots = least(size, (spendable * BigInt(PRICE_PARTS)) / BigInt(limit)) / lot;
      const quantity = lots * lot;
      if (quantity <= 0n) break;
      quotes.push({ side, limit, quantity });
      spendable -= costOf(quantity, limit);
    }
    return quotes;
  };
  return [
    ...quoteSide("buyYes", bid, paid - no + stale.yes),
    ...quoteSide("buyNo", PRICE_PARTS - ask, paid - yes + stale.no),
  ];
}
