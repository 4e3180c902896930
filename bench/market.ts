import { performance } from "node:perf_hooks";
import { compareBytes, concatBytes } from "../src/lib/bytes.ts";
import { sha256 } from "../src/lib/hash.ts";
import { encodeUtf8 } from "../src/lib/utf8.ts";
import type { BatchOrder } from "../src/market/batchOrder.ts";
import { clearBatch } from "../src/market/clearBatch.ts";
import type { OrderSide, OrderTerms } from "../src/protocol/order.ts";
import { SeededRandom } from "../tests/reference/seededRandom.ts";

/**
 * Clearing of a batch.
 *
 * - `milliseconds`: median of one batch. - `sortRatio`: that to sorting the same orders by their hashes, measured in turn with it.
 */
export type ClearingBenchmark = {
  readonly name: string;
  readonly milliseconds: number;
  readonly sortRatio: number;
  readonly pairings: number;
};

const RULES = { tick: 10, lot: 1_000n };
const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const SAMPLES = 7;

/** Clear batches of more and more orders. */
export function benchMarket(): ClearingBenchmark[] {
  return SIZES.map(benchClearing);
}

function benchClearing(count: number): ClearingBenchmark {
  const orders = drawOrders(count);
  const seen = sha256(encodeUtf8("seen"));
  const samples = count < 100_000 ? SAMPLES : 1;
  const clearing: number[] = [];
  const sorting: number[] = [];
  let pairings = 0;
  for (let sample = 0; sample < samples; sample++) {
    clearing.push(
      time(() => {
        pairings = clearBatch(orders, RULES, seen)?.pairings.length ?? 0;
      }),
    );
    sorting.push(time(() => void [...orders].sort((a, b) => compareBytes(a.hash, b.hash))));
  }
  return {
    name: `market: a batch of ${count.toLocaleString("en")} orders cleared`,
    milliseconds: Math.round(10 * median(clearing)) / 10,
    sortRatio: Math.round((100 * median(clearing)) / median(sorting)) / 100,
    pairings,
  };
}

/** Orders of both sides around one half, a few positions for sale among them. */
function drawOrders(count: number): BatchOrder[] {
  const random = new SeededRandom(7);
  return Array.from({ length: count }, (_, index) => {
    const side = (["buyYes", "buyNo", "buyYes", "buyNo", "sellYes", "sellNo"] as OrderSide[])[
      random.below(6)
    ] as OrderSide;
    const quantity = BigInt(1 + random.below(100)) * RULES.lot;
    const lo = BigInt(index) * 1_000_000n;
    const kind = side === "buyYes" || side === "buyNo" ? "cash" : "win";
    const terms: OrderTerms = {
      heightMax: 20,
      side,
      limit: (35 + random.below(31)) * RULES.tick,
      quantity,
      refundLeast: 0,
      contracts: [{ lo, hi: lo + quantity, kind }],
    };
    const owner = concatBytes(Uint8Array.of(2), sha256(encodeUtf8(`owner ${index % 5_000}`)));
    return { hash: sha256(encodeUtf8(`order ${index}`)), owner, terms };
  });
}

function time(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
