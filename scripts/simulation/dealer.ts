import { createQuotes, type QuotePolicy } from "../../src/agents/quotes.ts";
import type { BatchRules } from "../../src/market/batchOrder.ts";
import { costOf, widthOf } from "../../src/market/piece.ts";
import { ORDER_CONTRACTS_MAX, PRICE_PARTS } from "../../src/protocol/limits.ts";
import type { OrderTerms, Piece } from "../../src/protocol/order.ts";
import { buy, type Holdings, sell } from "./crowd.ts";

/** Positions that he offers for sale at a time. */
const SALES_MAX = 12;

/**
 * What an operator asks for who deals himself: both sides of the last price, and back with what he holds, as soon as
 * somebody takes it a spread better than he got it. He knows nothing that others do not.
 */
export function dealerTerms(
  { cash, positions }: Holdings,
  { last, rules, policy }: { last: number; rules: BatchRules; policy: QuotePolicy },
): OrderTerms[] {
  const sum = (isYes: boolean) =>
    positions.reduce((all, each) => (each.isYes === isYes ? all + each.quantity : all), 0n);
  const [yes, no] = [sum(true), sum(false)];
  const middle = last - (policy.skew * Number(yes - no)) / Number(policy.size);
  const sales = [...positions]
    .sort((a, b) => Number(b.quantity - a.quantity))
    .slice(0, SALES_MAX)
    .flatMap((each) => {
      const own = each.isYes ? middle : PRICE_PARTS - middle;
      return sell(each, own + policy.halfSpread, rules) ?? [];
    });
  const widest = [...cash].sort((a, b) => Number(b.hi - b.lo - (a.hi - a.lo)));
  const halves = [0, 1].map((half) =>
    widest.filter((_, index) => index % 2 === half).slice(0, ORDER_CONTRACTS_MAX),
  );
  const inventory = {
    yes,
    no,
    refund: 0n,
    paid: 0n,
    lost: 0n,
    stale: { yes: 0n, no: 0n },
    cash: halves.map((half) => widthOf(half)).reduce((a, b) => (a < b ? a : b)),
  };
  const quotes = createQuotes(last, inventory, rules, policy).flatMap(
    ({ side, limit, quantity }) => {
      const pieces = halves[side === "buyYes" ? 0 : 1] as Piece[];
      return buy(side === "buyYes", limit, costOf(quantity, limit), pieces, rules) ?? [];
    },
  );
  return [...sales, ...quotes];
}
