import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { encodeHeader } from "../../../src/chain/header/header.ts";
import type { HeaderState } from "../../../src/chain/header/headerState.ts";
import { createHeaderBook } from "../../../src/client/headerBook.ts";
import { createMainChain } from "../../../src/client/mainChain.ts";
import { type MainChainSource, SourceError } from "../../../src/client/ports.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import {
  createMemoryStore,
  createSource,
  EASY,
  extend,
  GENESIS,
  HARD,
  RULES,
  timeAfter,
} from "./headerLab.ts";

const HONEST = extend([GENESIS], 150, HARD);
/** A header's worth each for 5,000 headers, then ever harder. */
const HEAVY_AT_LAST = extend(extend([GENESIS], 5_000, EASY), 220, 1);
const LATER_MS = timeAfter(extend([GENESIS], 1_000, EASY)) + 1e9;

function open(sources: readonly MainChainSource[], clock: () => number = () => LATER_MS) {
  return createMainChain(createHeaderBook(RULES, GENESIS), sources, createMemoryStore(), clock);
}

function encodeAll(chain: readonly HeaderState[]): Uint8Array[] {
  return chain.map(({ header }) => encodeHeader(header));
}

/** Bytes in use after all that can be given back was. */
function measureHeap(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

describe("a flood of cheap headers", () => {
  const flood = encodeAll(extend([GENESIS], 24_000, EASY));
  const pour = (end: number, onAsk: (from: number) => void = () => undefined) =>
    createSource("flood", () => [], {
      async headers(from, count) {
        onAsk(from);
        return flood.slice(from, Math.min(from + count, end));
      },
    });

  it("is weighed, and not held, while what we have is heavier", async () => {
    // Infinite until it was measured: a flood that is not read to its end shows nothing.
    let [atStart, grown] = [0, Number.POSITIVE_INFINITY];
    // 19,573 of work against one a header: the first 18,000 of the flood are lighter.
    const source = pour(18_000, (from) => {
      if (from === 1) atStart = measureHeap();
      if (from > 16_000) grown = measureHeap() - atStart;
    });
    const served = createSource("honest", () => HONEST);
    const chain = await open([served]);
    await chain.sync();
    const both = await open([served, source]);
    await both.sync();
    await both.sync();
    // 16,000 headers that were held would take some 16 MB; 4,000 may be. Less than at the start is as good.
    expect(grown).toBeLessThan(8 * 1024 * 1024);
    expect(both.tip().hash).toEqual(HONEST.at(-1)?.hash);
    expect(both.nodes()[1]).toMatchObject({ state: "behind", height: 17_999 });
  });

  it("that outweighs us after all is asked for once more, and taken: work decides", async () => {
    const asked: number[] = [];
    const both = await open([
      createSource("honest", () => HONEST),
      pour(flood.length, (from) => asked.push(from)),
    ]);
    await both.sync();
    expect(both.tip().header.height).toBe(24_000);
    expect(asked.filter((from) => from === 1)).toHaveLength(2);
    expect(asked.length).toBeLessThan(2 * new Set(asked).size);
  });

  it("gives way to a heavier chain, however long that one is lighter on its way", async () => {
    let served: readonly HeaderState[] = [];
    const chain = await open([pour(flood.length), createSource("honest", () => served)]);
    await chain.sync();
    expect(chain.tip().header.height).toBe(24_000);
    served = HEAVY_AT_LAST;
    await chain.sync();
    expect(chain.tip().hash).toEqual(served.at(-1)?.hash);
    expect(chain.nodes().map(({ state }) => state)).toEqual(["behind", "live"]);
  });
});

describe("a node that drips", () => {
  it("holds nobody up: after a slow answer the others are not kept waiting for it", async () => {
    const waiting: ((error: Error) => void)[] = [];
    const drip = createSource("drip", () => [], {
      headers: () =>
        new Promise((_, reject) => {
          waiting.push(reject);
        }),
    });
    let served = HONEST.slice(0, 101);
    const chain = await open([drip, createSource("honest", () => served)]);
    const first = chain.sync();
    await Promise.resolve();
    // The request runs into its time-out, once.
    waiting.shift()?.(new SourceError("DOWN", "drip does not answer"));
    await first;
    expect(chain.tip().header.height).toBe(100);
    served = HONEST;
    expect(await chain.sync()).toBe(true);
    expect(chain.tip().hash).toEqual(HONEST.at(-1)?.hash);
    expect(chain.nodes()[0]).toMatchObject({ state: "down", note: "drip does not answer" });
    // It is asked again, but one question at a time.
    await chain.sync();
    expect(waiting).toHaveLength(1);
  });

  it("may take seconds a sync, not minutes, and goes on where it stopped", async () => {
    const long = encodeAll(extend([GENESIS], 9_000, EASY));
    let nowMs = LATER_MS;
    let pages = 0;
    const slow = createSource("slow", () => [], {
      async headers(from, count) {
        nowMs += 3_000;
        pages += 1;
        return long.slice(from, from + count);
      },
    });
    const chain = await open([slow], () => nowMs);
    await chain.sync();
    expect(pages).toBe(2);
    expect(chain.nodes()[0]).toMatchObject({ state: "behind", note: "its headers come slowly" });
    expect(chain.tip().header.height).toBe(4_000);
    for (let syncs = 0; chain.nodes()[0]?.state !== "live" && syncs < 10; syncs++) {
      await chain.sync();
    }
    expect(chain.tip().header.height).toBe(9_000);
    expect(pages).toBeLessThan(8);
  });
});

describe("a tip that does not move", () => {
  it("raises the alarm after eight periods, on a fast network after a minute, and not before", async () => {
    let nowMs = timeAfter(HONEST);
    const stale = () => createSource("stale", () => HONEST);
    const chain = await open([stale(), stale(), stale(), stale()], () => nowMs);
    await chain.sync();
    expect(chain.isStale()).toBe(false);
    nowMs += 58_000;
    expect(chain.isStale()).toBe(false);
    nowMs += 2_000;
    await chain.sync();
    expect(chain.isStale()).toBe(true);

    const periodTenths = 6_000;
    const start = createHeaderBook({ ...RULES, periodTenths }, GENESIS);
    const slowNetwork = await createMainChain(start, [], createMemoryStore(), () => nowMs);
    nowMs = timeAfter([GENESIS]) + 8 * 600_000 - 2_000;
    expect(slowNetwork.isStale()).toBe(false);
    nowMs += 2_000;
    expect(slowNetwork.isStale()).toBe(true);
  });
});

const RUNS = 100;

/** What a lying node does at each request; `turn` counts its requests. */
type Strategy = (random: SeededRandom, turn: number) => Partial<MainChainSource>;

const CHEAP = encodeAll(extend([GENESIS], 400, EASY, 5));
const FORK = encodeAll(extend(HONEST.slice(0, 120), 20, HARD, 6));
const TRUE = encodeAll(HONEST);
const STRATEGIES: readonly Strategy[] = [
  (random) => serve(TRUE.slice(0, 1 + random.below(150))),
  () => serve(CHEAP),
  () => serve(FORK),
  () => serve([]),
  (random) => {
    const at = 1 + random.below(150);
    const changed = random.mutate(TRUE[at] as Uint8Array);
    return serve(TRUE.map((bytes, height) => (height === at ? changed : bytes)));
  },
  (_, turn) => serve(turn % 2 === 0 ? FORK : CHEAP),
  (random) => serve(Array.from({ length: 2_000 }, () => TRUE[random.below(151)] as Uint8Array)),
  (random) => ({
    headers: async (from, count) => TRUE.slice(from + random.below(3), from + random.below(count)),
  }),
  () => ({ headers: () => Promise.reject(new SourceError("DOWN", "no answer")) }),
];

function serve(all: readonly Uint8Array[]): Partial<MainChainSource> {
  return { headers: async (from, count) => all.slice(from, from + count) };
}

describe("three liars and one honest node", () => {
  it(`end on the honest tip within two syncs, in ${RUNS} random plays, and work never falls`, async () => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const random = new SeededRandom(seed);
      let turn = 0;
      const liars = ["a", "b", "c"].map((url) => {
        const strategy = STRATEGIES[random.below(STRATEGIES.length)] as Strategy;
        return createSource(url, () => [], {
          headers: async (from, count) =>
            strategy(random, turn++).headers?.(from, count) ?? Promise.resolve([]),
        });
      });
      const sources: MainChainSource[] = [...liars];
      let known = 1 + random.below(151);
      const honest = createSource("honest", () => HONEST.slice(0, known));
      sources.splice(random.below(4), 0, honest);
      const chain = await open(sources);
      let work = 0n;
      const syncOnce = async () => {
        await chain.sync();
        expect(chain.tip().work, `seed ${seed}`).toBeGreaterThanOrEqual(work);
        work = chain.tip().work;
      };
      await syncOnce();
      known = HONEST.length;
      await syncOnce();
      await syncOnce();
      expect(chain.tip().hash, `seed ${seed}`).toEqual(HONEST.at(-1)?.hash);
      expect(chain.book().heights.size, `seed ${seed}`).toBe(HONEST.length);
      const honestStatus = chain.nodes().find(({ url }) => url === "honest");
      expect(honestStatus, `seed ${seed}`).toMatchObject({ state: "live", note: "" });
    }
  });
});
