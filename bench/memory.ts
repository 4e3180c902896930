import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createLocalGenesis } from "../src/chain/localNetwork.ts";
import { encodeBook } from "../src/client/bookRow.ts";
import { type ChainBook, createChainBook } from "../src/client/chainBook.ts";
import { syncChain } from "../src/client/chainSync.ts";
import { keepCheckpoints } from "../src/client/checkpoints.ts";
import { createHeaderBook, tipOf } from "../src/client/headerBook.ts";
import { createLocalVerifier } from "../src/client/localVerifier.ts";
import { LOCAL_NETWORK } from "../src/protocol/network.ts";
import { createRules } from "../src/protocol/rules.ts";
import { LONG_CHAIN, makeBlocks } from "./longChain.ts";

/**
 * Memory of the check of a whole chain in one process, in megabytes above what it was before: `kept` is
 * what is left after a garbage collection, at most; `peak` has the garbage in it, too. `row`: kilobytes on disk.
 */
export type MemoryBenchmark = {
  readonly name: string;
  readonly keptMegabytes: number;
  readonly peakMegabytes: number;
  readonly rowKilobytes: number;
  readonly blocksPerSecond: number;
  readonly note: string;
};

const BLOCKS_USUALLY = 2_000;
const STEP = 256;
const RUN = 16;

/**
 * Check blocks as the light client does, from first to last. Their number is that of `--blocks=N`, if it is
 * given; 100,000 of them take some minutes, most of it for their signatures.
 */
export async function benchMemory(): Promise<MemoryBenchmark[]> {
  const flag = process.argv.find((each) => each.startsWith("--blocks="));
  const blocks = flag === undefined ? BLOCKS_USUALLY : Number(flag.slice("--blocks=".length));
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const rules = createRules(LOCAL_NETWORK);
  const genesis = createLocalGenesis(rules).header;
  // One record in a main-chain block; of the headers only their number matters here.
  const states = Array.from({ length: blocks / RUN + 2 }, () => genesis);
  const headers = { ...createHeaderBook(LOCAL_NETWORK, genesis), states };
  const source = makeBlocks();
  const posted: Uint8Array[] = [];
  let served = 0;
  const serve = (count: number): Uint8Array[] =>
    Array.from({ length: count }, () => {
      const { bytes, hash } = source.next().value;
      served += 1;
      if (served % RUN === 0) posted.push(hash);
      return bytes;
    });
  const tools = {
    rules,
    headers,
    verifier: createLocalVerifier(rules),
    mainChain: { readAt: () => Promise.reject(new Error("nothing else is read here")) },
    mirrors: [],
    operator: { blocks: async (_: number, count: number) => serve(count) },
  };
  let book = createChainBook(LONG_CHAIN);
  let checkpoints: readonly ChainBook[] = [];
  let rowBytes = 0;
  collect();
  const idle = used();
  let kept = 0;
  let peak = 0;
  const start = performance.now();
  while (book.tip.height < blocks) {
    const first = book.postCount;
    const hashes = posted.splice(0);
    const entry = async (index: number) => {
      const hash = hashes[index - first];
      if (hash === undefined) return undefined;
      const sequence = index + 1;
      const record = { height: sequence, index: 0, hash };
      return { sequence, record, top: { sequence, key: hash, hash }, hops: [], hopsBefore: [] };
    };
    const count = Math.min(STEP, blocks - book.tip.height);
    const found = await syncChain(book, tipOf(headers), { ...tools, entries: { entry } }, count);
    book = found.book;
    if (book.breach !== undefined) throw new Error(`the chain broke: ${book.breach.rule}`);
    posted.unshift(...hashes.slice(book.postCount - first));
    checkpoints = keepCheckpoints(checkpoints, book, book.postCount);
    rowBytes = Math.max(rowBytes, encodeBook(book).length);
    peak = Math.max(peak, used() - idle);
    collect();
    kept = Math.max(kept, used() - idle);
  }
  const seconds = (performance.now() - start) / 1_000;
  return [
    {
      name: `memory: a chain of ${blocks} blocks, checked from the first`,
      keptMegabytes: megabytes(kept),
      peakMegabytes: megabytes(peak),
      rowKilobytes: Math.round(rowBytes / 100) / 10,
      blocksPerSecond: Math.round(blocks / seconds),
      note: `1,000 contracts, one changes hands in each block; with making and signing the blocks, ${checkpoints.length} checkpoints`,
    },
  ];
}

function used(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 100_000) / 10;
}
