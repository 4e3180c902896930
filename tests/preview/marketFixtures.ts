import type {
  BookView,
  LevelView,
  OrderStateView,
  OrderView,
  PositionView,
  TradeView,
} from "../../src/workers/marketViews.ts";
import type { WalletSnapshot } from "../../src/workers/walletApi.ts";
import { CASH_ID, CHAIN_ID, chain, live, market, NOW_MS, veo, YES_ID, yes } from "./fixtures.ts";

export const BOOK_ID = "b00c".padEnd(64, "51d2e7");
const LOT = veo(0.1);
const MINUTE = 60_000;

function levels(...pairs: readonly (readonly [price: number, lots: number])[]): LevelView[] {
  let total = 0n;
  return pairs.map(([price, lots]) => {
    total += BigInt(lots);
    return { price, lots: BigInt(lots), total };
  });
}

/** A walk of prices without chance: the same at every start. */
function walk(count: number, from: number): TradeView[] {
  return Array.from({ length: count }, (_, index) => ({
    height: 87 - count + 1 + index,
    price:
      from +
      Math.round(8 * Math.cos((count - 1 - index) / 9) + 3 * Math.sin((count - 1 - index) * 1.7)) *
        10,
    volume: LOT * BigInt(5 + ((index * 37) % 61)),
    timeMs: NOW_MS - (count - index) * 47_000,
  }));
}

export const book: BookView = {
  id: BOOK_ID,
  chainId: CHAIN_ID,
  question: market.question,
  outcome: "the home side wins",
  tick: 10,
  lot: LOT,
  answer: "open",
  closed: undefined,
  bids: levels([610, 42], [600, 120], [590, 15], [580, 210], [560, 80], [540, 300], [500, 95]),
  asks: levels([630, 30], [640, 95], [650, 160], [680, 40], [700, 260], [720, 12], [750, 400]),
  trades: walk(42, 540),
  nextHeight: 88,
  nextAtMs: NOW_MS + 7_000,
  heardAtMs: NOW_MS - 1_000,
  audit: { kind: "checked", height: 87, orders: 34 },
};

export function makeOrder(
  id: string,
  state: OrderStateView,
  change: Partial<OrderView> = {},
): OrderView {
  return {
    id,
    chainId: CHAIN_ID,
    bookId: BOOK_ID,
    side: "buyYes",
    limit: 620,
    quantity: veo(10),
    filled: 0n,
    price: undefined,
    paid: 0n,
    improvement: 0n,
    madeAtMs: NOW_MS - 3 * MINUTE,
    goodUntilMs: NOW_MS + 57 * MINUTE,
    isOpen: true,
    state,
    missed: undefined,
    atRisk: 0n,
    ...change,
  };
}

const partOf = { filled: veo(4), price: 610, paid: veo(2.44), improvement: veo(0.04) } as const;
const over = { isOpen: false } as const;

/** One order in every state that there is. */
export const everyOrder: readonly OrderView[] = [
  makeOrder("1", {
    kind: "resting",
    waitsFor: "the record on the main chain of what it is to use",
  }),
  makeOrder("2", { kind: "sent" }, { side: "buyNo", limit: 390, quantity: veo(2.5) }),
  makeOrder("3", { kind: "inBatch", height: 88 }, { limit: 600, atRisk: veo(6) }),
  makeOrder(
    "4",
    { kind: "inBatch", height: 88 },
    {
      side: "sellYes",
      limit: 650,
      missed: { height: 87, why: "the price was 0.61, outside its limit of 0.65", isPart: false },
    },
  ),
  makeOrder("5", {
    kind: "unfilled",
    height: 87,
    why: "the price was 0.63, outside its limit of 0.62",
  }),
  makeOrder(
    "6",
    {
      kind: "partly",
      height: 87,
      why: "at the price of 0.61 there was not enough for all at that limit: its share was 4 VEO of 10 VEO",
    },
    partOf,
  ),
  makeOrder("7", { kind: "refused", why: "the batch is full" }),
  makeOrder("7b", { kind: "overtaken" }),
  makeOrder("8", { kind: "inBatch", height: 88 }, { ...over, atRisk: veo(6.2) }),
  makeOrder(
    "9",
    { kind: "filled", height: 86 },
    { ...over, filled: veo(10), price: 605, paid: veo(6.05), improvement: veo(0.15) },
  ),
  makeOrder("10", { kind: "expired" }, { ...over, ...partOf }),
  makeOrder("11", { kind: "cancelled" }, over),
  makeOrder("12", { kind: "refused", why: "The question is answered." }, over),
];

export const positions: readonly PositionView[] = [
  {
    chainId: CHAIN_ID,
    bookId: BOOK_ID,
    side: "yes",
    contractIds: [YES_ID],
    quantity: veo(10),
    backIfBad: veo(6.05),
    cost: veo(6.05),
    chance: 610,
    outcome: "open",
  },
  {
    chainId: CHAIN_ID,
    bookId: BOOK_ID,
    side: "no",
    contractIds: [`${YES_ID.slice(0, 60)}0001`, `${YES_ID.slice(0, 60)}0002`],
    quantity: veo(2.5),
    backIfBad: veo(0.9),
    cost: undefined,
    chance: 390,
    outcome: "open",
  },
];

/** A wallet that trades: its book, orders and positions changed. */
export function trade(
  change: Partial<BookView> = {},
  own: Partial<Pick<WalletSnapshot, "orders" | "positions" | "contracts" | "key">> = {},
): WalletSnapshot {
  return { ...live, books: [{ ...book, ...change }], orders: [], positions: [], ...own };
}

export const marketEmpty = trade(
  { bids: [], asks: [], trades: [], nextAtMs: undefined, audit: undefined },
  { contracts: [] },
);
export const marketComing = trade(
  {},
  {
    contracts: live.contracts
      .filter(({ id }) => id === CASH_ID)
      .map((cash) => ({ ...cash, kind: "unpaid" as const })),
  },
);
/** Beside the one that an order uses up there is space for another one. */
const spare = live.contracts
  .filter(({ id }) => id === CASH_ID)
  .map((cash) => ({ ...cash, id: `${CASH_ID.slice(0, 60)}0001`, lo: veo(420) }));
export const marketLive = trade(
  {},
  { orders: everyOrder.slice(2, 4), positions, contracts: [...live.contracts, ...spare] },
);
export const marketOrders = trade({}, { orders: everyOrder });
export const marketLate = trade({ heardAtMs: NOW_MS - 24_000, nextAtMs: NOW_MS - 9_000 });
export const marketCut = trade(
  {
    heardAtMs: undefined,
    nextAtMs: NOW_MS - 40_000,
    audit: { kind: "unpublished", height: 87 },
  },
  { orders: everyOrder.slice(0, 1) },
);
export const marketDifferent = trade({
  audit: {
    kind: "different",
    height: 87,
    words: "the block trades at 0.61, and its orders come to 0.62",
  },
});
export const marketClosed = trade(
  { answer: "yes", closed: "The question is answered.", bids: [], asks: [], nextAtMs: undefined },
  {
    orders: everyOrder.slice(8),
    positions: positions.map((each) => {
      const isRight = each.side === "yes";
      return { ...each, outcome: isRight ? "right" : "wrong", chance: isRight ? 1_000 : 0 };
    }),
  },
);

const huge = 123_456_789_012_345_678n;
/** Amounts and words as long as they get. */
export const marketLong = trade(
  {
    question:
      "Does the mean of the three largest exchanges’ closing prices on the last trading day of the year lie above the mean of the year before, or do fewer than two of them publish one?",
    outcome: "above the year before, by all three exchanges’ own published figures",
    tick: 1,
    lot: 1_000n,
    bids: levels([617, 98_765_432_109], [615, 1], [613, 12_345_678_901]),
    asks: levels([618, 87_654_321_098], [619, 3]),
    trades: book.trades.map((each) => ({ ...each, volume: huge + each.volume })),
    nextHeight: 4_123_456_789,
    nextAtMs: NOW_MS + 95 * MINUTE,
  },
  {
    orders: [
      makeOrder(
        "1",
        {
          kind: "partly",
          height: 4_123_456_788,
          why: "no single buyer took the whole position at 0.617",
        },
        {
          limit: 617,
          quantity: huge,
          filled: huge / 3n,
          price: 616,
          paid: huge / 5n,
          improvement: 12_345_678_901n,
          goodUntilMs: NOW_MS + 6 * 24 * 60 * MINUTE,
        },
      ),
    ],
    positions: positions.map((each) => ({
      ...each,
      quantity: huge,
      backIfBad: huge / 2n,
      cost: huge / 2n,
    })),
  },
);

/** A question with several outcomes, each with a book of its own. */
export const marketOutcomes: WalletSnapshot = {
  ...trade(),
  chains: [{ ...chain, label: "Exchange" }],
  contracts: [yes],
  books: ["under 50", "50 to 60", "60 to 70", "70 or more"].map((outcome, index) => ({
    ...book,
    id: index === 1 ? BOOK_ID : `${index}`.padEnd(64, "0e"),
    question: "What does a barrel cost at the end of the year?",
    outcome,
    answer: index === 0 ? "no" : "open",
    trades: index === 3 ? [] : walk(12, 180 + index * 90),
  })),
};
