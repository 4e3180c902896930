import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { createMatches, hashOrder, type SignedOrder } from "../../../src/market/batch.ts";
import { openBatchBook } from "../../../src/market/batchBook.ts";
import { pairBuyers } from "../../../src/market/pairOrders.ts";
import type { Fill, Match } from "../../../src/protocol/match.ts";
import type { Piece } from "../../../src/protocol/order.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { createTrader, MarketLab, type Result, randomTerms } from "./marketLab.ts";

/** Who signed an order, or is said to have. */
type Owned = { readonly signed: SignedOrder; readonly owner: Uint8Array };

/** What a lying operator has in hand: what was signed for this block, what was for the one before, and what he should make. */
type Hand = {
  readonly lab: MarketLab;
  readonly random: SeededRandom;
  readonly orders: readonly Owned[];
  readonly old: readonly Owned[];
  /** Of somebody who signed nothing: an order over his contracts with another's signature. */
  readonly unsigned: Owned | undefined;
  readonly price: number;
  readonly honest: readonly Match[];
};

const RESULTS: Result[] = ["true", "false", "bad"];
const LIES_A_DAY = 12;
/** Above the height that every order of these days is good to. */
const TOO_LATE = 30;

/** How often each lie was refused, by its name; and, as `held`, how often a block held all the same. */
export type Counters = Map<string, number>;

/**
 * A day of trade whose operator makes blocks of signed orders as he likes, while all their signers are offline. Of a
 * block that holds nobody may have anything but what he had or what his order asks for, judged by what he is paid in each
 * case of the question alone.
 *
 * @returns what is wrong, or undefined.
 */
export function tryLies(seed: number, counters: Counters): string | undefined {
  const random = new SeededRandom(Math.imul(seed + 1, 0x9e3779b1));
  const lab = new MarketLab({ tick: 50, lot: 1_000n });
  const traders = Array.from({ length: 4 + random.below(6) }, (_, index) => createTrader(index));
  lab.giveCash(
    traders.flatMap((owner) => [
      { owner, width: BigInt(2_000 + random.below(20_000)) },
      { owner, width: BigInt(2_000 + random.below(20_000)) },
    ]),
  );
  let old: Owned[] = [];
  for (let batch = 0; batch < 3; batch++) {
    const [silent, ...others] = traders;
    const orders = others.flatMap((owner) => signAny(lab, owner, owner, random));
    const { cleared, matches } = lab.clear(orders);
    const [unsigned] = silent ? signAny(lab, silent, createTrader("mallory"), random) : [];
    const price = cleared?.price ?? 500;
    const hand = { lab, random, orders, old, unsigned, price, honest: matches };
    for (let left = LIES_A_DAY; left > 0; left--) {
      const { name, transactions, mainHeight } = lie(hand);
      if (transactions.length === 0) continue;
      const context = { ...lab.context, mainHeight };
      if (!lab.try(transactions, context).ok) {
        counters.set(name, (counters.get(name) ?? 0) + 1);
        continue;
      }
      counters.set("held", (counters.get("held") ?? 0) + 1);
      const before = payoutsOf(lab);
      lab.apply(transactions, context);
      const wrong = findWronged(before, payoutsOf(lab), mainHeight === TOO_LATE ? [] : orders);
      return wrong && `${name}: ${wrong}`;
    }
    lab.apply(matches.map((match) => ({ kind: "match", match })));
    old = orders;
  }
  return undefined;
}

function signAny(
  lab: MarketLab,
  owner: Uint8Array,
  signer: Uint8Array,
  random: SeededRandom,
): Owned[] {
  const terms = randomTerms(lab, owner, random);
  return terms === undefined ? [] : [{ signed: lab.sign(terms, signer), owner }];
}

type Lie = {
  readonly name: string;
  readonly transactions: BlockTransaction[];
  readonly mainHeight: number;
};

function lie(hand: Hand): Lie {
  const { lab, random, orders, old, unsigned, honest, price } = hand;
  const near = () => (1 + random.below(19)) * 50;
  const any = <Item>(items: readonly Item[]): Item | undefined =>
    items[random.below(Math.max(1, items.length))];
  /** One match changed, the others as they should be. */
  const bend = (change: (match: Match) => Match) => {
    const at = random.below(Math.max(1, honest.length));
    return honest.map((match, index) => (index === at ? change(match) : match));
  };
  const lies: Record<string, () => readonly Match[]> = {
    "another price": () => layOut(hand, orders, near(), 1n),
    "two prices": () => {
      // Each is inside the limits of those who trade at it.
      const half = 1 + random.below(Math.max(1, orders.length - 1));
      const parts = [orders.slice(0, half), orders.slice(half)];
      return parts.flatMap((part, index) => {
        const own = price + 50 * index;
        const inside = part.filter(({ signed }) => isInside(signed, own));
        return layOut(hand, inside, own, 1n);
      });
    },
    "more than was wanted": () => layOut(hand, orders, price, 2n),
    "another price in words alone": () => bend((match) => ({ ...match, price: near() })),
    "no refunds": () => bend((match) => refundOneSide(match, random.below(2) === 0)),
    "cash to somebody else": () =>
      bend((match) => movePiece(match, random, ({ kind }) => kind === "cash")),
    "a position to somebody else": () =>
      bend((match) => movePiece(match, random, ({ kind }) => kind !== "cash")),
    "half a match": () => bend((match) => ({ ...match, fills: match.fills.slice(1) })),
    "an order twice": () =>
      bend((match) => ({ ...match, fills: [...match.fills, ...match.fills.slice(0, 1)] })),
    "a match twice": () => [...honest, ...honest.slice(0, 1)],
    "orders of the block before": () => lab.clear(old).matches,
    "an order that nobody signed": () =>
      unsigned === undefined ? [] : layOut(hand, [unsigned, ...orders], price, 1n),
    "a late block": () => honest,
  };
  const name = any(Object.keys(lies)) ?? "";
  const matches = lies[name]?.() ?? [];
  const transactions = matches.map((match) => ({ kind: "match", match }) as const);
  return {
    name,
    transactions,
    mainHeight: name === "a late block" ? TOO_LATE : lab.context.mainHeight,
  };
}

/** Matches of buyers at any price, as if it were theirs; none where their cash does not go so far. */
function layOut(
  { lab }: Hand,
  orders: readonly Owned[],
  price: number,
  times: bigint,
): readonly Match[] {
  const batch = orders.map(({ signed: { order }, owner }) => {
    return { hash: hashOrder(order), owner, terms: order.terms };
  });
  const book = openBatchBook(batch, lab.rules);
  const rows = [true, false].flatMap((isYes) => book.bySize({ isYes, isBuy: true }));
  const buyers = rows.flatMap((row) => {
    const { side, contracts, quantity } = row.order.terms;
    const own = side === "buyYes" ? price : 1_000 - price;
    const cash = contracts.reduce((sum, { lo, hi }) => sum + hi - lo, 0n);
    const most = (cash * 1_000n) / BigInt(own) / lab.rules.lot;
    const wanted = (times * quantity) / lab.rules.lot;
    const lots = wanted < most ? wanted : most;
    return lots === 0n ? [] : [{ row, lots, sales: [] }];
  });
  const first = orders[0]?.signed.order;
  if (first === undefined) return [];
  const pairings = pairBuyers(buyers, price, lab.rules.lot);
  const byHash = new Map(
    orders.map(({ signed }) => [formatHex(hashOrder(signed.order)), signed] as const),
  );
  return createMatches({ price, pairings, crossed: [] }, first.market, first, byHash);
}

const changeFills = (match: Match, change: (fill: Fill) => Fill): Match => ({
  ...match,
  fills: match.fills.map(change),
});

function isInside({ order: { terms } }: SignedOrder, price: number): boolean {
  return (terms.side === "buyYes" ? price : 1_000 - price) <= terms.limit;
}

/** A bad question gives everything back to one side, and nothing to the other. */
function refundOneSide(match: Match, isYes: boolean): Match {
  return changeFills(match, (fill) => {
    const kind: Piece["kind"] = (fill.terms.side === "buyYes") === isYes ? "refund" : "win";
    const pieces = fill.pieces.map((piece) => (piece.kind === "cash" ? piece : { ...piece, kind }));
    return { ...fill, pieces };
  });
}

/** Give a piece of one order to another of the same side. */
function movePiece(match: Match, random: SeededRandom, isIt: (piece: Piece) => boolean): Match {
  const from = match.fills[random.below(match.fills.length)];
  const piece = from?.pieces.find(isIt);
  const to = match.fills.find(
    (fill) => fill !== from && (piece?.kind === "cash" || fill.terms.side === from?.terms.side),
  );
  if (from === undefined || piece === undefined || to === undefined) return match;
  return changeFills(match, (fill) => {
    if (fill === from) return { ...fill, pieces: fill.pieces.filter((each) => each !== piece) };
    return fill === to ? { ...fill, pieces: [...fill.pieces, piece] } : fill;
  });
}

type Payouts = Record<Result, ReadonlyMap<string, bigint>>;

function payoutsOf(lab: MarketLab): Payouts {
  return { true: lab.payouts("true"), false: lab.payouts("false"), bad: lab.payouts("bad") };
}

/** Who has neither what he had nor what his order asks for; orders that are over count for nothing. */
function findWronged(
  before: Payouts,
  after: Payouts,
  orders: readonly Owned[],
): string | undefined {
  const owners = new Set(
    RESULTS.flatMap((result) => [...before[result].keys(), ...after[result].keys()]),
  );
  const byOwner = new Map(
    orders.map(({ signed, owner }) => [formatHex(owner), signed.order.terms]),
  );
  const prices = new Set<bigint>();
  const total = { true: 0n, false: 0n, bad: 0n };
  for (const owner of owners) {
    const gain = (result: Result) =>
      (after[result].get(owner) ?? 0n) - (before[result].get(owner) ?? 0n);
    const got = { true: gain("true"), false: gain("false"), bad: gain("bad") };
    for (const result of RESULTS) total[result] += got[result];
    if (RESULTS.every((result) => got[result] === 0n)) continue;
    const terms = byOwner.get(owner);
    if (terms === undefined)
      return "somebody's space has changed who signed nothing for this block";
    const isYes = terms.side.endsWith("Yes");
    const [right, wrong] = isYes ? [got.true, got.false] : [got.false, got.true];
    const limit = BigInt(terms.limit);
    if (terms.side.startsWith("buy")) {
      const [quantity, paid] = [right - wrong, -wrong];
      if (quantity <= 0n || quantity > terms.quantity)
        return `a buyer has ${quantity} of ${terms.quantity}`;
      if (paid * 1_000n > limit * quantity)
        return `a buyer pays ${paid} for ${quantity}, above ${limit}`;
      const own = (paid * 1_000n) / quantity;
      const back = own < BigInt(terms.refundLeast) ? own : BigInt(terms.refundLeast);
      if (got.bad + paid < (quantity * back) / 1_000n) return "a buyer gets too little back";
      prices.add(isYes ? own : 1_000n - own);
    } else {
      const [quantity, paid] = [wrong - right, wrong];
      if (quantity !== terms.quantity) return `a seller gave ${quantity} of ${terms.quantity}`;
      if (paid * 1_000n < limit * quantity)
        return `a seller gets ${paid} for ${quantity}, below ${limit}`;
      const own = (paid * 1_000n) / quantity;
      prices.add(isYes ? own : 1_000n - own);
    }
  }
  if (prices.size > 1) return `one batch trades at ${[...prices].join(" and ")}`;
  const changed = RESULTS.find((result) => total[result] !== 0n);
  return changed && `space is not conserved where the answer is ${changed}`;
}
