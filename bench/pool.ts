import { cpus } from "node:os";
import { performance } from "node:perf_hooks";
import { createLocalGenesis } from "../src/chain/localNetwork.ts";
import { createChainBook } from "../src/client/chainBook.ts";
import { syncChain } from "../src/client/chainSync.ts";
import { createHeaderBook, tipOf } from "../src/client/headerBook.ts";
import { createLocalVerifier } from "../src/client/localVerifier.ts";
import type { BlockVerifier } from "../src/client/ports.ts";
import { LOCAL_NETWORK } from "../src/protocol/network.ts";
import { createRules } from "../src/protocol/rules.ts";
import { countWorkers } from "../src/workers/verifyWorkers.ts";
import { LONG_CHAIN, makeBlocks } from "./longChain.ts";
import { openThreads } from "./pool/openThreads.ts";

/**
 * Checks of a chain by a pool of workers, as the wallet does them.
 *
 * - `speedup`: to a pool of one worker, measured in turn with it.
 * - `speedupInPlace`: to a check of one block after another with no worker.
 */
export type PoolBenchmark = {
  readonly name: string;
  readonly blocksPerSecond: number;
  readonly speedup: number;
  readonly speedupInPlace: number;
  readonly note: string;
};

const BLOCKS = 512;
const SAMPLES = 5;
const rules = createRules(LOCAL_NETWORK);
const headers = createHeaderBook(LOCAL_NETWORK, createLocalGenesis(rules).header);

/** Check a chain of really signed blocks with one worker, and with as many as the wallet has on this machine. */
export async function benchPool(): Promise<PoolBenchmark[]> {
  const blocks: Uint8Array[] = [];
  for (const { bytes } of makeBlocks()) {
    if (blocks.push(bytes) === BLOCKS) break;
  }
  const size = countWorkers(cpus().length);
  const verifiers = [
    createLocalVerifier(rules),
    openThreads(1, "noble", rules),
    openThreads(size, "noble", rules),
  ] as const;
  // Workers are opened, and what they run is compiled, before anything is measured.
  for (const verifier of verifiers) await check(blocks, verifier);
  const seconds: [number[], number[], number[]] = [[], [], []];
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (const [index, verifier] of verifiers.entries()) {
      seconds[index]?.push(await check(blocks, verifier));
    }
  }
  for (const verifier of verifiers) verifier.rest(false);
  const [inPlace, one, all] = seconds.map(median) as [number, number, number];
  return [
    {
      name: `pool: ${size} workers to one`,
      blocksPerSecond: Math.round(BLOCKS / all),
      speedup: round(one / all),
      speedupInPlace: round(inPlace / all),
      note: `${BLOCKS} blocks, a close and a successor in each, on ${cpus().length} cores`,
    },
  ];
}

/** Check all blocks from the first on, in seconds. */
async function check(blocks: readonly Uint8Array[], verifier: BlockVerifier): Promise<number> {
  const tools = {
    rules,
    headers,
    verifier,
    mainChain: { readAt: () => Promise.reject(new Error("nothing else is read here")) },
    entries: { entry: async () => undefined },
    mirrors: [],
    operator: {
      blocks: async (from: number, count: number) => blocks.slice(from - 1, from - 1 + count),
    },
  };
  const start = performance.now();
  const { book } = await syncChain(createChainBook(LONG_CHAIN), tipOf(headers), tools, BLOCKS);
  if (book.tip.height !== BLOCKS) throw new Error("the chain broke");
  return (performance.now() - start) / 1_000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function round(ratio: number): number {
  return Math.round(100 * ratio) / 100;
}
