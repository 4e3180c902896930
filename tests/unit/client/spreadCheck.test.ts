import { afterEach, describe, expect, it, vi } from "vitest";
import { createBlockReader } from "../../../src/client/blockReader.ts";
import { createLocalVerifier } from "../../../src/client/localVerifier.ts";
import type * as Signatures from "../../../src/client/signatureTask.ts";
import { createVerifyPool } from "../../../src/client/verifyPool.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { CLOSES, makeLargeBlock, RULES } from "./spreadLab.ts";
import { checkChain, expectSame, type ServedChain } from "./verifyLab.ts";
import { type Fate, WorkerYard } from "./workerYard.ts";

const HONEST = makeLargeBlock();
/** By the transaction whose signature is wrong: in the first part of the block's signatures, in the last, in one of each. */
const SPOILT = [[0], [CLOSES - 1], [90], [CLOSES - 1, 20]].map(makeLargeBlock);

/** The two blocks one after the other, each as soon as it is there. */
function check(served: ServedChain, pool: ReturnType<typeof createVerifyPool>, rules = RULES) {
  return checkChain(served, pool, { rules, atOnce: 1 });
}

const inOrder = (served: ServedChain) => check(served, createLocalVerifier(RULES));

function openPool(size: number, fate: (turn: number) => Fate = () => "answers") {
  const yard = new WorkerYard(RULES, new SeededRandom(size));
  let turn = 0;
  yard.fate = () => fate(turn++);
  return { yard, pool: createVerifyPool(size, yard.open, RULES) };
}

describe("a large block that is alone", () => {
  it.each([2, 4])(
    "is found to hold with all of its signatures checked by %i workers",
    async (size) => {
      const { yard, pool } = openPool(size);
      // Whoever takes the block has not one signature of it to compute himself.
      const rules = createRules(RULES.parameters, () => {
        throw new Error("a signature was checked here");
      });
      const found = await yard.during(check(HONEST, pool, rules));
      expectSame(found, await inOrder(HONEST));
      expect(found.book).toMatchObject({ breach: undefined, tip: { height: 2 } });
      expect(yard.workers).toHaveLength(size);
      const claims = yard.taken.flatMap((task) => ("claims" in task ? [task.claims] : []));
      // The operator's own over the header is the first.
      expect(claims.map((each) => each.length / 130)).toEqual([64, 64, 64, 9]);
      for (const { answered } of yard.workers) expect(answered).toBeGreaterThan(0);
    },
  );

  it("is refused for one wrong signature in whatever part, by the same words as without workers", async () => {
    for (const served of SPOILT) {
      const expected = await inOrder(served);
      expect(expected.book).toMatchObject({
        breach: { rule: "BAD_SIGNATURE", blockHeight: 2 },
        tip: { height: 1 },
      });
      for (const size of [2, 4]) {
        const { yard, pool } = openPool(size);
        expectSame(await yard.during(check(served, pool)), expected);
      }
    }
  });

  it.each<[string, (turn: number) => Fate]>([
    ["one worker dies over it", (turn) => (turn === 2 ? "dies" : "answers")],
    ["all die", () => "dies"],
    ["the last ones die", (turn) => (turn < 2 ? "answers" : "dies")],
    ["one answers about other signatures", (turn) => (turn === 2 ? "mixes up" : "answers")],
    ["all do", () => "mixes up"],
  ])("is found the same where %s", async (_, fate) => {
    for (const served of [HONEST, ...SPOILT]) {
      const expected = await inOrder(served);
      for (const size of [2, 4]) {
        const { yard, pool } = openPool(size, fate);
        expectSame(await yard.during(check(served, pool)), expected);
      }
    }
  });

  it("is found the same where no worker can be opened", async () => {
    const open = () => {
      throw new Error("no workers here");
    };
    for (const served of [HONEST, ...SPOILT]) {
      const pool = createVerifyPool(4, open, RULES);
      expectSame(await check(served, pool), await inOrder(served));
    }
  });

  it("is not taken before its last signature is checked", async () => {
    const { yard, pool } = openPool(2);
    let found: Awaited<ReturnType<typeof check>> | undefined;
    const work = check(HONEST, pool).then((progress) => {
      found = progress;
    });
    // The first block is small, and one worker's; of the second there are four parts.
    for (let turn = 0; turn < 4; turn++) {
      for (let wait = 0; wait < 20; wait++) await new Promise((go) => setImmediate(go));
      expect(found).toBeUndefined();
      yard.turn();
    }
    await yard.during(work);
    expect(found?.book.tip.height).toBe(2);
  });

  it("is not checked on where nobody wants it any more", async () => {
    const rules = createRules(RULES.parameters, () => {
      throw new Error("a signature was checked here");
    });
    const yard = new WorkerYard(RULES, new SeededRandom(1));
    const pool = createVerifyPool(2, yard.open, rules);
    const reader = createBlockReader(pool, HONEST.chain, () => undefined);
    const server = { blocks: async () => HONEST.blocks.slice(1) };
    await reader.read({ server, from: 2, count: 64 }, 0);
    await reader.drop();
    pool.rest(false);
    expect(yard.running()).toHaveLength(0);
    for (let turn = 0; turn < 20; turn++) await new Promise((go) => setImmediate(go));
  });

  it("finds its workers ready where whoever waits for it is hurried", async () => {
    const { yard, pool } = openPool(2);
    await yard.during(check(HONEST, pool));
    pool.rest(true);
    expect(yard.running()).toHaveLength(2);
    await yard.during(check(HONEST, pool));
    expect(yard.workers).toHaveLength(2);
    pool.rest(false);
    expect(yard.running()).toHaveLength(0);
  });
});

describe("a bug by which signatures of a large block are lost", () => {
  afterEach(() => {
    vi.doUnmock("../../../src/client/signatureTask.ts");
    vi.resetModules();
  });

  const isSeen = async (plant: (original: typeof Signatures) => Partial<typeof Signatures>) => {
    vi.resetModules();
    vi.doMock("../../../src/client/signatureTask.ts", async (original) => {
      const real = await original<typeof Signatures>();
      return { ...real, ...plant(real) };
    });
    const { createVerifyPool } = await import("../../../src/client/verifyPool.ts");
    for (const served of SPOILT) {
      const yard = new WorkerYard(RULES, new SeededRandom(2));
      const pool = createVerifyPool(2, yard.open, RULES);
      const { book } = await yard.during(check(served, pool));
      if (book.breach === undefined) return true;
    }
    return false;
  };

  it("is seen by these tests", async () => {
    expect(await isSeen(() => ({}))).toBe(false);
    // The last ones are never sent.
    const lossy = await isSeen(({ collectClaims }) => ({
      collectClaims: (onTask) => ({ ...collectClaims(onTask), finish: () => undefined }),
    }));
    expect(lossy).toBe(true);
  });
});
