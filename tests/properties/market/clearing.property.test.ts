import { describe, expect, it } from "vitest";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { hashOrder } from "../../../src/market/batch.ts";
import type { BatchOrder } from "../../../src/market/batchOrder.ts";
import { clearBatch } from "../../../src/market/clearBatch.ts";
import { clearPrice } from "../../../src/market/clearPrice.ts";
import { judgeFill } from "../../../src/market/judgeFill.ts";
import { isBuy, ownPrice } from "../../../src/market/piece.ts";
import type { OrderSide } from "../../../src/protocol/order.ts";
import { clearNaively } from "../../reference/naiveClearing.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { createTrader, MarketLab, type Result, randomTerms } from "./marketLab.ts";

const SEED = Number(process.env.MARKET_SEED ?? 1);
const DAYS = Number(process.env.MARKET_DAYS ?? 60);
const RESULTS: Result[] = ["true", "false", "bad"];

/** A day of batches on one chain: `look` sees each batch before it is applied. */
function tradeDay(seed: number, look: (lab: MarketLab, batch: Batch) => void): MarketLab {
  const random = new SeededRandom(seed);
  const tick = [1, 10, 50][random.below(3)] as number;
  const lab = new MarketLab({ tick, lot: [1_000n, 5_000n][random.below(2)] as bigint });
  const traders = Array.from({ length: 2 + random.below(30) }, (_, index) => createTrader(index));
  lab.giveCash(
    traders.flatMap((owner) =>
      Array.from({ length: 1 + random.below(4) }, () => ({
        owner,
        width: BigInt(1 + random.below(400_000)),
      })),
    ),
  );
  for (let batch = 0; batch < 6; batch++) {
    const orders = traders.flatMap((owner) => {
      const terms = randomTerms(lab, owner, random);
      return terms === undefined ? [] : [{ signed: lab.sign(terms, owner), owner }];
    });
    const cleared = lab.clear(orders);
    look(lab, { ...cleared, orders, random });
    lab.apply(cleared.matches.map((match) => ({ kind: "match", match })));
  }
  return lab;
}

type Batch = ReturnType<MarketLab["clear"]> & {
  readonly orders: Parameters<MarketLab["clear"]>[0];
  readonly random: SeededRandom;
};

describe("a batch", () => {
  it("has blocks that hold, fills no order outside its limits, and loses no satoshi", () => {
    const counts = { batches: 0, fills: 0, sold: 0, partly: 0, large: 0 };
    for (let day = 0; day < DAYS; day++) {
      const before = new Map<Result, bigint>();
      const lab = tradeDay(SEED + day, (lab, { matches, batch }) => {
        const terms = new Map(batch.map((order) => [formatHex(order.hash), order.terms]));
        if (matches.length > 0) counts.batches += 1;
        for (const match of matches) {
          if (match.fills.length > 8) counts.large += 1;
          for (const fill of match.fills) {
            const verdict = judgeFill(fill, match.price);
            expect(verdict.ok, verdict.ok ? "" : verdict.message).toBe(true);
            counts.fills += 1;
            if (!isBuy(fill.terms.side)) counts.sold += 1;
            if (fill.quantity < fill.terms.quantity) counts.partly += 1;
          }
        }
        expect(terms.size).toBe(batch.length);
        for (const result of RESULTS) {
          const sum = [...lab.payouts(result).values()].reduce((all, each) => all + each, 0n);
          expect(sum, `day ${day}, ${result}`).toBe(before.get(result) ?? sum);
          before.set(result, sum);
        }
      });
      for (const result of RESULTS) {
        const sum = [...lab.payouts(result).values()].reduce((all, each) => all + each, 0n);
        expect(sum).toBe(before.get(result));
      }
    }
    for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(0);
  });

  it("does not depend on the order in which orders came", () => {
    for (let day = 0; day < DAYS; day++) {
      tradeDay(SEED + day, (lab, { batch, cleared, random }) => {
        const shuffled = [...batch];
        for (let i = shuffled.length - 1; i > 0; i--) {
          const j = random.below(i + 1);
          [shuffled[i], shuffled[j]] = [shuffled[j] as BatchOrder, shuffled[i] as BatchOrder];
        }
        expect(clearBatch(shuffled, lab.rules, lab.seenBlock)).toEqual(cleared);
      });
    }
  });

  it("serves and sells to whom the rule's words do, followed step by step", () => {
    let sold = 0;
    let left = 0;
    for (let crowd = 0; crowd < 2 * DAYS; crowd++) {
      const random = new SeededRandom(SEED + crowd);
      const orders = drawCrowd(random);
      const seenBlock = sha256(Uint8Array.of(crowd));
      const cleared = clearBatch(orders, CROWD_RULES, seenBlock);
      const naive = clearNaively(orders, CROWD_RULES, seenBlock);
      expect(cleared?.price).toBe(naive?.price);
      expect(cleared?.crossed).toEqual(naive?.crossed);
      if (naive === undefined) continue;
      const takers = naive.buyers.filter(({ sales }) => sales.length > 0);
      sold += takers.length;
      left += orders.filter(({ terms }) => !isBuy(terms.side)).length;
      for (const { order, sales } of takers) {
        const pairing = cleared?.pairings.find((each) => each.some((fill) => fill.order === order));
        // Whose own fill finds no room in any match sells nothing on either.
        const sellers = pairing?.map((fill) => fill.order) ?? [];
        expect(
          sellers.slice(sellers.indexOf(order) + 1, sellers.indexOf(order) + 1 + sales.length),
        ).toEqual(sales.map((sale) => sale.order));
      }
    }
    expect(sold).toBeGreaterThan(DAYS);
    expect(left).toBeGreaterThan(2 * sold);
  });

  it("is cleared at the price that a plain search finds", () => {
    for (let day = 0; day < DAYS; day++) {
      tradeDay(SEED + day, (lab, { batch, cleared }) => {
        // With sales that find no buyer the batch is cleared without them; a plain search knows only what was left.
        if (batch.some(({ terms }) => !isBuy(terms.side))) return;
        expect(cleared?.price).toBe(searchPrice(batch, lab));
      });
    }
  });

  it("serves who gives more before who gives less, and nobody outside", () => {
    for (let day = 0; day < DAYS; day++) {
      tradeDay(SEED + day, (lab, { batch, cleared }) => {
        if (cleared === undefined) return;
        const lots = new Map(cleared.crossed.map(({ order, lots }) => [order, lots]));
        const buys = batch.filter(({ terms }) => isBuy(terms.side));
        for (const order of buys) {
          const { side, limit, quantity } = order.terms;
          const own = ownPrice(side, cleared.price);
          if (limit < own) expect(lots.has(order)).toBe(false);
          const got = lots.get(order) ?? 0n;
          // Where one got something, all of his side with a better limit got all.
          if (got === 0n) continue;
          for (const other of buys) {
            if (other.terms.side !== side || other.terms.limit <= limit) continue;
            expect(lots.get(other)).toBe(other.terms.quantity / lab.rules.lot);
          }
          expect(got <= quantity / lab.rules.lot).toBe(true);
        }
      });
    }
  });

  it("gives an order that is split in two what it gave the whole, up to one lot", () => {
    let tried = 0;
    for (let day = 0; day < DAYS; day++) {
      tradeDay(SEED + day, (lab, { orders, cleared, random }) => {
        const whole = orders.find(
          ({ signed }) =>
            isBuy(signed.order.terms.side) && signed.order.terms.quantity >= 2n * lab.rules.lot,
        );
        if (whole === undefined || cleared === undefined) return;
        if (orders.some(({ signed }) => !isBuy(signed.order.terms.side))) return;
        const { terms } = whole.signed.order;
        const lots = terms.quantity / lab.rules.lot;
        const first = 1n + (BigInt(random.below(1 << 30)) % (lots - 1n));
        const parts = [first, lots - first].map((each, index) => ({
          owner: whole.owner,
          hash: Uint8Array.from(hashOrder(whole.signed.order), (byte) => byte ^ (index + 1)),
          terms: { ...terms, quantity: each * lab.rules.lot },
        }));
        const others = lab.clear(orders.filter((each) => each !== whole)).batch;
        const split = clearBatch([...others, ...parts], lab.rules, lab.seenBlock);
        const gotWhole = sumOf(cleared, (order) => order.owner === whole.owner);
        const gotParts = sumOf(split, (order) => order.owner === whole.owner);
        tried += 1;
        expect(split?.price).toBe(cleared.price);
        expect(gotParts - gotWhole <= 1n && gotWhole - gotParts <= 1n).toBe(true);
      });
    }
    expect(tried).toBeGreaterThan(DAYS / 4);
  });
});

const CROWD_RULES = { tick: 10, lot: 1_000n };

/**
 * Some hundreds of orders: positions of few and many contracts, refunds asked for, sizes beyond what a double holds. Now and
 * then so many small positions that the largest buyers cannot take them all.
 */
function drawCrowd(random: SeededRandom): BatchOrder[] {
  const isOfSmall = random.below(12) === 0;
  const spread = isOfSmall ? 1 : ([3, 31, 99][random.below(3)] as number);
  const unit = random.below(5) === 0 ? (1n << 53n) / 1_000n : 1n;
  const sizes = [3, 100][random.below(2)] as number;
  const orders = isOfSmall ? 2_400 : 1 + random.below(400);
  return Array.from({ length: orders }, (_, index) => {
    const sides: OrderSide[] = ["buyYes", "buyNo", "sellYes", "sellNo", "buyYes", "buyNo"];
    const side = sides[random.below(isOfSmall ? 4 : sides.length)] as OrderSide;
    const quantity =
      isOfSmall && !isBuy(side)
        ? CROWD_RULES.lot
        : (BigInt(1 + random.below(sizes)) * unit + BigInt(random.below(2))) * CROWD_RULES.lot;
    const count = isOfSmall ? 1n : BigInt(1 + random.below(3));
    const start = BigInt(index) << 70n;
    const contracts = Array.from({ length: Number(count) }, (_, part) => {
      const kind = isBuy(side) ? "cash" : random.below(2) === 0 ? "win" : "refund";
      const lo = start + (quantity * BigInt(part)) / count;
      return { lo, hi: start + (quantity * BigInt(part + 1)) / count, kind } as const;
    });
    return {
      hash: sha256(Uint8Array.of(random.below(256), index >> 8, index & 255)),
      owner: Uint8Array.of(2, random.below(40)),
      terms: {
        heightMax: 20,
        side,
        limit:
          (50 - Math.floor(spread / 2) + random.below(spread)) * CROWD_RULES.tick -
          (isOfSmall && !isBuy(side) ? 10 : 0),
        quantity,
        refundLeast: random.below(3) === 0 ? random.below(1_000) : 0,
        contracts,
      },
    };
  });
}

function sumOf(
  cleared: ReturnType<typeof clearBatch>,
  isOwn: (order: BatchOrder) => boolean,
): bigint {
  const own = cleared?.crossed.filter(({ order }) => isOwn(order)) ?? [];
  return own.reduce((sum, { lots }) => sum + lots, 0n);
}

/** The price of a batch of buyers by trying every price, from the words of the rule alone. */
function searchPrice(batch: readonly BatchOrder[], { rules }: MarketLab): number | undefined {
  const found: { price: number; volume: bigint; unmatched: bigint }[] = [];
  for (let price = rules.tick; price < 1_000; price += rules.tick) {
    let yes = 0n;
    let no = 0n;
    for (const { terms } of batch) {
      if (terms.side === "buyYes" && terms.limit >= price) yes += terms.quantity;
      if (terms.side === "buyNo" && terms.limit >= 1_000 - price) no += terms.quantity;
    }
    const volume = yes < no ? yes : no;
    found.push({ price, volume, unmatched: yes + no - 2n * volume });
  }
  const most = found.reduce((max, { volume }) => (volume > max ? volume : max), 0n);
  if (most === 0n) return undefined;
  const widest = found.filter(({ volume }) => volume === most);
  const least = widest.reduce(
    (min, { unmatched }) => (unmatched < min ? unmatched : min),
    widest[0]?.unmatched ?? 0n,
  );
  const best = widest.filter(({ unmatched }) => unmatched === least);
  return best[Math.floor((best.length - 1) / 2)]?.price;
}

describe("the price", () => {
  it("is in the middle of what is equally good, and none where nothing crosses", () => {
    expect(clearPrice({ bids: [0n, 0n, 0n, 5n], asks: [5n, 0n, 0n, 0n] })).toEqual({
      index: 1,
      volume: 5n,
    });
    expect(clearPrice({ bids: [5n, 0n, 0n, 0n], asks: [0n, 0n, 0n, 5n] })).toBeUndefined();
    expect(clearPrice({ bids: [], asks: [] })).toBeUndefined();
  });
});
