import type { TrackedChain } from "../client/chainTracker.ts";
import { listBooks, type OfferedBook } from "../client/orders/offeredBooks.ts";
import type { OpenOrder } from "../client/orders/orderDesk.ts";
import { sumFills } from "../client/orders/readOutcome.ts";
import type { Wallet } from "../client/wallet.ts";
import { equalBytes } from "../lib/bytes.ts";
import { costOf, isOfYes } from "../market/piece.ts";
import type { Belief } from "./belief.ts";
import { buyStock, type Stock, sumCash } from "./ownSpace.ts";
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
  /** Buy space while it has less than its stock, quote, and claim what was won at the end. */
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
    const inventory = takeStock(ordersIn(book), sumCash(chain));
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
    for (const { id, order } of ordersIn(book)) {
      const isWanted = quotes.some((quote) => isSameQuote(quote, order.limits));
      if (leftOf(order) > 0n && !isWanted) await wallet.cancelOrder(id);
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
      const wanted = { side, limit, quantity: missing, goodUntilMs, contractIds: [] };
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

/** What a maker's orders in a book have come to, by the blocks that its wallet has checked. */
function takeStock(orders: readonly OpenOrder[], cash: bigint): Inventory {
  const held = { yes: 0n, no: 0n };
  const stale = { yes: 0n, no: 0n };
  let paid = 0n;
  for (const { order, sent } of orders) {
    const side = isOfYes(order.limits.side) ? "yes" : "no";
    const filled = sumFills(order);
    held[side] += filled.quantity;
    paid += filled.paid;
    if (order.end === undefined) continue;
    for (const { signed } of sent) {
      stale[side] += costOf(signed.order.terms.quantity, order.limits.limit);
    }
  }
  return { ...held, paid, stale, cash };
}
