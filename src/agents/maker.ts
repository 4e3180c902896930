import type { TrackedChain } from "../client/chainTracker.ts";
import { listBooks, type OfferedBook } from "../client/orders/offeredBooks.ts";
import type { OpenOrder } from "../client/orders/orderDesk.ts";
import { sumFills } from "../client/orders/readOutcome.ts";
import type { Wallet } from "../client/wallet.ts";
import { equalBytes } from "../lib/bytes.ts";
import { costOf, isOfYes, pieceAt } from "../market/piece.ts";
import type { Belief } from "./belief.ts";
import { mergeSet } from "./mergeSets.ts";
import { buyStock, listOwn, type Stock, sumCash, sumLost } from "./ownSpace.ts";
import { createQuotes, type Inventory, type Quote, type QuotePolicy } from "./quotes.ts";
import { settleChain } from "./settleChain.ts";

/** How a maker trades in the books of one chain. */
export type MakerPolicy = QuotePolicy & {
  readonly stock: Stock;
  /** Main-chain height from which it quotes no more: the answers come soon after. */
  readonly until: number;
};

/** What a maker offers in a book, and what it has in it. */
export type MakerStand = {
  readonly book: OfferedBook;
  readonly quotes: readonly Quote[];
  readonly inventory: Inventory;
};

/**
 * An honest program that quotes both sides of every book: an ordinary wallet whose orders rest, with limits around what it
 * believes. It has no privileges.
 */
export type Maker = {
  /**
   * Take back the quotes that will be wrong in the block after the one of this height. Called before the wallet checks that
   * one, as it signs at once what rests then.
   */
  prepare(height: number): Promise<void>;
  /** Buy space while it has less than its stock, make cash of full sets, quote, and claim what was won at the end. */
  work(): Promise<void>;
  /** What it offers now; nothing before it may. */
  stands(): readonly MakerStand[];
};

/** How long a quote may rest unchanged. */
const GOOD_FOR_MS = 3_600_000;

/**
 * @param beliefOf - what it believes of an outcome, by its market's place among those of the chain and its own in the market.
 * @param now - unix milliseconds.
 */
export function createMaker(
  wallet: Wallet,
  chainId: Uint8Array,
  beliefOf: (market: number, outcome: number) => Belief,
  policy: MakerPolicy,
  now: () => number,
): Maker {
  const beliefs = new Map<string, Belief>();

  function believe(chain: TrackedChain, { id, market, outcome }: OfferedBook): Belief {
    const belief = beliefs.get(id) ?? beliefOf(chain.followed.markets.indexOf(market), outcome);
    beliefs.set(id, belief);
    return belief;
  }

  function ordersIn(book: OfferedBook): OpenOrder[] {
    const orders = wallet.orders()?.list() ?? [];
    return orders.filter(
      ({ order }) =>
        equalBytes(order.chainId, chainId) && equalBytes(order.limits.market.win, book.ref.win),
    );
  }

  /** What it offers for the block after the one of a height. */
  function standIn(chain: TrackedChain, book: OfferedBook, height: number): MakerStand {
    const inventory = takeStock(wallet, chain, book, ordersIn(book));
    const isOver = wallet.mainChain.tip().header.height >= policy.until;
    const belief = believe(chain, book)(height);
    const quotes = isOver ? [] : createQuotes(belief, inventory, book.rules, policy);
    return { book, quotes, inventory };
  }

  function standsAt(chain: TrackedChain, height: number): MakerStand[] {
    const books = listBooks(chain.followed.markets);
    return books.map((book) => standIn(chain, book, height));
  }

  async function withdraw({ book, quotes }: MakerStand): Promise<void> {
    const kept = new Map<Quote, bigint>();
    for (const { id, order } of ordersIn(book)) {
      const left = leftOf(order);
      if (left <= 0n) continue;
      const quote = quotes.find((each) => isSameQuote(each, order.limits));
      const all = left + ((quote && kept.get(quote)) ?? 0n);
      if (quote === undefined || all > quote.quantity) await wallet.cancelOrder(id);
      else kept.set(quote, all);
    }
  }

  /** Let rest what is missing of the quotes; what is left of one that was half filled stays beside it. */
  async function place({ book, quotes }: MakerStand): Promise<void> {
    for (const { side, limit, quantity } of quotes) {
      const resting = ordersIn(book).filter(({ order }) =>
        isSameQuote({ side, limit }, order.limits),
      );
      const left = resting.reduce((sum, { order }) => sum + leftOf(order), 0n);
      if (left * 2n >= quantity) continue;
      const missing = ((quantity - left) / book.rules.lot) * book.rules.lot;
      const goodUntilMs = now() + GOOD_FOR_MS;
      // It reckons with what a position of somebody else's gives back.
      const goods = { contractIds: [], refundLeast: 0 };
      const wanted = { side, limit, quantity: missing, goodUntilMs, ...goods };
      await wallet.placeOrder(chainId, book.id, wanted);
    }
  }

  return {
    async prepare(height) {
      const chain = wallet.tracker.find(chainId);
      if (chain === undefined || height <= chain.book.tip.height) return;
      for (const stand of standsAt(chain, height)) await withdraw(stand);
    },

    async work() {
      const chain = wallet.tracker.find(chainId);
      if (chain === undefined) return;
      if (chain.settlement !== undefined) return settleChain(wallet, chain, chain.settlement);
      if (chain.book.breach !== undefined) return;
      const isOver = wallet.mainChain.tip().header.height >= policy.until;
      if (!isOver) await buyStock(wallet, chain, policy.stock);
      await mergeSet(wallet, chain);
      for (const stand of standsAt(chain, chain.book.tip.height)) {
        await withdraw(stand);
        await place(stand);
      }
    },

    stands() {
      const chain = wallet.tracker.find(chainId);
      if (chain === undefined || chain.settlement !== undefined) return [];
      return standsAt(chain, chain.book.tip.height);
    },
  };
}

type Order = OpenOrder["order"];

/** Satoshi of an order that rest still; none of one that has ended. */
function leftOf(order: Order): bigint {
  return order.end === undefined ? order.limits.quantity - sumFills(order).quantity : 0n;
}

function isSameQuote(
  { side, limit }: Pick<Quote, "side" | "limit">,
  limits: Order["limits"],
): boolean {
  return limits.side === side && limits.limit === limit;
}

/** What a maker has in a book, by the blocks that its wallet has checked. `orders`: those that are kept of it there. */
function takeStock(
  wallet: Wallet,
  chain: TrackedChain,
  { ref }: OfferedBook,
  orders: readonly OpenOrder[],
): Inventory {
  const held = { yes: 0n, no: 0n, refund: 0n, paid: 0n };
  for (const { place, cost } of listOwn(chain)) {
    const found = pieceAt(ref, place);
    if (found === undefined) continue;
    const width = place.hi - place.lo;
    held[found.isYes ? "yes" : "no"] += width;
    if (found.piece.kind === "refund") held.refund += width;
    held.paid += cost ?? 0n;
  }
  const stale = { yes: 0n, no: 0n };
  for (const { order, sent } of orders) {
    if (order.end === undefined) continue;
    for (const { signed } of sent) {
      const side = isOfYes(order.limits.side) ? "yes" : "no";
      stale[side] += costOf(signed.order.terms.quantity, order.limits.limit);
    }
  }
  return { ...held, stale, lost: sumLost(wallet, chain), cash: sumCash(chain) };
}
