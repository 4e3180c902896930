import { afterEach, describe, expect, it, vi } from "vitest";
import type * as Blocks from "../../../src/blocks/validateBlock.ts";
import { createBlockReader } from "../../../src/client/blockReader.ts";
import { type CheckAhead, checkAhead, confirmAhead } from "../../../src/client/checkAhead.ts";
import { createLocalVerifier } from "../../../src/client/localVerifier.ts";
import { type PendingCheck, SourceError } from "../../../src/client/ports.ts";
import { createVerifyPool } from "../../../src/client/verifyPool.ts";
import { accept } from "../../../src/lib/verdict.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import * as lab from "./verifyLab.ts";
import { type Fate, WorkerYard } from "./workerYard.ts";

const { checkChain, expectSame, makeChain, RULES, SPOILS } = lab;
const SIZES = [1, 2, 4];
const LENGTH = 140;
const HONEST = [1, 2].map((seed) => makeChain(LENGTH, new SeededRandom(seed)));
const [FIRST = makeChain(1, new SeededRandom(1))] = HONEST;

function checkInOrder(served: lab.ServedChain) {
  return checkChain(served, createLocalVerifier(RULES));
}

function openPool(size: number, seed: number, fate: () => Fate = () => "answers") {
  const yard = new WorkerYard(RULES, new SeededRandom(seed));
  yard.fate = fate;
  return { yard, pool: createVerifyPool(size, yard.open, RULES) };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** A fate that is another one now and then. */
function sometimes(fate: Fate, seed: number): () => Fate {
  const random = new SeededRandom(seed);
  return () => (random.below(12) === 0 ? fate : "answers");
}

describe("a pool of workers", () => {
  it.each(SIZES)("of %i finds of honest chains what is found block by block", async (size) => {
    for (const [index, served] of HONEST.entries()) {
      const { yard, pool } = openPool(size, index + 1);
      // Whoever takes the blocks has not one signature to compute himself.
      const rules = createRules(RULES.parameters, () => {
        throw new Error("a block was checked a second time");
      });
      const found = await yard.during(checkChain(served, pool, { rules }));
      expectSame(found, await checkInOrder(served));
      expect(found.book).toMatchObject({
        breach: undefined,
        postCount: 8,
        tip: { height: LENGTH },
      });
      expect(yard.workers).toHaveLength(size);
      for (const { answered } of yard.workers) expect(answered).toBeGreaterThan(20);
      // No more lies with the workers than they can do.
      expect(yard.tasksMax).toBeLessThanOrEqual(2 * size);
    }
  });

  it.each(Object.entries(SPOILS))("finds the same where %s", async (_, spoil) => {
    for (const [index, honest] of HONEST.entries()) {
      const random = new SeededRandom(index + 7);
      // In one of the first blocks, or somewhere about the end of the first page.
      const at = index === 0 ? random.below(3) : 55 + random.below(20);
      const served = { ...honest, blocks: spoil(honest.blocks, at, random) };
      const expected = await checkInOrder(served);
      for (const size of SIZES) {
        const { yard, pool } = openPool(size, at + 1);
        expectSame(await yard.during(checkChain(served, pool)), expected);
      }
    }
  });

  it("finds the same step by step", async () => {
    const { yard, pool } = openPool(2, 1);
    const served = { ...FIRST, blocks: FIRST.blocks.slice(0, 100) };
    const step = checkChain(FIRST, pool, { blocksMax: 100 });
    const found = await yard.during(step);
    expect(found.isBehind).toBe(true);
    expect(found.book).toEqual((await checkInOrder(served)).book);
  });

  it.each(["dies", "mixes up", "mislabels"] as const)(
    "finds the same though now and then a worker %s",
    async (fate) => {
      const spoil = SPOILS["a transaction is done twice"] ?? (() => []);
      const broken = { ...FIRST, blocks: spoil(FIRST.blocks, 120, new SeededRandom(1)) };
      for (const served of [FIRST, broken]) {
        const expected = await checkInOrder(served);
        for (const size of [1, 4]) {
          const { yard, pool } = openPool(size, size, sometimes(fate, size + 3));
          expectSame(await yard.during(checkChain(served, pool)), expected);
          expect(yard.running().length).toBeLessThanOrEqual(size);
          if (size > 1 && fate !== "mislabels") expect(yard.workers.length).toBeGreaterThan(size);
        }
      }
    },
  );

  it("does without workers where they all die, and tries again after a rest", async () => {
    const fates = { fate: "dies" as Fate };
    const { yard, pool } = openPool(4, 1, () => fates.fate);
    const expected = await checkInOrder(FIRST);
    expectSame(await yard.during(checkChain(FIRST, pool)), expected);
    const tried = yard.workers.length;
    expect(tried).toBeLessThan(20);
    pool.rest(false);
    fates.fate = "answers";
    expectSame(await yard.during(checkChain(FIRST, pool)), expected);
    expect(yard.workers).toHaveLength(tried + 4);
  });

  it("does without workers where none can be opened", async () => {
    const open = () => {
      throw new Error("no workers here");
    };
    const found = await checkChain(FIRST, createVerifyPool(4, open, RULES));
    expectSame(found, await checkInOrder(FIRST));
  });

  it("is left alone at a breach, and ends its workers at rest", async () => {
    const spoil = SPOILS["a state after is made up"] ?? (() => []);
    const served = { ...FIRST, blocks: spoil(FIRST.blocks, 5, new SeededRandom(1)) };
    const { yard, pool } = openPool(2, 1);
    const { book } = await yard.during(checkChain(served, pool));
    expect(book.breach).toMatchObject({ rule: "WRONG_STATE_AFTER", blockHeight: 6 });
    const answered = () => yard.workers.reduce((sum, each) => sum + each.answered, 0);
    // Of the hundred blocks after it few were checked, and no further one will be.
    expect(answered()).toBeLessThan(30);
    const left = yard.running().flatMap(({ tasks }) => tasks).length;
    for (let turn = 0; turn < 50; turn++) yard.turn();
    expect(yard.running().flatMap(({ tasks }) => tasks)).toHaveLength(0);
    expect(left).toBeLessThanOrEqual(4);
    pool.rest(false);
    expect(yard.running()).toHaveLength(0);
  });
});

describe("what was found of a block ahead", () => {
  const [bytes = new Uint8Array(), other = new Uint8Array()] = FIRST.blocks;
  const { chain } = FIRST;
  const found = checkAhead({ bytes, chain, mainHeader: () => undefined }, RULES);
  const tip = { hash: chain.id, height: 0, mainHeight: 0, state: beforeOf(found) };

  function beforeOf({ held }: CheckAhead): Uint8Array {
    return held?.block.header.stateBefore ?? new Uint8Array();
  }

  it("counts for these bytes, of this chain, on this network, after this tip alone", () => {
    const elsewhere = createRules({ ...RULES.parameters, name: "elsewhere" });
    expect(confirmAhead(found, { bytes, chain }, tip, RULES)).toBe(found.held);
    const others = [
      confirmAhead(found, { bytes: other, chain }, tip, RULES),
      confirmAhead(found, { bytes, chain: { ...chain, expiry: 99 } }, tip, RULES),
      confirmAhead(found, { bytes, chain: { ...chain, lo: 1n } }, tip, RULES),
      confirmAhead(found, { bytes, chain }, tip, elsewhere),
      confirmAhead(found, { bytes, chain }, { ...tip, height: 1 }, RULES),
      confirmAhead(found, { bytes, chain }, { ...tip, hash: chain.operator.slice(1) }, RULES),
      confirmAhead(found, { bytes, chain }, { ...tip, state: chain.id }, RULES),
      confirmAhead(found, { bytes, chain }, { ...tip, mainHeight: 1 }, RULES),
    ];
    expect(others).toEqual(others.map(() => undefined));
  });
});

describe("blocks under check at once", () => {
  it("are bounded by their number and by their bytes, and let go of when nobody wants them", async () => {
    for (const [length, inHand] of [
      [10, 64],
      [512 * 1024, 4],
      [900 * 1024, 2],
    ] as const) {
      const pending = new Set<PendingCheck>();
      const verifier = {
        inHandMax: 64,
        check() {
          const check = {
            answer: new Promise<undefined>(() => undefined),
            cancel: () => void pending.delete(check),
          };
          pending.add(check);
          return check;
        },
        rest: () => undefined,
      };
      const reader = createBlockReader(verifier, FIRST.chain, () => undefined);
      const server = {
        blocks: async () => Array.from({ length: 80 }, () => new Uint8Array(length)),
      };
      expect(await reader.read({ server, from: 1, count: 80 }, 0)).toBe(80);
      expect(pending.size).toBe(inHand);
      await reader.drop();
      expect(pending.size).toBe(0);
    }
  });
});

describe("a page that is asked for ahead", () => {
  it("is asked for once more where it was not there yet, and its failure is heard by who reads it", async () => {
    const verifier = createVerifyPool(1, new WorkerYard(RULES, new SeededRandom(1)).open, RULES);
    const asked: number[] = [];
    let isThere = false;
    const server = {
      async blocks(from: number, count: number) {
        asked.push(from);
        if (from === 5) throw new SourceError("DOWN", "nobody answers");
        return isThere || from === 1 ? FIRST.blocks.slice(from - 1, from - 1 + count) : [];
      },
    };
    const reader = createBlockReader(verifier, FIRST.chain, () => undefined);
    const read = async (from: number) => {
      const length = await reader.read({ server, from, count: 2 }, 2);
      await nextTurn();
      return length;
    };
    expect(await read(1)).toBe(2);
    expect(asked).toEqual([1, 3]);
    isThere = true;
    expect(await read(3)).toBe(2);
    expect(asked).toEqual([1, 3, 3, 5]);
    await expect(read(5)).rejects.toMatchObject({ code: "DOWN" });
    expect(asked).toEqual([1, 3, 3, 5]);
  });
});

describe("a bug in the pool", () => {
  afterEach(() => {
    vi.doUnmock("../../../src/blocks/validateBlock.ts");
    vi.resetModules();
  });

  it("by which an answer is taken for another block is seen by these tests", async () => {
    vi.resetModules();
    vi.doMock("../../../src/blocks/validateBlock.ts", async (original) => ({
      ...(await original<typeof Blocks>()),
      // What is linked is looked at nowhere but in the check of a block in its place.
      judgeLink: () => accept(null),
    }));
    const planted = await import("./verifyLab.ts");
    const { createVerifyPool } = await import("../../../src/client/verifyPool.ts");
    const expected = await checkInOrder(FIRST);
    const yard = new WorkerYard(RULES, new SeededRandom(2));
    yard.fate = sometimes("mislabels", 5);
    const pool = createVerifyPool(2, yard.open, RULES);
    expect(await yard.during(planted.checkChain(FIRST, pool))).not.toEqual(expected);
  });
});
