import type { Market } from "../../src/api/marketApi.ts";
import type { BlockTransaction } from "../../src/blocks/transaction.ts";
import type { TrackedChain } from "../../src/client/chainTracker.ts";
import { listBooks, type OfferedBook } from "../../src/client/orders/offeredBooks.ts";
import type { OpenOrder } from "../../src/client/orders/orderDesk.ts";
import { sumFills } from "../../src/client/orders/readOutcome.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist, type Verdict } from "../../src/lib/verdict.ts";
import { createMatches, hashOrder } from "../../src/market/batch.ts";
import { openBatchBook } from "../../src/market/batchBook.ts";
import { pairBuyers } from "../../src/market/pairOrders.ts";
import { isOfYes, pieceAt } from "../../src/market/piece.ts";
import { computeOracleId } from "../../src/protocol/keys.ts";
import type { OrderSide } from "../../src/protocol/order.ts";
import { BatchOperator, type WaitingOrder } from "./batchOperator.ts";
import { LocalWorld, VEO } from "./localWorld.ts";

const URL = "http://exchange";
const HOUR_MS = 3_600_000;

/** An order as a story asks for it; VEO of position, and thousandths of its own side. */
export type Wish = {
  readonly side: OrderSide;
  readonly limit: number;
  readonly quantity: bigint;
  readonly goodForMs?: number;
};

/** Two traders and an operator who clears their orders, on one question. */
export class TradeStory {
  readonly world: LocalWorld;
  readonly exchange: BatchOperator;
  readonly alice: Wallet;
  readonly bob: Wallet;
  readonly reporter: Wallet;
  readonly oracles: readonly Uint8Array[];

  private constructor(
    world: LocalWorld,
    exchange: BatchOperator,
    people: { readonly alice: Wallet; readonly bob: Wallet; readonly reporter: Wallet },
    oracles: readonly Uint8Array[],
  ) {
    this.world = world;
    this.exchange = exchange;
    this.alice = people.alice;
    this.bob = people.bob;
    this.reporter = people.reporter;
    this.oracles = oracles;
  }

  /** Both have 100 VEO of cash in ten pieces each, recorded. `outcomes`: of a categorical question, if more than one. */
  static async begin(
    seed: string,
    { expiry = 200, outcomes = ["the reds win"] }: { expiry?: number; outcomes?: string[] } = {},
  ): Promise<TradeStory> {
    const world = await LocalWorld.start(seed);
    const reporter = await world.openWallet("reporter");
    insist(await reporter.requestCoins());
    await world.mine(2);
    const oracles: Uint8Array[] = [];
    for (const outcome of outcomes) {
      const hands = handsOf(reporter);
      oracles.push(computeOracleId(hands.signer.publicKey, hands.outbox.account().nonce + 1));
      const body = { kind: "oracle-new", reporter: hands.signer.publicKey } as const;
      insist(await hands.outbox.send({ ...body, question: `Is it true that ${outcome}?` }));
      await world.mine();
    }
    const [oracle] = oracles;
    if (oracle === undefined) throw new Error("a question has an oracle");
    const market: Market = {
      question: "How does the game end?",
      ask: oracles.length > 1 ? { kind: "categorical", oracles } : { kind: "binary", oracle },
      outcomes,
      depositBps: 0,
      tick: 10,
      lot: VEO / 100n,
      yesBps: undefined,
    };
    const options = { name: "exchange", url: URL, amount: 1_000n * VEO, expiry };
    const exchange = await BatchOperator.open(world, { ...options, markets: [market] });
    const alice = await world.openWallet("alice");
    const bob = await world.openWallet("bob");
    for (const { hands } of [alice, bob]) {
      const owner = hands()?.signer.publicKey ?? new Uint8Array();
      exchange.give(...Array.from({ length: 10 }, () => [owner, 10n * VEO] as const));
    }
    await exchange.post();
    await world.mine(2);
    for (const wallet of [alice, bob]) insist(await wallet.follow(URL));
    await world.mine(2);
    exchange.sayRecorded();
    await world.settle();
    return new TradeStory(world, exchange, { alice, bob, reporter }, oracles);
  }

  book(outcome = 0): OfferedBook {
    const book = listBooks(this.exchange.markets)[outcome];
    if (book === undefined) throw new Error(`no outcome ${outcome} is offered`);
    return book;
  }

  chainOf(wallet: Wallet): TrackedChain {
    const chain = wallet.tracker.find(this.exchange.chain.id);
    if (chain === undefined) throw new Error("the wallet does not follow the exchange");
    return chain;
  }

  async place(
    wallet: Wallet,
    { side, limit, quantity, goodForMs = HOUR_MS }: Wish,
    outcome = 0,
  ): Promise<Verdict<string>> {
    const contractIds = side.startsWith("buy") ? [] : this.position(wallet, side, outcome);
    const goodUntilMs = this.world.nowMs + goodForMs;
    const wanted = { side, limit, quantity: quantity * VEO, goodUntilMs, contractIds };
    const placed = await wallet.placeOrder(this.exchange.chain.id, this.book(outcome).id, wanted);
    await this.world.settle();
    return placed;
  }

  /** Ids of the contracts of one side that a wallet holds. */
  position(wallet: Wallet, side: OrderSide, outcome = 0): Uint8Array[] {
    const { own, live } = this.chainOf(wallet).book;
    return [...own].flatMap(([id, { leaf, place }]) => {
      const found = live.has(id) ? pieceAt(this.book(outcome).ref, place) : undefined;
      return found?.isYes === isOfYes(side) ? [leaf.id] : [];
    });
  }

  /** The exchange makes a block of what waits, and everybody looks at it. */
  async trade(): Promise<void> {
    this.exchange.makeBlock();
    await this.world.settle();
  }

  /** Matches of orders at a price that is not theirs, though inside their limits; 20 VEO of each. */
  matchesAt(price: number, waiting: readonly WaitingOrder[]): BlockTransaction[] {
    const { ref, rules } = this.book();
    const orders = waiting.map(({ signed: { order }, owner }) => {
      return { hash: hashOrder(order), owner, terms: order.terms };
    });
    const book = openBatchBook(orders, rules);
    const buyers = [true, false]
      .flatMap((isYes) => book.bySize({ isYes, isBuy: true }))
      .map((row) => ({ row, lots: (20n * VEO) / rules.lot, sales: [] }));
    const pairings = pairBuyers(buyers, price, rules.lot);
    const byHash = new Map(
      waiting.map(({ signed }) => [formatHex(hashOrder(signed.order)), signed] as const),
    );
    const matches = createMatches(
      { price, pairings, crossed: [] },
      ref,
      this.exchange.bounds,
      byHash,
    );
    return matches.map((match): BlockTransaction => ({ kind: "match", match }));
  }

  /** He records what he has made, under enough confirmations, and says so. */
  async record(): Promise<void> {
    await this.exchange.post();
    await this.world.mine(3);
    this.exchange.sayRecorded();
    await this.world.settle();
  }

  order(wallet: Wallet, index = 0): OpenOrder {
    const order = wallet.orders()?.list()[index];
    if (order === undefined) throw new Error(`there is no order ${index}`);
    return order;
  }

  filled(wallet: Wallet, index = 0): { quantity: bigint; paid: bigint } {
    const { quantity, paid } = sumFills(this.order(wallet, index).order);
    return { quantity, paid };
  }

  /** What a wallet holds: satoshi of cash, and of one side, with what comes back where the question is bad. */
  holds(wallet: Wallet, outcome = 0): Record<string, bigint> {
    const { own, live } = this.chainOf(wallet).book;
    const held: Record<string, bigint> = {};
    const add = (what: string, width: bigint) => {
      held[what] = (held[what] ?? 0n) + width;
    };
    for (const [id, { leaf, place }] of own) {
      if (!live.has(id)) continue;
      const width = leaf.hi - leaf.lo;
      const found = pieceAt(this.book(outcome).ref, place);
      if (place.conditions.length === 0) add("cash", width);
      if (found === undefined) continue;
      add(found.isYes ? "yes" : "no", width);
      if (found.piece.kind === "refund") add("refund", width);
    }
    return held;
  }

  async report(result: "true" | "false" | "bad", oracle = 0): Promise<void> {
    const oracleId = this.oracles[oracle] ?? new Uint8Array();
    insist(await handsOf(this.reporter).outbox.send({ kind: "oracle-report", oracleId, result }));
    await this.world.mine();
  }
}

function handsOf(wallet: Wallet) {
  const hands = wallet.hands();
  if (hands === undefined) throw new Error("the wallet has no key");
  return hands;
}
