import { costOf, isBuy, ownPrice } from "../../protocol/price.ts";
import type { BookView, OrderView } from "../../workers/marketViews.ts";
import type { ContractView } from "../../workers/walletApi.ts";

const WHOLE_BPS = 10_000n;

export type OrderTicketTerms = Pick<OrderView, "side" | "limit" | "quantity"> & {
  /** Newest price of `yes`, in thousandths; undefined before the first batch. */
  readonly lastPrice: number | undefined;
  readonly depositBps: number;
};

/**
 * What an order may come to, in satoshi of space, before it is sent. An order is never filled outside its limit, so these are
 * bounds; only `expected` is an estimate.
 *
 * - `money`: to buy, what is paid at most; to sell, what is got at least. - `holds`: width of the space if the side is right.
 * - `gains`: bought and right, `holds` less `money`. - `expected`: of `holds` at the newest price, after the operator's share.
 */
export type OrderTicket = {
  readonly money: bigint;
  readonly holds: bigint;
  readonly gains: bigint;
  readonly expected: bigint | undefined;
};

export function computeOrderTicket(terms: OrderTicketTerms): OrderTicket {
  const { side, limit, quantity, lastPrice, depositBps } = terms;
  const money = costOf(quantity, limit);
  const value = lastPrice === undefined ? undefined : costOf(quantity, ownPrice(side, lastPrice));
  return {
    money,
    holds: quantity,
    gains: quantity - money,
    expected: value === undefined ? undefined : keepBack(value, depositBps),
  };
}

/** What is left of an amount after the operator's share, rounded down. */
export function keepBack(amount: bigint, depositBps: number): bigint {
  return (amount * (WHOLE_BPS - BigInt(depositBps))) / WHOLE_BPS;
}

/**
 * Satoshi of plain space in a chain: all, and what no order of this wallet's may use up.
 *
 * - `areAllUsed`: a contract backs one order at a time, and there are as many open orders to buy as contracts.
 */
export type Cash = {
  readonly total: bigint;
  readonly free: bigint;
  readonly areAllUsed: boolean;
};

export function sumCash(
  contracts: readonly ContractView[],
  orders: readonly OrderView[],
  chainId: string,
): Cash {
  let total = 0n;
  let pieces = 0;
  for (const { kind, state, lo, hi, chainId: id } of contracts) {
    if (id !== chainId || kind !== "space" || state !== "held") continue;
    total += hi - lo;
    pieces += 1;
  }
  let asked = 0n;
  let open = 0;
  for (const order of orders) {
    if (order.chainId !== chainId || !order.isOpen || !isBuy(order.side)) continue;
    asked += costOf(order.quantity - order.filled, order.limit);
    open += 1;
  }
  return {
    total,
    free: total > asked ? total - asked : 0n,
    areAllUsed: pieces > 0 && open >= pieces,
  };
}

/** The newest price of `yes`, in thousandths. */
export function lastPriceOf({ trades }: Pick<BookView, "trades">): number | undefined {
  return trades.at(-1)?.price;
}

/**
 * The price of an order's own side that meets the best offer there is; else the newest; else the middle. It is the
 * operator's word, and only where a form begins.
 */
export function suggestPrice(
  { bids, asks, trades, tick }: Pick<BookView, "bids" | "asks" | "trades" | "tick">,
  side: OrderView["side"],
): number {
  const isBid = side === "buyYes" || side === "sellNo";
  const best = (isBid ? asks : bids)[0]?.price;
  const middle = Math.round(500 / tick) * tick;
  return ownPrice(side, best ?? lastPriceOf({ trades }) ?? middle);
}
