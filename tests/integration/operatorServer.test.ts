import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { JsonForm } from "../../src/api/jsonForm.ts";
import {
  encodeSignIn,
  OPERATOR_PATHS,
  type TakerMessage,
  writeStreamMark,
} from "../../src/api/operatorApi.ts";
import { decodeBlockFrames } from "../../src/api/operatorApiBlocks.ts";
import {
  purchaseOfferForm,
  takerAnswerForm,
  takerMessageForm,
} from "../../src/api/operatorApiJson.ts";
import { factsForm } from "../../src/api/operatorFactsJson.ts";
import { refusalForm } from "../../src/api/refusalForm.ts";
import { decodeBlock } from "../../src/blocks/block.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { createOperatorSource } from "../../src/network/operatorSource.ts";
import { createEngineState } from "../../src/operator/engine/engineState.ts";
import { DEFAULT_POLICY } from "../../src/operator/engine/policy.ts";
import type { MainChainPort } from "../../src/operator/mainChainPort.ts";
import { type Operator, runOperator } from "../../src/operator/operator.ts";
import { createServer } from "../../src/operator/server/createServer.ts";
import { SERVER_LIMITS } from "../../src/operator/server/serverLimits.ts";
import { openSignerService } from "../../src/operator/signer/signerService.ts";
import type { RowStore } from "../../src/operator/store/rowStore.ts";
import { hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import { computeDigest, signDigest } from "../../src/protocol/signature.ts";
import { CHAIN, keyOf, MARKETS, OPERATOR, ORACLE_ID, RULES } from "../unit/operator/world.ts";

const alice = keyOf("alice");

function createMemoryStore(): RowStore {
  const rows = new Map<string, Uint8Array>();
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

/** A main chain that stands still at height 10. */
const STILL: MainChainPort = {
  readView: async () => ({
    height: 10,
    accountNonce: 0,
    recorded: 0,
    records: [],
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
};

let operator: Operator;
let server: ReturnType<typeof createServer>;
let url: string;
let nowMs: number;

beforeEach(async () => {
  nowMs = 1_000_000;
  const policy = { ...DEFAULT_POLICY, collectMs: 0, spacingMs: 0, unpaidMax: 100 };
  operator = runOperator({
    state: createEngineState(RULES, CHAIN, policy, MARKETS),
    store: createMemoryStore(),
    signer: await openSignerService(createMemoryStore(), RULES.networkId, OPERATOR.privateKey),
    mainChain: STILL,
    answers: {
      target: { topId: CHAIN.id, chainId: CHAIN.id, operator: CHAIN.operator },
      readRequests: async () => ({ height: 10, open: [], challenges: [] }),
      sendAnswers: async () => undefined,
    },
    end: { advance: async () => undefined },
    clock: {
      now: () => nowMs,
      wakeAt: () => undefined,
    },
    onTrouble: () => undefined,
  });
  server = createServer(operator, { now: () => nowMs });
  url = await server.listen({ host: "127.0.0.1", port: 0 });
});

afterEach(async () => {
  await server.close();
  await operator.close();
});

async function ask<Value>(path: string, form: JsonForm<Value>, body?: unknown) {
  const init =
    body === undefined
      ? {}
      : {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: typeof body === "string" ? body : JSON.stringify(body),
        };
  const response = await fetch(url + path, init);
  const json: unknown = await response.json();
  if (response.ok) return { status: response.status, read: form.read(json) };
  const refusal = refusalForm.read(json);
  if (!refusal.ok) throw new Error(`a refusal without form: ${JSON.stringify(json)}`);
  return { status: response.status, code: refusal.value.code, message: refusal.value.message };
}

async function makeBlock(): Promise<void> {
  const made = new Promise<void>((resolve) => {
    const forget = operator.onBlock(() => {
      forget();
      resolve();
    });
  });
  const body = { buyer: formatHex(alice.publicKey), width: "100000" };
  const asked = await ask(OPERATOR_PATHS.purchases, purchaseOfferForm, body);
  expect(asked.status).toBe(200);
  await made;
}

describe("over HTTP", () => {
  it("says what the chain is, sells space, and serves the blocks", async () => {
    await makeBlock();
    await makeBlock();
    const facts = await ask(OPERATOR_PATHS.chain, factsForm);
    expect(facts.read).toMatchObject({ ok: true, value: { height: 2, mainHeight: 10 } });

    const served = await fetch(`${url}/blocks?from=1&count=64`);
    const frames = decodeBlockFrames(new Uint8Array(await served.arrayBuffer()));
    expect(frames.ok && frames.value.length).toBe(2);
    const one = await fetch(`${url}/blocks/2`);
    const bytes = new Uint8Array(await one.arrayBuffer());
    expect(frames.ok && frames.value[1]).toEqual(bytes);
    expect(decodeBlock(bytes).ok).toBe(true);
    expect(one.headers.get("access-control-allow-origin")).toBe("*");
    const missing = await ask("/blocks/3", factsForm);
    expect(missing).toMatchObject({ status: 404, code: "NO_SUCH_BLOCK" });
  });

  it("serves a block by its hash", async () => {
    await makeBlock();
    await makeBlock();
    const source = createOperatorSource(url);
    const blocks = await source.blocks(1, 64);
    for (const bytes of blocks) {
      const { header } = insist(decodeBlock(bytes));
      expect(await source.block(hashBlockHeader(header))).toEqual(bytes);
    }
    expect(await source.block(CHAIN.id)).toBeUndefined();
    for (const name of ["0", "x", "0".repeat(63), `${"0".repeat(63)}G`]) {
      expect(await ask(`/blocks/${name}`, factsForm)).toMatchObject({ status: 400 });
    }
  });

  it.each([
    ["no JSON", "{", 400, "NOT_JSON"],
    ["no object", [1], 400, "NOT_AN_OBJECT"],
    ["a missing field", { buyer: "00" }, 400, "FIELD_MISSING"],
    ["an unknown field", { buyer: "00", width: "1", more: 1 }, 400, "UNKNOWN_FIELD"],
    ["a short key", { buyer: "00", width: "1" }, 400, "NOT_HEX"],
    ["a number for an amount", { buyer: formatHex(alice.publicKey), width: 5 }, 400, "NOT_TEXT"],
    [
      "too much",
      { buyer: formatHex(alice.publicKey), width: "99999999999999999999" },
      400,
      "NOT_AN_AMOUNT",
    ],
    ["a refused width", { buyer: formatHex(alice.publicKey), width: "1" }, 409, "TOO_NARROW"],
  ])("answers %s with what is wrong, and keeps nothing", async (_, body, status, code) => {
    const answer = await ask(OPERATOR_PATHS.purchases, purchaseOfferForm, body);
    expect(answer).toMatchObject({ status, code });
    expect(operator.state.queue).toEqual([]);
  });

  it("refuses closes and states that are not canonical", async () => {
    const signature = "00".repeat(65);
    const closes = [{ close: "00", signature }];
    expect(await ask(OPERATOR_PATHS.closes, factsForm, { proposalId: null, closes })).toMatchObject(
      {
        status: 400,
        code: "TRUNCATED",
      },
    );
    const state = { state: "00", ownerSignature: signature };
    expect(await ask(OPERATOR_PATHS.states, factsForm, state)).toMatchObject({
      status: 400,
      code: "TRUNCATED",
    });
  });

  it("refuses a body that is too long and a path that is not there", async () => {
    const long = JSON.stringify({ buyer: "0".repeat(SERVER_LIMITS.bodyBytes) });
    expect(await ask(OPERATOR_PATHS.purchases, factsForm, long)).toMatchObject({
      status: 413,
      code: "TOO_LONG",
    });
    expect(await ask("/nothing", factsForm)).toMatchObject({ status: 404, code: "NO_SUCH_PATH" });
  });

  it("slows down who asks too often", async () => {
    const codes = new Set<number>();
    for (let i = 0; i <= SERVER_LIMITS.requestsBurst; i++) {
      codes.add((await fetch(`${url}/blocks/1`)).status);
    }
    expect(codes).toEqual(new Set([404, 429]));
    nowMs += 1_000;
    expect((await fetch(`${url}/blocks/1`)).status).toBe(404);
  });
});

describe("the stream", () => {
  async function listen(from: number, count: number): Promise<Uint8Array[]> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/stream?from=${from}`);
    const got: Uint8Array[] = [];
    for await (const [data] of on(socket, count)) got.push(new Uint8Array(data as Buffer));
    socket.terminate();
    return got;
  }

  async function* on(socket: WebSocket, count: number): AsyncGenerator<unknown[]> {
    const queue: unknown[][] = [];
    let notify: () => void = () => undefined;
    socket.on("message", (...message) => {
      queue.push(message);
      notify();
    });
    for (let i = 0; i < count; i++) {
      while (queue.length === 0) {
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
      yield queue.shift() ?? [];
    }
  }

  it("fills in what was, then goes on with what comes, in order and without a gap", async () => {
    await makeBlock();
    await makeBlock();
    const late = listen(2, 3);
    const all = listen(1, 4);
    await makeBlock();
    await makeBlock();
    const heights = (blocks: readonly Uint8Array[]) =>
      blocks.map((bytes) => {
        const block = decodeBlock(bytes);
        return block.ok ? block.value.header.height : block.code;
      });
    expect(heights(await all)).toEqual([1, 2, 3, 4]);
    expect(heights(await late)).toEqual([2, 3, 4]);
  });

  it("sends into a window no more than the reader has room for, and says when there is no more", async () => {
    for (let made = 0; made < 4; made++) await makeBlock();
    const socket = new WebSocket(`${url.replace("http", "ws")}/stream?from=1&window=10`);
    const heard: string[] = [];
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary) {
        heard.push(data.toString());
        return;
      }
      const block = decodeBlock(new Uint8Array(data));
      heard.push(block.ok ? `block ${block.value.header.height}` : block.code);
    });
    /** Until so much was heard, and then until the server has answered once more: it sends in order. */
    const hear = async (count: number) => {
      while (heard.length < count) await once(socket, "message");
      socket.ping();
      await once(socket, "pong");
    };
    await once(socket, "open");
    await hear(1);
    // One block goes beyond the window of ten bytes; then nothing comes until there is room.
    expect(heard).toEqual(["block 1"]);
    socket.send("nonsense");
    socket.send("999999999");
    await hear(2);
    expect(heard).toEqual(["block 1", "block 2"]);
    for (let more = 3; more <= 5; more++) {
      socket.send("999999999");
      await hear(more);
    }
    expect(heard).toEqual(["block 1", "block 2", "block 3", "block 4", writeStreamMark(4)]);
    await makeBlock();
    socket.send("999999999");
    await hear(7);
    expect(heard.slice(5)).toEqual(["block 5", writeStreamMark(5)]);
    socket.terminate();
  });

  it("ends a socket that says too much, and opens none without a place", async () => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/stream`);
    await once(socket, "open");
    socket.send(new Uint8Array(SERVER_LIMITS.messageBytes + 1));
    const [code] = await once(socket, "close");
    expect([1006, 1009]).toContain(code);
    const nowhere = new WebSocket(`${url.replace("http", "ws")}/nowhere`);
    const [error] = await once(nowhere, "error");
    expect(String(error)).toContain("404");
  });

  it("takes only so many sockets from one place", async () => {
    const sockets: WebSocket[] = [];
    for (let i = 0; i < SERVER_LIMITS.streams.perSource; i++) {
      const socket = new WebSocket(`${url.replace("http", "ws")}/stream`);
      await once(socket, "open");
      sockets.push(socket);
    }
    const [error] = await once(new WebSocket(`${url.replace("http", "ws")}/stream`), "error");
    expect(String(error)).toContain("503");
    for (const socket of sockets) socket.terminate();
  });

  it.each([
    "\u0000\u0001 nonsense\r\n\r\n",
    "GET // HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "GET /stream HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  ])("survives bytes that are no right request: %j", async (bytes) => {
    const { port } = new URL(url);
    const raw = connect(Number(port), "127.0.0.1");
    raw.on("error", () => undefined);
    raw.resume();
    raw.write(bytes);
    await once(raw, "close");
    expect((await ask(OPERATOR_PATHS.chain, factsForm)).status).toBe(200);
  });
});

describe("takers", () => {
  async function next(socket: WebSocket): Promise<TakerMessage> {
    const [data] = await once(socket, "message");
    const read = takerMessageForm.read(JSON.parse(String(data)));
    if (!read.ok) throw new Error(read.message);
    return read.value;
  }

  async function open(): Promise<{ socket: WebSocket; challenge: Uint8Array }> {
    const socket = new WebSocket(url.replace("http", "ws") + OPERATOR_PATHS.trade);
    const hello = await next(socket);
    if (hello.kind !== "challenge") throw new Error("no challenge came");
    return { socket, challenge: hello.challenge };
  }

  function signIn(challenge: Uint8Array, trader = alice) {
    const body = encodeSignIn(CHAIN.id, challenge);
    const digest = computeDigest("signRequest", RULES.networkId, body);
    const signature = signDigest(digest, trader.privateKey);
    return takerAnswerForm.write({ kind: "signIn", publicKey: trader.publicKey, signature });
  }

  it("sign in with a challenge of their own, and are gone when their socket is", async () => {
    const { socket, challenge } = await open();
    socket.send(JSON.stringify(signIn(challenge)));
    expect(await next(socket)).toEqual({ kind: "welcome" });
    expect([...operator.state.takers.keys()]).toEqual([formatHex(alice.publicKey)]);
    const replay = await open();
    replay.socket.send(JSON.stringify(signIn(challenge)));
    expect(await next(replay.socket)).toMatchObject({ kind: "error", code: "BAD_SIGNATURE" });

    const newer = await open();
    newer.socket.send(JSON.stringify(signIn(newer.challenge)));
    await once(socket, "close");
    expect(operator.state.takers.size).toBe(1);
    newer.socket.terminate();
    const { socket: probe } = await open();
    probe.terminate();
    await expect.poll(() => operator.state.takers.size).toBe(0);
  });

  it.each([
    ["nonsense", "NOT_JSON"],
    [JSON.stringify({ kind: "quote", proposalId: "00".repeat(32), price: "1" }), "NOT_SIGNED_IN"],
    [JSON.stringify({ kind: "else" }), "UNKNOWN_KIND"],
  ])("are told what is wrong with %s", async (text, code) => {
    const { socket } = await open();
    socket.send(text);
    expect(await next(socket)).toMatchObject({ kind: "error", code });
    await once(socket, "close");
  });
});
