import { createBelief } from "../../src/agents/belief.ts";
import { type Chance, createChance } from "../../src/agents/chance.ts";
import { createMaker, type Maker } from "../../src/agents/maker.ts";
import { buyStock, listOwn, type Stock, sumCash } from "../../src/agents/ownSpace.ts";
import { createTaker, type Taker } from "../../src/agents/taker.ts";
import type { Market } from "../../src/api/marketApi.ts";
import { evaluateCondition } from "../../src/blocks/conditionOutcome.ts";
import type { TrackedChain } from "../../src/client/chainTracker.ts";
import { listBooks } from "../../src/client/orders/offeredBooks.ts";
import { sumFills } from "../../src/client/orders/readOutcome.ts";
import type { OwnLeaf } from "../../src/client/ownLeaves.ts";
import type { Wallet } from "../../src/client/wallet.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { isBuy, isOfYes, pieceAt } from "../../src/market/piece.ts";
import { ORACLE_RESULTS, type OracleResult } from "../../src/protocol/facts.ts";
import { computeOracleId } from "../../src/protocol/keys.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { balanceOf, outcomeOf } from "./story.ts";
import { expect, type Outcome, veo } from "./telling.ts";

const VEO = 100_000_000n;
const FEE = 10_000n;
const PRIZE = 1_000n * VEO;

/** Where the market is played: in processes, or in one. Everybody in it has his turn until nobody has anything to do. */
export type MarketStage = {
  height(): number;
  now(): number;
  mine(count: number): Promise<void>;
  /** Wait for something that others have a part in, and for all that follows from it. */
  act<Value>(work: Promise<Value>): Promise<Value>;
  /** A wallet with a key of its own, which takes part from now on. */
  openWallet(name: string): Promise<Wallet>;
  /** An operator who locks 1,000 VEO until a height and offers markets: where he serves. */
  startExchange(expiry: number, markets: readonly Market[]): Promise<string>;
};

export type MarketPlot = {
  readonly seed: string;
  readonly say: (words: string) => void;
  /** How many trade beside the maker, and how many batches they do. */
  readonly traders: number;
  readonly batches: number;
  /** Contracts of space that each buys to trade with. */
  readonly pieces: number;
};

/** Who takes part. */
export type Person = {
  readonly name: string;
  readonly wallet: Wallet;
};

/** Who says in how many questions what, by the seed. */
type Answer = Exclude<OracleResult, "open">;

const QUESTION = "Do the reds win on Saturday?";
const SCORERS = ["a red", "a blue", "nobody"];
const NAMES = ["Ann", "Bea", "Cid", "Dov", "Eve", "Fay", "Gus", "Hal"];

/** What a day of trading has come to. */
export type MarketDay = {
  readonly people: readonly Person[];
  /** Satoshi of cash that each has bought, and that full sets have become. */
  readonly bought: readonly bigint[];
  readonly merged: bigint;
  readonly reporter: Wallet;
  /** Of the first question, and of each outcome of the second. */
  readonly oracleIds: readonly Uint8Array[];
  readonly chance: Chance;
  readonly chainOf: (wallet: Wallet) => TrackedChain;
};

/**
 * Many trade on a question with two answers and on one with three, in batches. After every batch the books balance to the
 * satoshi. Throws where a step is not as it should be.
 */
export async function tradeForADay(stage: MarketStage, plot: MarketPlot): Promise<MarketDay> {
  const { seed, say, batches, pieces } = plot;
  const chance = createChance(`${seed}:story`);
  const reporter = await openWithCoins(stage, "reporter");
  const ids = await askQuestions(stage, reporter, [
    QUESTION,
    ...SCORERS.map((who) => `Is it ${who} who scores first?`),
  ]);
  const [first, ...others] = ids;
  if (first === undefined) throw new Error("a question has an oracle");
  const markets = [
    createMarket(QUESTION, { kind: "binary", oracle: first }, ["the reds win"]),
    createMarket("Who scores first?", { kind: "categorical", oracles: others }, SCORERS),
  ];
  // Until then everybody has bought, traded, and been told the answers.
  const expiry = stage.height() + 38 + batches;
  const url = await stage.startExchange(expiry, markets);
  say(`Height ${stage.height()}: an exchange is up, and offers two questions with four outcomes.`);

  const people = await openTraders(stage, plot.traders, url);
  const [maker] = people;
  if (maker === undefined) throw new Error("there is nobody to trade");
  const chainOf = (wallet: Wallet): TrackedChain => {
    const [chain] = wallet.tracker.chains();
    if (chain === undefined) throw new Error("the wallet does not follow the exchange");
    return chain;
  };
  // Nearly all of the space is sold, so that the point falls on one of them, as a rule.
  const stock = { pieces, width: PRIZE / BigInt(pieces * people.length + 2) };
  const bought = await buySpace(stage, people, stock, chainOf);
  const sum = bought.reduce((all, each) => all + each, 0n);
  say(
    `Height ${stage.height()}: ${people.length} people have bought ${veo(sum)} of space, in pieces to trade with.`,
  );

  const { facts } = chainOf(maker.wallet).followed;
  const until = stage.height() + batches;
  const program = createMaker(
    maker.wallet,
    facts.id,
    (market, outcome) => createBelief(`${seed}:${market}:${outcome}`, market === 0 ? 500 : 330, 10),
    { levels: 2, halfSpread: 20, skew: 5, size: 15n * VEO, lossMax: 60n * VEO, stock, until },
    () => stage.now(),
  );
  const traders = people.slice(1).map(({ wallet, name }) => {
    const policy = { busy: 0.5, sizeMax: 20n * VEO, stock, until };
    return createTaker(wallet, facts.id, createChance(`${seed}:${name}`), policy, () =>
      stage.now(),
    );
  });
  let told = 0;
  let merged = 0n;
  for (let batch = 0; batch < batches; batch++) {
    await tradeOnce(stage, { program, traders, chance });
    merged = checkBooks(people, bought, chainOf);
    checkMaker(program, sumCash(chainOf(maker.wallet)), bought[0] ?? 0n);
    told = tellBatches(chainOf(maker.wallet), told, say);
  }
  return { people, bought, merged, reporter, oracleIds: ids, chance, chainOf };
}

/**
 * A day of trading; then the oracles answer, the point is drawn, and one is paid: at the end, too, the books balance to the
 * satoshi. Throws where a step is not as it should be.
 */
export async function playMarket(stage: MarketStage, plot: MarketPlot): Promise<Outcome> {
  const { say } = plot;
  const day = await tradeForADay(stage, plot);
  const { people, bought, merged, reporter, oracleIds, chance, chainOf } = day;
  const [maker] = people;
  if (maker === undefined) throw new Error("nobody has traded");
  tellVolume(chainOf(maker.wallet), stage.height(), say);
  const orders = people.flatMap(({ wallet }) => wallet.orders()?.list() ?? []);
  const filled = orders.filter(({ order }) => sumFills(order).quantity > 0n);
  const sold = filled.filter(({ order }) => !isBuy(order.limits.side));
  say(
    `Height ${stage.height()}: ${orders.length} orders, of which ${filled.length} were filled or partly filled; ` +
      `${sold.length} of these sold a position before the end, and ${veo(merged)} of both sides became cash.`,
  );

  const answers = chooseAnswers(chance);
  for (const [index, result] of answers.entries()) {
    const oracleId = oracleIds[index];
    const hands = reporter.hands();
    if (oracleId === undefined || hands === undefined) throw new Error("nobody answers");
    insist(await stage.act(hands.outbox.send({ kind: "oracle-report", oracleId, result })));
  }
  await stage.mine(4);
  say(`Height ${stage.height()}: the answers are in: ${describeAnswers(answers)}.`);
  const worth = people.map(({ wallet }) => sumWinning(chainOf(wallet)));
  const held = worth.reduce((all, each) => all + each, 0n);
  const sum = bought.reduce((all, each) => all + each, 0n);
  // What is under a question goes to one side or the other, never to both and never to nobody.
  expect(held === sum, `all that was bought is somebody's: ${veo(held)} of ${veo(sum)}`);
  for (const [index, { name }] of people.entries()) {
    const [before = 0n, after = 0n] = [bought[index], worth[index]];
    const change = after < before ? `lost ${veo(before - after)}` : `gained ${veo(after - before)}`;
    say(
      `  ${name}: bought ${veo(before)}, ${change} by trading, and has ${veo(after)} of the prize's space`,
    );
  }
  checkBooks(people, bought, chainOf);
  return settle(stage, plot, people, chainOf);
}

/** The draw, the claim of whoever holds the point, and his payment: nobody else gets or loses anything. */
async function settle(
  stage: MarketStage,
  { say }: MarketPlot,
  people: readonly Person[],
  chainOf: (wallet: Wallet) => TrackedChain,
): Promise<Outcome> {
  const [looker] = people;
  if (looker === undefined) throw new Error("nobody looks");
  const { followed } = chainOf(looker.wallet);
  const { facts, claimDelay, disputeDelay, prize } = followed;
  await stage.mine(facts.expiry + LOCAL_NETWORK.drawBlocks - stage.height());
  const point = chainOf(looker.wallet).settlement?.point;
  if (point === undefined) throw new Error("the point is not drawn");
  const owners = people.flatMap((person) =>
    listWinning(chainOf(person.wallet))
      .filter(({ leaf }) => leaf.lo <= point && point < leaf.hi)
      .map((own) => ({ person, own })),
  );
  expect(owners.length <= 1, "the point is one person's at most");
  const [winner] = owners;
  const before = people.map(({ wallet }) => balanceOf(wallet));
  say(`Height ${stage.height()}: the point is ${veo(point)}: ${describeHolder(winner)}.`);
  if (winner !== undefined) {
    insist(await stage.act(winner.person.wallet.claim(winner.own.leaf.id)));
    await refuseLosers(stage, people, winner.own, point, chainOf);
  }
  await stage.mine(3 + claimDelay + disputeDelay);
  if (winner !== undefined) insist(await stage.act(winner.person.wallet.collect(facts.id)));
  await stage.mine(3);
  const settled = chainOf(looker.wallet).settlement?.settled;
  if (settled === undefined) throw new Error("the chain has not ended");
  const { paid, operatorPaid, burnt } = settled;
  expect(paid + operatorPaid + burnt === prize, "the prize is conserved");
  const parts = `${veo(paid)} to who won, ${veo(operatorPaid)} to the operator, ${veo(burnt)} burnt`;
  say(`Height ${stage.height()}: the prize of ${veo(prize)} is paid out: ${parts}.`);
  for (const [index, person] of people.entries()) {
    const change = balanceOf(person.wallet) - (before[index] ?? 0n);
    const due = person === winner?.person ? prize - 2n * FEE - LOCAL_NETWORK.claimFeeBase : 0n;
    expect(change === due, `${person.name} is due ${veo(due)}, and got ${veo(change)}`);
    say(`  ${person.name}: ${veo(change)} more on the main chain than before the draw, as is due`);
  }
  if (winner === undefined) {
    expect(settled.operatorPaid === prize, "what nobody bought is the operator's");
    say("What nobody bought is the operator's: nobody else's balance has changed.");
  } else {
    expect(settled.paid === prize, "the whole prize is paid to the winner");
    say(
      `${winner.person.name} is paid, less the fees; every other position is lost, and no other balance has changed.`,
    );
  }
  return outcomeOf((winner?.person ?? looker).wallet, point);
}

function describeHolder(
  winner: { readonly person: Person; readonly own: OwnLeaf } | undefined,
): string {
  if (winner === undefined) return "nobody bought it";
  const isCash = winner.own.place.conditions.length === 0;
  return `it is ${winner.person.name}'s, ${isCash ? "who did not bet it" : "who was right about it"}`;
}

/** Positions over the point that lost are not claimed, whoever holds them. */
async function refuseLosers(
  stage: MarketStage,
  people: readonly Person[],
  won: OwnLeaf,
  point: bigint,
  chainOf: (wallet: Wallet) => TrackedChain,
): Promise<void> {
  const lost = people.flatMap(({ wallet }) =>
    listOwn(chainOf(wallet))
      .filter(
        ({ leaf }) => leaf.lo <= point && point < leaf.hi && !equalBytes(leaf.id, won.leaf.id),
      )
      .map(({ leaf }) => wallet.claim(leaf.id)),
  );
  const claimed = await stage.act(Promise.all(lost));
  expect(
    claimed.every(({ ok }) => !ok),
    "a position that lost is not claimed",
  );
}

/** Every trader has his turn, and then the orders of all are cleared in one batch. */
async function tradeOnce(
  stage: MarketStage,
  parts: { readonly program: Maker; readonly traders: readonly Taker[]; readonly chance: Chance },
): Promise<void> {
  const { program, traders, chance } = parts;
  await stage.act(program.work());
  for (const trader of traders) {
    for (const { book, quotes } of program.stands()) {
      // Each thinks that the price is a little elsewhere, so they trade with one another too.
      const shift = (Math.floor(chance() * 9) - 4) * book.market.tick;
      const bid = quotes.find(({ side }) => side === "buyYes")?.limit;
      const no = quotes.find(({ side }) => side === "buyNo")?.limit;
      const level = (price: number | undefined) =>
        price === undefined
          ? []
          : [{ price: Math.min(980, Math.max(20, price + shift)), lots: 1n }];
      trader.hear({
        kind: "book",
        sequence: 0,
        bookId: book.ref.win,
        bids: level(bid),
        asks: level(no === undefined ? undefined : 1_000 - no),
      });
    }
  }
  await stage.act(Promise.all(traders.map((trader) => trader.work())));
  await stage.mine(1);
}

/** Tell what was traded in the batches that are new. @returns how many trades are told by now. */
function tellBatches(
  { book, followed }: TrackedChain,
  told: number,
  say: (words: string) => void,
): number {
  const fresh = book.trades.slice(told);
  for (const block of new Set(fresh.map(({ height }) => height))) {
    const words = fresh
      .filter(({ height }) => height === block)
      .map(({ market, price, volume }) => {
        const outcome = nameOutcome(followed.markets, market.win);
        return `${veo(volume)} of “${outcome}” at ${(price / 1_000).toFixed(2)}`;
      });
    say(`  block ${block}: ${words.join(", ")}`);
  }
  return book.trades.length;
}

/** Tell what all batches came to; every outcome was traded in them. */
function tellVolume(
  { book, followed }: TrackedChain,
  height: number,
  say: (words: string) => void,
): void {
  const volumes = new Map(listBooks(followed.markets).map(({ id }) => [id, 0n]));
  for (const { market, volume } of book.trades) {
    const id = formatHex(market.win);
    volumes.set(id, (volumes.get(id) ?? 0n) + volume);
  }
  const words = listBooks(followed.markets).map(({ id, ref }) => {
    const volume = volumes.get(id) ?? 0n;
    const outcome = nameOutcome(followed.markets, ref.win);
    expect(volume > 0n, `“${outcome}” was traded`);
    return `${veo(volume)} of “${outcome}”`;
  });
  const all = [...volumes.values()].reduce((sum, volume) => sum + volume, 0n);
  const batches = new Set(book.trades.map((trade) => trade.height)).size;
  say(
    `Height ${height}: ${batches} batches traded ${veo(all)}, as positions pay: ${words.join(", ")}.`,
  );
}

function nameOutcome(markets: readonly Market[], win: Uint8Array): string {
  const found = listBooks(markets).find(({ id }) => id === formatHex(win));
  return found?.market.outcomes[found.outcome] ?? "?";
}

/**
 * What everybody has of cash is what he bought, less what he paid, more what he got by his orders and of full sets: to the satoshi.
 * @returns satoshi of full sets that have become cash.
 */
function checkBooks(
  people: readonly Person[],
  bought: readonly bigint[],
  chainOf: (wallet: Wallet) => TrackedChain,
): bigint {
  let allMerged = 0n;
  for (const [index, { name, wallet }] of people.entries()) {
    const chain = chainOf(wallet);
    expect(chain.book.breach === undefined, `every block holds for ${name}`);
    let due = bought[index] ?? 0n;
    for (const { ref } of listBooks(chain.followed.markets)) {
      // What was bought of both sides and is held no more.
      const gone = { yes: 0n, no: 0n };
      for (const { order } of wallet.orders()?.list() ?? []) {
        if (!equalBytes(order.limits.market.win, ref.win)) continue;
        const { quantity, paid } = sumFills(order);
        const side = isOfYes(order.limits.side) ? "yes" : "no";
        gone[side] += isBuy(order.limits.side) ? quantity : -quantity;
        due += isBuy(order.limits.side) ? -paid : paid;
      }
      for (const { place } of listOwn(chain)) {
        const found = pieceAt(ref, place);
        if (found !== undefined) gone[found.isYes ? "yes" : "no"] -= place.hi - place.lo;
      }
      expect(gone.yes === gone.no && gone.yes >= 0n, `${name} has given up both sides alike`);
      due += gone.yes;
      allMerged += gone.yes;
    }
    const cash = sumCash(chain);
    expect(
      cash === due,
      `${name} has ${veo(due)} of cash by the orders, and ${veo(cash)} in the chain`,
    );
  }
  return allMerged;
}

/** What a maker bought is in cash and in positions at what they cost it, and the rest is what it says that it has lost. */
function checkMaker(program: Maker, cash: bigint, bought: bigint): void {
  const inventories = program.stands().map(({ inventory }) => inventory);
  const left = inventories.reduce((sum, { paid }) => sum + paid, cash);
  const lost = bought > left ? bought - left : 0n;
  expect(
    inventories.every((each) => each.lost === lost),
    `the maker has lost ${veo(lost)} of what it bought`,
  );
}

/** The own contracts that are the owner's by what the oracles say now. */
function listWinning({ book, oracles }: TrackedChain & Pick<TrackedChain, "oracles">): OwnLeaf[] {
  const value = (key: Uint8Array) => ORACLE_RESULTS[oracles.get(formatHex(key))?.result ?? "open"];
  return [...book.own].flatMap(([id, own]) => {
    const isWon = own.place.conditions.every(({ hash, side }) => {
      const condition = book.conditions.get(formatHex(hash));
      if (condition === undefined) throw new Error("an own contract's condition is not kept");
      return (
        evaluateCondition(
          condition,
          condition.facts.map(({ key }) => value(key)),
        ) === side
      );
    });
    return book.live.has(id) && isWon ? [own] : [];
  });
}

function sumWinning(chain: TrackedChain): bigint {
  return listWinning(chain).reduce((sum, { leaf }) => sum + leaf.hi - leaf.lo, 0n);
}

async function openWithCoins(stage: MarketStage, name: string): Promise<Wallet> {
  const wallet = await stage.openWallet(name);
  insist(await stage.act(wallet.requestCoins()));
  await stage.mine(2);
  return wallet;
}

/** The maker and the others, with coins, following the exchange. */
async function openTraders(stage: MarketStage, count: number, url: string): Promise<Person[]> {
  const people: Person[] = [];
  for (const name of ["the maker", ...NAMES.slice(0, count)]) {
    const wallet = await stage.openWallet(name);
    people.push({ name, wallet });
  }
  await stage.act(
    Promise.all(people.map(async ({ wallet }) => insist(await wallet.requestCoins()))),
  );
  await stage.mine(2);
  await stage.act(Promise.all(people.map(async ({ wallet }) => insist(await wallet.follow(url)))));
  await stage.mine(1);
  return people;
}

/** Everybody buys his stock. @returns what each has of cash then, in satoshi. */
async function buySpace(
  stage: MarketStage,
  people: readonly Person[],
  stock: Stock,
  chainOf: (wallet: Wallet) => TrackedChain,
): Promise<bigint[]> {
  const wanted = stock.width * BigInt(stock.pieces);
  const isOpen = ({ wallet }: Person) => sumCash(chainOf(wallet)) < wanted;
  for (let blocks = 0; people.some(isOpen); blocks++) {
    expect(blocks < 40, "everybody gets the space that he asks for");
    // One after another: what is offered stands on the newest block, which each has to know.
    for (const { wallet } of people) {
      await stage.act(wallet.sync().then(() => buyStock(wallet, chainOf(wallet), stock)));
    }
    await stage.mine(1);
  }
  return people.map(({ wallet }) => sumCash(chainOf(wallet)));
}

async function askQuestions(
  stage: MarketStage,
  reporter: Wallet,
  questions: readonly string[],
): Promise<Uint8Array[]> {
  const ids: Uint8Array[] = [];
  for (const question of questions) {
    const hands = reporter.hands();
    if (hands === undefined) throw new Error("the reporter has no key");
    const { publicKey } = hands.signer;
    ids.push(computeOracleId(publicKey, hands.outbox.account().nonce + 1));
    insist(
      await stage.act(hands.outbox.send({ kind: "oracle-new", reporter: publicKey, question })),
    );
    await stage.mine(1);
  }
  return ids;
}

function createMarket(question: string, ask: Market["ask"], outcomes: readonly string[]): Market {
  const steps = { depositBps: 0, tick: 10, lot: VEO / 10n, yesBps: undefined };
  return { question, ask, outcomes, ...steps };
}

/** What the oracles say: of the first question anything, of the second one outcome, none of them, or a bad question. */
function chooseAnswers(chance: Chance): Answer[] {
  const first = (["true", "false", "bad"] as const)[Math.floor(chance() * 3)] ?? "bad";
  const right = Math.floor(chance() * 5);
  const scorers = SCORERS.map((_, index): Answer => {
    if (right === SCORERS.length && index === 0) return "bad";
    return index === right ? "true" : "false";
  });
  return [first, ...scorers];
}

function describeAnswers([first, ...scorers]: readonly Answer[]): string {
  const right = scorers.indexOf("true");
  const second = scorers.includes("bad")
    ? "a bad question"
    : (SCORERS[right] ?? "none of the three");
  return `“the reds win” is ${first}, and who scores first: ${second}`;
}
