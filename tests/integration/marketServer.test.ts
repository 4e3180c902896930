import { once } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { encodeCancel, type FeedMessage, MARKET_PATHS } from "../../src/api/marketApi.ts";
import { feedMessageForm } from "../../src/api/marketApiJson.ts";
import { openNodeSocket } from "../../src/headless/nodeSocket.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { hashOrder, nameOrder } from "../../src/market/batch.ts";
import { createOperatorSource } from "../../src/network/operatorSource.ts";
import { createEngineState } from "../../src/operator/engine/engineState.ts";
import { DEFAULT_POLICY } from "../../src/operator/engine/policy.ts";
import { replay } from "../../src/operator/engine/replay.ts";
import { type Operator, runOperator } from "../../src/operator/operator.ts";
import { createServer } from "../../src/operator/server/createServer.ts";
import { SERVER_LIMITS } from "../../src/operator/server/serverLimits.ts";
import { openSignerService } from "../../src/operator/signer/signerService.ts";
import type { RowStore } from "../../src/operator/store/rowStore.ts";
import { computeDigest, signDigest } from "../../src/protocol/signature.ts";
import { signOrder } from "../unit/operator/orderTraders.ts";
import { bury, buyCash } from "../unit/operator/traders.ts";
import {
  CHAIN,
  keyOf,
  listRecords,
  MARKETS,
  OPERATOR,
  ORACLE_ID,
  RULES,
  World,
} from "../unit/operator/world.ts";

const VEO = 100_000_000n;
const alice = keyOf("alice");
const bob = keyOf("bob");

let world: World;
let operator: Operator;
let server: ReturnType<typeof createServer>;
let url: string;
let nowMs: number;
let wallMs: number;
let wake: () => void = () => undefined;

/** Rows in memory that begin as those of another process. */
function createMemoryStore(rows = new Map<string, Uint8Array>()): RowStore {
  return {
    rows: async () => [...rows],
    get: async (key) => rows.get(key),
    async commit(operations) {
      for (const operation of operations) {
        if (operation.kind === "put") rows.set(operation.key, operation.value);
        else rows.delete(operation.key);
      }
    },
    close: async () => undefined,
  };
}

/** An operator in whose chain Alice and Bob have cash; its clock is moved by hand. */
beforeEach(async () => {
  world = new World();
  for (const trader of [alice, bob]) buyCash(world, trader, VEO);
  bury(world);
  nowMs = world.durable.nowMs + 10_000;
  wallMs = 0;
  const rows = [...world.durable.rows].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const state = createEngineState(RULES, CHAIN, DEFAULT_POLICY, MARKETS);
  replay(state, rows);
  const { main, accountNonce, recorded } = world.durable;
  operator = runOperator({
    state,
    store: createMemoryStore(new Map(rows)),
    signer: await openSignerService(createMemoryStore(), RULES.networkId, OPERATOR.privateKey),
    mainChain: {
      readView: async () => ({
        height: main.length - 1,
        accountNonce,
        recorded,
        records: listRecords(world.durable),
        oracles: new Map([[formatHex(ORACLE_ID), "open"]]),
        resultHeights: new Map(),
      }),
      readEvidence: () => Promise.reject(new Error("the node is down")),
      draft: (nonce) => ({ body: Uint8Array.of(nonce), finish: (signature) => signature }),
      send: async () => ({ ok: true, value: null }),
      follow(onTip) {
        onTip();
        return () => undefined;
      },
    },
    answers: {
      target: { topId: CHAIN.id, chainId: CHAIN.id, operator: CHAIN.operator },
      readRequests: async () => ({ height: 10, open: [], challenges: [] }),
      sendAnswers: async () => undefined,
    },
    end: { advance: async () => undefined },
    clock: {
      now: () => nowMs,
      wakeAt: (_, callBack) => {
        wake = callBack;
      },
    },
    onTrouble: () => undefined,
  });
  server = createServer(operator, {
    now: () => nowMs,
    wallNow: () => wallMs,
  });
  url = await server.listen({ host: "127.0.0.1", port: 0 });
});

afterEach(async () => {
  await server.close();
  await operator.close();
});

/** The next messages of a feed, which must come without a gap. */
function openFeed() {
  const socket = new WebSocket(url.replace("http", "ws") + MARKET_PATHS.feed);
  const waiting: FeedMessage[] = [];
  let notify: () => void = () => undefined;
  socket.on("message", (data: Buffer) => {
    const read = feedMessageForm.read(JSON.parse(data.toString()));
    if (!read.ok) throw new Error(read.message);
    waiting.push(read.value);
    notify();
  });
  let next = 0;
  return {
    socket,
    async hear<Kind extends FeedMessage["kind"]>(
      kind: Kind,
    ): Promise<FeedMessage & { kind: Kind }> {
      for (;;) {
        const message = waiting.shift();
        if (message === undefined) {
          await new Promise<void>((resolve) => {
            notify = resolve;
          });
          continue;
        }
        expect(message.sequence).toBe(next);
        next += 1;
        if (message.kind === kind) return message as FeedMessage & { kind: Kind };
      }
    },
  };
}

async function endBatch(): Promise<void> {
  const made = new Promise<void>((resolve) => {
    const forget = operator.onBlock(() => {
      forget();
      resolve();
    });
  });
  nowMs += DEFAULT_POLICY.batchMs;
  wake();
  await made;
}

it("takes orders, tells of them, clears them, and shows what the block was cleared from", async () => {
  const source = createOperatorSource(url, { openSocket: openNodeSocket });
  const feed = openFeed();
  expect(await feed.hear("book")).toMatchObject({ bids: [], asks: [] });
  expect(await feed.hear("deadline")).toMatchObject({ atMs: null });

  const yes = signOrder(world, alice, { side: "buyYes", limit: 620 });
  const no = signOrder(world, bob, { side: "buyNo", limit: 420 });
  const height = operator.publishedHeight() + 1;
  expect(await source.submitOrder(yes)).toEqual({
    ok: true,
    value: { orderHash: hashOrder(yes.order), height },
  });
  expect(await feed.hear("book")).toMatchObject({ bids: [{ price: 620, lots: 10n }], asks: [] });
  expect(await feed.hear("deadline")).toMatchObject({
    height,
    atMs: nowMs + DEFAULT_POLICY.batchMs,
  });
  expect((await source.submitOrder(no)).ok).toBe(true);
  expect(await feed.hear("book")).toMatchObject({ asks: [{ price: 580, lots: 10n }] });
  expect(await source.batch(height)).toBeUndefined();

  await endBatch();
  expect(await feed.hear("trade")).toMatchObject({ height, price: 600, volume: 1_000_000n });
  expect(await feed.hear("book")).toMatchObject({ bids: [], asks: [] });
  expect(await feed.hear("deadline")).toMatchObject({ height: height + 1, atMs: null });
  const batch = await source.batch(height);
  expect(batch).toMatchObject({ height, books: [{ price: 600 }] });
  const shown = batch?.books[0]?.orders.map(({ signed }) => signed) ?? [];
  expect(new Set(shown.map(({ order }) => formatHex(hashOrder(order))))).toEqual(
    new Set([yes, no].map(({ order }) => formatHex(hashOrder(order)))),
  );
  expect(await source.submitOrder(yes)).toMatchObject({ ok: false, code: "OTHER_BLOCK_SEEN" });
});

it("lets an order be taken back by who signed it", async () => {
  const source = createOperatorSource(url, { openSocket: openNodeSocket });
  const yes = signOrder(world, alice, { side: "buyYes", limit: 620 });
  await source.submitOrder(yes);
  const name = nameOrder(yes.order);
  const body = encodeCancel(CHAIN.id, name);
  const digest = computeDigest("signRequest", RULES.networkId, body);
  const cancel = (trader: typeof alice) =>
    source.cancelOrder(name, signDigest(digest, trader.privateKey));
  expect(await cancel(bob)).toMatchObject({ ok: false, code: "BAD_SIGNATURE" });
  expect(await cancel(alice)).toEqual({ ok: true, value: true });
  expect(operator.state.orders.resting.size).toBe(0);
});

it("opens a market that is there for all who ask, and in the feed", async () => {
  const source = createOperatorSource(url, { openSocket: openNodeSocket });
  const feed = openFeed();
  await feed.hear("deadline");
  const market = {
    question: "Who wins the cup?",
    ask: { kind: "categorical", oracles: [new Uint8Array(32).fill(1), ORACLE_ID] } as const,
    outcomes: ["reds", "blues"],
    depositBps: 0,
    tick: 5,
    lot: 10_000n,
    yesBps: undefined,
  };
  expect((await operator.ask({ kind: "market", market })).ok).toBe(true);
  expect((await source.facts()).markets).toEqual([...MARKETS, market]);
  await feed.hear("book");
  await feed.hear("book");
});

it("says that nothing has happened, so that silence is known for what it is", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const feed = openFeed();
  await feed.hear("deadline");
  wallMs += SERVER_LIMITS.beatMs;
  vi.advanceTimersByTime(SERVER_LIMITS.beatMs);
  vi.useRealTimers();
  expect(await feed.hear("beat")).toMatchObject({ nowMs });
});

it("cuts who talks on a feed", async () => {
  const { socket } = openFeed();
  await once(socket, "open");
  socket.send("more!");
  await once(socket, "close");
});

it("answers what is no height of a batch with what is wrong", async () => {
  for (const [name, status] of [
    ["x", 400],
    ["-1", 400],
    ["99", 404],
  ] as const) {
    expect((await fetch(`${url}${MARKET_PATHS.batches}/${name}`)).status).toBe(status);
  }
});
