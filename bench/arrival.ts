import { cpus } from "node:os";
import { performance } from "node:perf_hooks";
import { signedOrderForm } from "../src/api/marketApiJson.ts";
import { decodeBlock } from "../src/blocks/block.ts";
import { createLocalVerifier } from "../src/client/localVerifier.ts";
import type { BlockVerifier, OperatorSource } from "../src/client/ports.ts";
import { createWallet } from "../src/client/wallet.ts";
import { loadFastVerify } from "../src/crypto/fastVerify.ts";
import { equalBytes } from "../src/lib/bytes.ts";
import { sha256 } from "../src/lib/hash.ts";
import { formatHex } from "../src/lib/hex.ts";
import { encodeUtf8 } from "../src/lib/utf8.ts";
import { accept, insist } from "../src/lib/verdict.ts";
import { type BatchBounds, hashOrder } from "../src/market/batch.ts";
import { LOCAL_NETWORK } from "../src/protocol/network.ts";
import { encodeOrder, type MarketRef, type OrderTerms } from "../src/protocol/order.ts";
import type { Place } from "../src/protocol/place.ts";
import { createRules } from "../src/protocol/rules.ts";
import {
  computeDigest,
  computePublicKey,
  signDigest,
  type Verify,
  verifySignature,
} from "../src/protocol/signature.ts";
import { countWorkers } from "../src/workers/verifyWorkers.ts";
import type { WaitingOrder } from "../tests/story/batchOperator.ts";
import { copyTables, createWalletStore, GENESIS, RULES, VEO } from "../tests/story/localWorld.ts";
import { TradeStory } from "../tests/story/tradeStory.ts";
import type { ArrivedBlock } from "./arrival/inBrowser.ts";
import { measureInBrowser } from "./arrival/measureInBrowser.ts";
import { type Implementation, openThreads } from "./pool/openThreads.ts";

/**
 * What a wallet with resting orders does with a block of trades: from the block's bytes, as its operator's source gives them, to the bytes
 * of the last order that is signed on it, as they are handed to that source. The wallet is the whole one, with its store in memory.
 *
 * - `milliseconds`: median. - `processorMs`: of all threads together, median: it tells the work even where the machine is busy with something else.
 * - `signatureRatio`: of that to the bare signatures of the block.
 * - `limit`: whether what the project promises is reached, for the case that it promises it for.
 */
export type ArrivalBenchmark = {
  readonly name: string;
  readonly milliseconds: number;
  readonly processorMs: number;
  readonly signatureRatio: number;
  readonly bytesPerTrade: number;
  readonly limit: string;
};

/** The same in a browser, without the wallet's store. `firstMs`: of the first block, for which the workers had to be opened. */
export type BrowserBenchmark = {
  readonly name: string;
  readonly milliseconds: number;
  readonly firstMs: number;
};

const LIMIT_MS = 300;
const CORES = 2;
const TRADES = 1_000;
/** Orders that are signed anew on the block. */
const RESTING = 8;
/** Satoshi of each stranger's cash, and of his order. */
const QUANTITY = VEO / 10n;
const WARM_UP = 2;
const SAMPLES = 7;
const TRADER = "trader";
const STRANGER_KEY = sha256(encodeUtf8("bench stranger"));
const STRANGER = computePublicKey(STRANGER_KEY);

type Case = {
  readonly implementation: Implementation;
  readonly verify: Verify;
  readonly cores: number;
  readonly verifier: BlockVerifier;
  readonly samples: Sample[];
};

type Sample = { readonly milliseconds: number; readonly processorMs: number };

/** Let a block of a thousand trades reach a wallet, on two cores and on one, with either implementation of signatures. */
export async function benchArrival(): Promise<(ArrivalBenchmark | BrowserBenchmark)[]> {
  const scene = await setScene();
  const implementations = [
    ["libauth", await loadFastVerify()],
    ["noble", verifySignature],
  ] as const;
  const cases = implementations.flatMap(([implementation, verify]) => {
    const rules = createRules(LOCAL_NETWORK, verify);
    const pool = openThreads(countWorkers(CORES), implementation, rules);
    return [
      { cores: CORES, verifier: pool },
      { cores: 1, verifier: createLocalVerifier(rules) },
    ].map((each): Case => ({ ...each, implementation, verify, samples: [] }));
  });
  const bare = new Map(implementations.map(([name, verify]) => [name, measureBare(verify)]));
  for (const each of cases) {
    for (let sample = -WARM_UP; sample < SAMPLES; sample++) {
      const taken = await scene.measure(each);
      if (sample >= 0) each.samples.push(taken);
    }
    each.verifier.rest(false);
  }
  const inBrowser = await measureInBrowser(scene.arrived, RESTING, 2 * WARM_UP + SAMPLES);
  const milliseconds = median(inBrowser.slice(2 * WARM_UP));
  const rows = cases.map(({ implementation, cores, samples }) => {
    const milliseconds = median(samples.map((each) => each.milliseconds));
    const processorMs = median(samples.map((each) => each.processorMs));
    const isPromised = implementation === "libauth" && cores === CORES;
    const limit = `${milliseconds < LIMIT_MS ? "reached" : "missed"}: under ${LIMIT_MS} ms`;
    return {
      name: `market: a block of ${TRADES} trades, ${RESTING} orders signed on it, ${implementation}, ${cores} of ${cpus().length} cores`,
      milliseconds: Math.round(milliseconds),
      processorMs: Math.round(processorMs),
      signatureRatio: Math.round((100 * processorMs) / (bare.get(implementation) ?? 1)) / 100,
      bytesPerTrade: Math.round(scene.arrived.bytes.length / 2 / TRADES),
      limit: isPromised ? limit : "none",
    };
  });
  return [
    ...rows,
    {
      name: `market: the same without a store, libauth, Chromium on ${cpus().length} cores`,
      milliseconds: Math.round(milliseconds),
      firstMs: Math.round(inBrowser[0] ?? 0),
    },
  ];
}

type Scene = {
  readonly arrived: ArrivedBlock;
  /** What a wallet takes, opened anew from what it had kept before the block. */
  measure(how: Pick<Case, "verify" | "verifier">): Promise<Sample>;
};

/** A chain on which a thousand pairs of strangers have traded in its last block, and one trader's orders rest. */
async function setScene(): Promise<Scene> {
  const story = await TradeStory.begin("arrival");
  const { world, exchange } = story;
  const trader = await world.openWallet(TRADER);
  const owner = trader.hands()?.signer.publicKey ?? new Uint8Array();
  exchange.give(...Array.from({ length: RESTING }, () => [owner, VEO] as const));
  exchange.give(...Array.from({ length: 2 * TRADES }, () => [STRANGER, QUANTITY] as const));
  const { transactions } = insist(decodeBlock(exchange.blocks.at(-1) ?? new Uint8Array()));
  await story.record();
  insist(await trader.follow(exchange.url));
  await world.settle();
  for (let index = 0; index < RESTING; index++) {
    insist(await story.place(trader, { side: "buyYes", limit: 10, quantity: 100n }));
  }
  const orders = transactions.flatMap((each, index) =>
    each.kind === "contract-new"
      ? [signOrder(each.contract.place, index, story.book().ref, exchange.bounds)]
      : [],
  );
  exchange.waiting = [...exchange.waiting, ...orders];
  const kept = copyTables(world.tablesOf(TRADER));
  exchange.makeBlock();
  const { hash, height } = exchange.tip;
  const bytes = exchange.blocks.at(-1) ?? new Uint8Array();
  const trades = insist(decodeBlock(bytes)).transactions.length;
  if (trades !== TRADES) throw new Error(`expected ${TRADES} trades, got ${trades}`);

  async function measure({ verify, verifier }: Pick<Case, "verify" | "verifier">): Promise<Sample> {
    let isThere = false;
    let watch = startWatch();
    let taken: Sample | undefined;
    const handed: string[] = [];
    exchange.serve = (at, served) => (at < height || isThere ? served : undefined);
    const source = exchange.source();
    const operator: OperatorSource = {
      ...source,
      async blocks(...asked) {
        const served = await source.blocks(...asked);
        if (served.at(-1) === bytes) watch = startWatch();
        return served;
      },
      async submitOrder(signed) {
        const isNew = equalBytes(signed.order.seenBlock, hash);
        const json = JSON.stringify(signedOrderForm.write(signed));
        if (isNew && handed.push(json) === RESTING) taken = watch();
        const receipt = { orderHash: hashOrder(signed.order), height: height + (isNew ? 1 : 0) };
        return accept(receipt);
      },
    };
    const wallet = await createWallet({
      rules: createRules(LOCAL_NETWORK, verify),
      genesis: GENESIS.header,
      sources: [world.mainChainSource()],
      operatorAt: () => operator,
      verifier,
      store: createWalletStore(copyTables(kept)),
      clock: () => world.nowMs,
    });
    await wallet.attachSigner(world.signerOf(TRADER));
    await wallet.sync();
    isThere = true;
    await wallet.sync();
    while (!(wallet.orders()?.isAtRest() && wallet.audits()?.isAtRest())) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (taken === undefined) throw new Error(`expected ${RESTING} orders, got ${handed.length}`);
    return taken;
  }

  const { id, operator, lo, hi, expiry } = exchange.chain;
  const facts = { id: formatHex(id), operator: formatHex(operator), expiry };
  const chain = { ...facts, lo: String(lo), hi: String(hi) };
  return { arrived: { bytes: formatHex(bytes), chain }, measure };
}

/** A stranger's order, which meets that of the next one: all at one price, half of them on each side. */
function signOrder(
  { lo, hi }: Place,
  index: number,
  market: MarketRef,
  bounds: BatchBounds,
): WaitingOrder {
  const terms: OrderTerms = {
    heightMax: 1_000,
    side: index % 2 === 0 ? "buyYes" : "buyNo",
    limit: 500,
    quantity: QUANTITY,
    refundLeast: 0,
    contracts: [{ lo, hi, kind: "cash" }],
  };
  const order = { ...bounds, market, terms };
  const digest = computeDigest("signOrder", RULES.networkId, encodeOrder(order));
  return { signed: { order, signature: signDigest(digest, STRANGER_KEY) }, owner: STRANGER };
}

/** @returns tells what was taken since. */
function startWatch(): () => Sample {
  const startMs = performance.now();
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return { milliseconds: performance.now() - startMs, processorMs: (user + system) / 1_000 };
  };
}

/** Processor time of as many bare signatures as such a block has, in milliseconds. */
function measureBare(verify: Verify): number {
  const digest = sha256(encodeUtf8("bare"));
  const signature = signDigest(digest, STRANGER_KEY);
  const times = Array.from({ length: 3 }, () => {
    const watch = startWatch();
    for (let count = 0; count <= 2 * TRADES; count++) verify(signature, digest, STRANGER);
    return watch().processorMs;
  });
  return median(times);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
