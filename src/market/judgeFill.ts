import { demand, judge, type Verdict } from "../lib/verdict.ts";
import { PRICE_PARTS } from "../protocol/limits.ts";
import type { Fill } from "../protocol/match.ts";
import type { Piece } from "../protocol/order.ts";
import { costOf, isBuy, ownPrice, widthOf } from "./piece.ts";

/** The contracts that a fill uses up: all that it closes, in the order of the order. */
export type UsedContracts = readonly Piece[];

/**
 * Whether a fill gives its signer what his order asks for, at `price` thousandths for `yes`: never outside its
 * limit, never above its quantity, never without what it was to receive. From the order and the fill alone; wallet,
 * operator and main chain ask the same.
 *
 * @returns the contracts used up, or the rule that the fill breaks.
 * @see docs/PROTOCOL.md section 7
 */
export function judgeFill(fill: Fill, price: number): Verdict<UsedContracts> {
  return judge(() => {
    const { terms, quantity } = fill;
    const own = ownPrice(terms.side, price);
    demand(
      0n < quantity && quantity <= terms.quantity && quantity % BigInt(PRICE_PARTS) === 0n,
      "BEYOND_QUANTITY",
      `expected a multiple of ${PRICE_PARTS} of at most ${terms.quantity}, got ${quantity}`,
    );
    demand(
      isBuy(terms.side) ? own <= terms.limit : own >= terms.limit,
      "OUTSIDE_LIMIT",
      `the price is ${own} thousandths, outside the order's limit of ${terms.limit}`,
    );
    return isBuy(terms.side) ? judgeBuy(fill, own) : judgeSell(fill, own);
  });
}

function judgeBuy({ terms, quantity, pieces }: Fill, own: number): UsedContracts {
  const { contracts } = terms;
  demand(
    contracts.every(({ kind }) => kind === "cash"),
    "NOT_CASH",
    "expected cash to buy with: only space without conditions backs an order",
  );
  const { used, rest } = spendCash(contracts, costOf(quantity, own));
  const cash = pieces.filter(({ kind }) => kind === "cash");
  demand(
    cash.length === (rest === undefined ? 0 : 1) &&
      cash.every(({ lo, hi }) => lo === rest?.lo && hi === rest.hi),
    "WRONG_REST",
    rest === undefined
      ? `expected no cash back, as the contracts are used up whole, got ${cash.length} pieces`
      : `expected the rest of the last contract, [${rest.lo}, ${rest.hi}), back as one piece of cash, got ${cash.length}`,
  );
  const position = pieces.filter(({ kind }) => kind !== "cash");
  const width = widthOf(position);
  demand(
    width === quantity,
    "WRONG_POSITION",
    `expected a position ${quantity} satoshi wide, got ${width}`,
  );
  const refund = widthOf(position, "refund");
  const refundLeast = costOf(quantity, Math.min(own, terms.refundLeast));
  demand(
    refund >= refundLeast,
    "REFUND_TOO_LOW",
    `expected at least ${refundLeast} satoshi back from a bad question, got ${refund}`,
  );
  return used;
}

function judgeSell({ terms, quantity, pieces }: Fill, own: number): UsedContracts {
  const { contracts } = terms;
  const isPosition = contracts.every(({ kind }) => kind !== "cash");
  const isWhole = widthOf(contracts) === terms.quantity && quantity === terms.quantity;
  demand(
    isPosition && isWhole,
    "NOT_WHOLE",
    `expected a position of ${terms.quantity} satoshi, sold whole, got ${quantity} of ${widthOf(contracts)}`,
  );
  demand(
    pieces.every(({ kind }) => kind === "cash"),
    "NOT_CASH",
    "expected cash alone for who sells a position",
  );
  const cost = costOf(quantity, own);
  const got = widthOf(pieces);
  demand(got === cost, "WRONG_PROCEEDS", `expected ${cost} satoshi of cash, got ${got}`);
  return contracts;
}

/**
 * Use up cash from the first contract's low end. Refuses where the contracts do not cover the cost.
 *
 * @returns the contracts touched, and what is left of the last one.
 */
function spendCash(
  contracts: readonly Piece[],
  cost: bigint,
): { readonly used: readonly Piece[]; readonly rest: Piece | undefined } {
  let open = cost;
  for (const [index, { lo, hi }] of contracts.entries()) {
    if (hi - lo < open) {
      open -= hi - lo;
      continue;
    }
    const rest = lo + open < hi ? ({ lo: lo + open, hi, kind: "cash" } as const) : undefined;
    return { used: contracts.slice(0, index + 1), rest };
  }
  demand(false, "NOT_COVERED", `the order's contracts do not cover ${cost} satoshi`);
}
