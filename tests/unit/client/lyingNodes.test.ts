import { describe, expect, it } from "vitest";
import { encodeHeader, type Header, hashHeader } from "../../../src/chain/header/header.ts";
import type { HeaderState } from "../../../src/chain/header/headerState.ts";
import { hasWork } from "../../../src/chain/header/proofOfWork.ts";
import { createHeaderBook } from "../../../src/client/headerBook.ts";
import { createMainChain, type NodeStatus } from "../../../src/client/mainChain.ts";
import { type MainChainSource, SourceError } from "../../../src/client/ports.ts";
import {
  createMemoryStore,
  createSource,
  EASY,
  extend,
  GENESIS,
  HARD,
  makeGenesis,
  mine,
  RULES,
  timeAfter,
} from "./headerLab.ts";

const HONEST = extend([GENESIS], 120, HARD);
const NOW_MS = timeAfter(extend([GENESIS], 1_000, EASY)) + 1_000_000;
const honest = (url = "honest") => createSource(url, () => HONEST);

async function open(sources: readonly MainChainSource[], store = createMemoryStore()) {
  return createMainChain(createHeaderBook(RULES, GENESIS), sources, store, () => NOW_MS);
}

function statusOf(nodes: readonly NodeStatus[], url: string): NodeStatus {
  const status = nodes.find((each) => each.url === url);
  if (status === undefined) throw new Error(`no node ${url}`);
  return status;
}

/** The honest headers, the one at `height` changed and, unless it is about work, with work anew. */
function changeAt(
  height: number,
  change: (header: Header) => Header,
  work: (header: Header) => Header = mine,
): Uint8Array[] {
  return HONEST.map(({ header }) =>
    encodeHeader(header.height === height ? work(change(header)) : header),
  );
}

const serve = (all: readonly Uint8Array[]): Partial<MainChainSource> => ({
  headers: async (from, count) => all.slice(from, from + count),
});

function withoutWork(header: Header): Header {
  for (let last = 0; ; last++) {
    const tried = { ...header, nonce: new Uint8Array(32).fill(last, 31) };
    if (!hasWork(tried, RULES)) return tried;
  }
}

const DUE = HONEST[110]?.header as Header;
const FOREIGN = extend([makeGenesis({ txsProofHash: new Uint8Array(32).fill(9) })], 200, HARD);
const FOREIGN_DUE = FOREIGN[110]?.header as Header;

/** Each lie, and what the wallet calls it. */
const LIES: readonly (readonly [string, Partial<MainChainSource>, RegExp])[] = [
  [
    "a lower difficulty",
    serve(changeAt(110, (header) => ({ ...header, difficulty: DUE.difficulty - 1 }))),
    /^WRONG_DIFFICULTY: expected difficulty \d+, got \d+/,
  ],
  [
    "a higher difficulty than is due, to look heavier",
    serve(changeAt(110, (header) => ({ ...header, difficulty: DUE.difficulty + 1 }))),
    /^WRONG_DIFFICULTY/,
  ],
  ["no work", serve(changeAt(110, (header) => header, withoutWork)), /^NOT_ENOUGH_WORK/],
  [
    "a free sibling: nonce bytes that the work does not cover",
    serve(
      changeAt(
        110,
        ({ nonce, ...header }) => ({ ...header, nonce: Uint8Array.of(1, ...nonce.slice(1)) }),
        (header) => header,
      ),
    ),
    /^NONCE_NOT_COVERED/,
  ],
  [
    "another network's chain",
    createSource("", () => FOREIGN),
    /^OTHER_GENESIS: its chain begins at another genesis/,
  ],
  [
    "another network's period",
    serve(changeAt(1, (header) => ({ ...header, period: 21 }))),
    /^WRONG_PERIOD/,
  ],
  ["an old version", serve(changeAt(110, (header) => ({ ...header, version: 2 }))), /^WRONG_VER/],
  [
    "headers that do not link",
    serve(HONEST.map(({ header }, at) => encodeHeader(at === 110 ? FOREIGN_DUE : header))),
    /^UNKNOWN_PARENT/,
  ],
  [
    "a header left out",
    serve(HONEST.filter((_, height) => height !== 110).map(({ header }) => encodeHeader(header))),
    /^UNKNOWN_PARENT/,
  ],
  [
    "one header over and over",
    {
      headers: async (_, count) =>
        new Array<Uint8Array>(count).fill(encodeHeader((HONEST[1] as HeaderState).header)),
    },
    /^UNKNOWN_PARENT/,
  ],
  [
    "more headers than it was asked for",
    { headers: async (_, count) => new Array<Uint8Array>(count + 1).fill(new Uint8Array(143)) },
    /^BAD_ANSWER: .* more headers than/,
  ],
  [
    "headers of the wrong length",
    { headers: async () => [new Uint8Array(142), new Uint8Array(144)] },
    /^TRUNCATED/,
  ],
  [
    "an answer that is none",
    {
      headers: () => Promise.reject(new SourceError("BAD_ANSWER", "it answered with nonsense")),
    },
    /^BAD_ANSWER: it answered with nonsense/,
  ],
];

describe("a node that breaks a rule", () => {
  it.each(LIES)("is refused by name for %s, and holds nobody up", async (_, lie, note) => {
    for (const isFirst of [true, false]) {
      const liar = createSource("liar", () => HONEST, lie);
      const liarIs = { ...liar, url: "liar" };
      const chain = await open(isFirst ? [liarIs, honest()] : [honest(), liarIs]);
      expect(await chain.sync()).toBe(true);
      expect(chain.tip().hash).toEqual(HONEST.at(-1)?.hash);
      const status = statusOf(chain.nodes(), "liar");
      expect(status.state).toBe("refused");
      expect(status.note).toMatch(note);
      expect(statusOf(chain.nodes(), "honest")).toMatchObject({ state: "live", height: 120 });
      // The same again changes nothing.
      expect(await chain.sync()).toBe(false);
    }
  });

  it.each(LIES)("alone gets nothing taken that does not hold: %s", async (_, lie) => {
    const chain = await open([{ ...createSource("liar", () => HONEST, lie), url: "liar" }]);
    await chain.sync();
    const { states } = chain.book();
    // What it showed before its lie is the honest chain's own.
    expect(states.length).toBeLessThanOrEqual(111);
    for (const [height, state] of states.entries()) {
      expect(state.hash).toEqual(HONEST[height]?.hash);
    }
  });

  it("is heard again once it serves what holds", async () => {
    let isLying = true;
    const lie = changeAt(110, (header) => header, withoutWork);
    const source = createSource("node", () => HONEST, {
      headers: async (from, count) =>
        (isLying ? lie : HONEST.map(({ header }) => encodeHeader(header))).slice(
          from,
          from + count,
        ),
    });
    const chain = await open([source]);
    await chain.sync();
    expect(chain.nodes()).toMatchObject([{ state: "refused", height: 109 }]);
    isLying = false;
    await chain.sync();
    expect(chain.nodes()).toMatchObject([{ state: "live", height: 120, note: "" }]);
  });
});

describe("a node whose chain holds but is not the best", () => {
  const LIGHTER = extend([GENESIS], 700, EASY);
  const FORKED = extend(HONEST.slice(0, 100), 10, HARD, 3);

  it.each([
    ["a stale tip", () => HONEST.slice(0, 61), 60],
    ["a long fork of less work from the genesis", () => LIGHTER, 700],
    ["a fork of less work near the tip", () => FORKED, 109],
    ["no headers at all", () => [], 0],
  ] as const)("is only behind, with %s, and never first to be asked", async (_, served, height) => {
    for (const isFirst of [true, false]) {
      const liar = createSource("liar", served);
      const chain = await open(isFirst ? [liar, honest()] : [honest(), liar]);
      await chain.sync();
      expect(chain.tip().hash).toEqual(HONEST.at(-1)?.hash);
      const status = statusOf(chain.nodes(), "liar");
      expect(status).toMatchObject({ state: "behind", height });
      expect(status.note).toBe(
        `its chain ends at block ${height} with less work than ours at block 120`,
      );
    }
  });

  it("loses to the one honest among four by work, in whatever order they are asked", async () => {
    const four = [
      createSource("long", () => LIGHTER),
      createSource("fork", () => FORKED),
      createSource("stale", () => HONEST.slice(0, 30)),
      honest(),
    ];
    for (let turn = 0; turn < 4; turn++) {
      const order = [...four.slice(turn), ...four.slice(0, turn)];
      const chain = await open(order);
      await chain.sync();
      expect(chain.tip().hash).toEqual(HONEST.at(-1)?.hash);
      expect(chain.nodes().filter(({ state }) => state === "live")).toHaveLength(1);
    }
  });

  it("loses even when the honest one is heard only later, however deep they part", async () => {
    let served: readonly HeaderState[] = [];
    const chain = await open([
      createSource("long", () => LIGHTER),
      createSource("h", () => served),
    ]);
    await chain.sync();
    expect(chain.tip().header.height).toBe(700);
    served = HONEST;
    await chain.sync();
    expect(chain.tip().hash).toEqual(HONEST.at(-1)?.hash);
    expect(chain.book().heights.size).toBe(121);
  });
});

describe("headers from the future", () => {
  it("are no lie, are not taken, and take nothing from those before them", async () => {
    const early = timeAfter(HONEST.slice(0, 111));
    const start = createHeaderBook(RULES, GENESIS);
    const chain = await createMainChain(start, [honest()], createMemoryStore(), () => early);
    await chain.sync();
    const { height } = chain.tip().header;
    expect(height).toBeGreaterThanOrEqual(110);
    expect(height).toBeLessThan(120);
    expect(chain.nodes()).toMatchObject([{ state: "behind", height }]);
    expect(chain.nodes()[0]?.note).toMatch(/^FROM_THE_FUTURE: header \d+ is ahead of this machine/);
  });
});

describe("several nodes", () => {
  it("agree between two tips of equal work, whoever is asked first", async () => {
    const [one, other] = [extend(HONEST, 1, HARD, 1), extend(HONEST, 1, HARD, 2)];
    const sources = [createSource("one", () => one), createSource("other", () => other)];
    const [first, second] = [await open(sources), await open(sources.toReversed())];
    await first.sync();
    await second.sync();
    expect(first.tip().hash).toEqual(second.tip().hash);
    expect(first.nodes().map(({ state }) => state)).toContain("behind");
  });

  it("lead from branch to branch as each overtakes, and the store holds the best one alone", async () => {
    const store = createMemoryStore();
    let [left, right] = [extend(HONEST, 3, HARD, 1), extend(HONEST, 2, HARD, 2)];
    const sources = [createSource("left", () => left), createSource("right", () => right)];
    const chain = await open(sources, store);
    for (let turn = 0; turn < 6; turn++) {
      const before = chain.tip().work;
      await chain.sync();
      const winner = turn % 2 === 0 ? left : right;
      expect(chain.tip().hash).toEqual(winner.at(-1)?.hash);
      expect(chain.tip().work > before || turn === 0).toBe(true);
      expect(await store.rows("headers")).toHaveLength(winner.length - 1);
      const reopened = await open([], store);
      expect(reopened.book().states.map(({ hash }) => hash)).toEqual(
        winner.map(({ hash }) => hash),
      );
      if (turn % 2 === 0) right = extend(right, 2, HARD);
      else left = extend(left, 2, HARD);
    }
  });

  it("give up a longer branch for a shorter of more work, on disk as well", async () => {
    const store = createMemoryStore();
    const [long, short] = [extend([GENESIS], 400, EASY), HONEST];
    let served: readonly HeaderState[] = long;
    const chain = await open([createSource("node", () => served)], store);
    await chain.sync();
    expect(chain.tip().header.height).toBe(400);
    served = short;
    await chain.sync();
    expect(await store.rows("headers")).toHaveLength(120);
    expect((await open([], store)).tip().hash).toEqual(short.at(-1)?.hash);
  });

  it("are asked anew for what the disk has lost or changed, from the first damaged header on", async () => {
    const store = createMemoryStore();
    const chain = await open([honest()], store);
    await chain.sync();
    const [key, value] = (await store.rows("headers"))[60] as readonly [string, Uint8Array];
    const damaged = Uint8Array.from(value, (byte, at) => (at === 50 ? byte ^ 1 : byte));
    await store.commit([{ kind: "put", table: "headers", key, value: damaged }]);
    const reopened = await open([honest()], store);
    expect(reopened.tip().header.height).toBeGreaterThanOrEqual(60);
    expect(reopened.tip().header.height).toBeLessThan(62);
    await reopened.sync();
    expect(reopened.tip().hash).toEqual(HONEST.at(-1)?.hash);
    expect(hashHeader(reopened.tip().header)).toEqual(reopened.tip().hash);
  });
});
