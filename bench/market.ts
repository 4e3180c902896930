import { performance } from "node:perf_hooks";
import type { ChainFacts } from "../src/blocks/applyTransactions.ts";
import { decodeBlock, encodeBlock, type SortitionBlock } from "../src/blocks/block.ts";
import { buildBlock } from "../src/blocks/buildBlock.ts";
import { createPostMap } from "../src/blocks/postMap.ts";
import type { BlockTransaction } from "../src/blocks/transaction.ts";
import { type ChainTip, createChainTip, validateBlock } from "../src/blocks/validateBlock.ts";
import { loadFastVerify } from "../src/crypto/fastVerify.ts";
import { compareBytes, concatBytes } from "../src/lib/bytes.ts";
import { sha256 } from "../src/lib/hash.ts";
import { encodeUtf8 } from "../src/lib/utf8.ts";
import { insist } from "../src/lib/verdict.ts";
import { hashOrder, type SignedOrder } from "../src/market/batch.ts";
import type { BatchOrder } from "../src/market/batchOrder.ts";
import { clearBatch } from "../src/market/clearBatch.ts";
import { clearMatches } from "../src/market/clearMatches.ts";
import { createMarketRef, createOutcomeConditions } from "../src/market/outcomes.ts";
import type { Condition } from "../src/protocol/condition.ts";
import { LOCAL_NETWORK } from "../src/protocol/network.ts";
import { encodeOrder, type Order, type OrderSide, type OrderTerms } from "../src/protocol/order.ts";
import { createRules } from "../src/protocol/rules.ts";
import { TRUE_SCRIPT, TRUE_SCRIPT_HASH } from "../src/protocol/script.ts";
import {
  computeDigest,
  computePublicKey,
  signDigest,
  type Verify,
  verifySignature,
} from "../src/protocol/signature.ts";
import { createTree, type SpaceTree } from "../src/space/tree.ts";
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

/**
 * From the bytes of a block of trades to the orders signed anew on it.
 *
 * - `milliseconds`: of one core, median. - `signatureRatio`: to the bare signatures by the same implementation.
 */
export type ResigningBenchmark = {
  readonly name: string;
  readonly milliseconds: number;
  readonly signatureRatio: number;
  readonly bytesPerTrade: number;
};

const RULES = { tick: 10, lot: 1_000n };
const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const SAMPLES = 7;
const TRADES = 1_000;
/** Orders that are signed anew after the block. */
const RESTING = 8;
const LOTS = 10n;
const rules = createRules(LOCAL_NETWORK);
const operatorKey = sha256(encodeUtf8("bench operator"));
const QUESTION = { kind: "binary", oracle: sha256(encodeUtf8("bench oracle")) } as const;
const CONDITIONS = createOutcomeConditions(QUESTION, 0);
const MARKET = createMarketRef(CONDITIONS, 0);

/** Clear batches of more and more orders, and take a block of a thousand trades with either implementation of signatures. */
export async function benchMarket(): Promise<(ClearingBenchmark | ResigningBenchmark)[]> {
  return [
    ...SIZES.map(benchClearing),
    ...benchResigning([
      ["noble", verifySignature],
      ["libauth", await loadFastVerify()],
    ]),
  ];
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

function benchResigning(implementations: readonly (readonly [string, Verify])[]) {
  const chain: ChainFacts = {
    id: sha256(encodeUtf8("bench market")),
    operator: computePublicKey(operatorKey),
    lo: 0n,
    hi: 1n << 50n,
    expiry: 1_000_000,
  };
  const { block, tip } = tradeAll(chain);
  const bytes = encodeBlock(block);
  const own = block.transactions.slice(0, RESTING);
  const measured = implementations.map(([note, verify]) => ({
    note,
    verify,
    taking: [] as number[],
    bare: [] as number[],
  }));
  const digest = sha256(encodeUtf8("bare"));
  const signature = signDigest(digest, operatorKey);
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (const { verify, taking, bare } of measured) {
      const context = { rules: { ...rules, verify }, chain, mainHeader: () => undefined };
      taking.push(
        time(() => {
          const { tip: seen } = insist(validateBlock(insist(decodeBlock(bytes)), tip, context));
          for (const each of own) {
            if (each.kind !== "match") continue;
            const [fill] = each.match.fills;
            if (fill !== undefined)
              sign({ seenBlock: seen.hash, market: MARKET, terms: fill.terms });
          }
        }),
      );
      bare.push(
        time(() => {
          for (let i = 0; i < 2 * TRADES; i++) verify(signature, digest, chain.operator);
        }),
      );
    }
  }
  return measured.map(({ note, taking, bare }) => ({
    name: `market: a block of ${TRADES} trades checked and ${RESTING} orders signed on it, ${note}`,
    milliseconds: Math.round(median(taking)),
    signatureRatio: Math.round((100 * median(taking)) / median(bare)) / 100,
    bytesPerTrade: Math.round(bytes.length / TRADES),
  }));
}

/** A chain on which as many pairs of traders bring cash and trade in one block, each pair in a match of its own. */
function tradeAll(chain: ChainFacts): { block: SortitionBlock; tip: ChainTip } {
  const width = LOTS * RULES.lot;
  const owner = computePublicKey(ownerKey);
  const places = Array.from({ length: 2 * TRADES }, (_, index) => ({
    lo: BigInt(index) * width,
    hi: BigInt(index + 1) * width,
  }));
  const given = seal(
    places.map(({ lo, hi }) => ({
      kind: "contract-new",
      contract: {
        place: { lo, hi, conditions: [] },
        owner,
        depositBps: 0,
        scriptHash: TRUE_SCRIPT_HASH,
      },
    })),
    { tip: createChainTip(chain), tree: createTree(chain.lo, chain.hi), chain, conditions: [] },
  );
  const signed = places.map(({ lo, hi }, index): SignedOrder => {
    const terms: OrderTerms = {
      heightMax: 1_000,
      side: index % 2 === 0 ? "buyYes" : "buyNo",
      limit: 500,
      quantity: width,
      refundLeast: 0,
      contracts: [{ lo, hi, kind: "cash" }],
    };
    return sign({ seenBlock: given.tip.hash, market: MARKET, terms });
  });
  const orders = signed.map((each) => ({ hash: hashOrder(each.order), signed: each, owner }));
  const { matches } = clearMatches(orders, MARKET, RULES, given.tip.hash);
  if (matches.length !== TRADES)
    throw new Error(`expected ${TRADES} trades, got ${matches.length}`);
  const { block } = seal(
    matches.map((match) => ({ kind: "match", match })),
    { tip: given.tip, tree: given.tree, chain, conditions: Object.values(CONDITIONS) },
  );
  return { block, tip: given.tip };
}

const ownerKey = sha256(encodeUtf8("bench trader"));

function sign(order: Order): SignedOrder {
  const digest = computeDigest("signOrder", rules.networkId, encodeOrder(order));
  return { order, signature: signDigest(digest, ownerKey) };
}

function seal(
  transactions: readonly BlockTransaction[],
  at: {
    readonly tip: ChainTip;
    readonly tree: SpaceTree;
    readonly chain: ChainFacts;
    readonly conditions: readonly Condition[];
  },
) {
  const { tip, tree, chain, conditions } = at;
  const context = { rules, chain, mainHeader: () => undefined };
  const draft = { transactions, scripts: [TRUE_SCRIPT], conditions, time: 0n };
  const { block, digest, effects } = insist(
    buildBlock({ tree, posts: createPostMap() }, tip, draft, { ...context, mainHeight: 1 }),
  );
  const signed = { ...block, signature: signDigest(digest, operatorKey) };
  const { tip: next } = insist(validateBlock(signed, tip, context));
  return { block: signed, tip: next, tree: effects.tree };
}

function time(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
