import { performance } from "node:perf_hooks";
import { computeNextDifficulty } from "../src/chain/header/difficulty.ts";
import { encodeHeader, type Header } from "../src/chain/header/header.ts";
import { createGenesisState, type HeaderState } from "../src/chain/header/headerState.ts";
import { mineHeader } from "../src/chain/header/proofOfWork.ts";
import { HEADER_VERSION, validateHeader } from "../src/chain/header/validateHeader.ts";
import { sha256 } from "../src/lib/hash.ts";
import { insist } from "../src/lib/verdict.ts";
import { LOCAL_NETWORK } from "../src/protocol/network.ts";

/** `hashRatio`: time of a check to that of its four hashes alone, measured in turn with it. */
export type HeaderBenchmark = {
  readonly name: string;
  readonly checksPerSecond: number;
  readonly hashRatio: number;
  readonly note: string;
};

const HEADERS = 400;
const SAMPLES = 15;

/** Check a chain of headers: link, height, difficulty and work. */
export function benchHeaders(): HeaderBenchmark[] {
  const zeros = new Uint8Array(32);
  const rules = { ...LOCAL_NETWORK, fork7Height: 0 };
  const first: Header = {
    previousHash: zeros,
    height: 0,
    time: 1_000,
    version: HEADER_VERSION,
    treesHash: zeros,
    txsProofHash: zeros,
    difficulty: rules.initialDifficulty,
    nonce: zeros,
    period: rules.periodTenths,
  };
  const states: HeaderState[] = [createGenesisState(first)];
  while (states.length <= HEADERS) {
    const parent = states.at(-1) as HeaderState;
    const time = parent.header.time + rules.periodTenths;
    const { difficulty } = insist(computeNextDifficulty(parent, time, rules, () => undefined));
    const height = parent.header.height + 1;
    const draft = { ...first, previousHash: parent.hash, height, time, difficulty };
    const header = mineHeader(draft, 0n, 10_000_000, rules);
    if (header === undefined) throw new Error("the benchmark's headers are mined");
    states.push(insist(validateHeader(header, parent, rules, () => undefined)));
  }
  const checks: number[] = [];
  const bare: number[] = [];
  const [long, short] = [encodeHeader(first), new Uint8Array(55)];
  for (let sample = 0; sample < SAMPLES; sample++) {
    checks.push(
      time(() => {
        for (let i = 1; i <= HEADERS; i++) {
          const { header } = states[i] as HeaderState;
          insist(validateHeader(header, states[i - 1] as HeaderState, rules, () => undefined));
        }
      }),
    );
    bare.push(
      time(() => {
        for (let i = 0; i < HEADERS; i++) {
          sha256(long);
          sha256(long);
          sha256(short);
          sha256(short);
        }
      }),
    );
  }
  const seconds = median(checks);
  return [
    {
      name: "headers: link, difficulty and work",
      checksPerSecond: Math.round(HEADERS / seconds),
      hashRatio: Math.round((100 * seconds) / median(bare)) / 100,
      note: "four hashes each, noble",
    },
  ];
}

function time(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1_000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
