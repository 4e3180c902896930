import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Running, startProcess } from "../../scripts/network/startProcess.ts";
import { DrivenNetwork, keyOf } from "../../scripts/scenario/drivenNetwork.ts";
import { writeChainAddress } from "../../src/api/chainAddress.ts";
import { OPERATOR_PATHS, writeStreamMark } from "../../src/api/operatorApi.ts";
import { decodeBlockFrames, encodeBlockFrames } from "../../src/api/operatorApiBlocks.ts";
import { factsForm } from "../../src/api/operatorFactsJson.ts";
import { refusalForm } from "../../src/api/refusalForm.ts";
import { decodeBlock } from "../../src/blocks/block.ts";
import { openWallet } from "../../src/headless/openWallet.ts";
import { formatHex, parseHex } from "../../src/lib/hex.ts";
import { insist } from "../../src/lib/verdict.ts";
import { createOperatorSource } from "../../src/network/operatorSource.ts";
import { hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import { computePublicKey } from "../../src/protocol/signature.ts";

const SEED = "mirror";
const EXPIRY = 200;
const NOBODY = "http://127.0.0.1:1";
const LOOK_MS = 25;

describe("a mirror, as processes", () => {
  let network: DrivenNetwork;
  let folder = "";
  let operator: Running;
  let mirror: Running;
  let chainId: Uint8Array;
  /** What the operator served before he was gone. */
  let blocks: Uint8Array[] = [];
  const fronts: Server[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mirror-"));
    network = new DrivenNetwork(SEED, folder);
    await network.start();
    operator = await network.startExchange(EXPIRY, []);
    await network.mine(1);
    chainId = parseHex(operator.up.chainId ?? "");
  }, 60_000);

  afterAll(async () => {
    for (const front of fronts) front.close();
    await mirror?.stop();
    await network.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }, 60_000);

  const startMirror = (node: string) =>
    startProcess({
      name: "mirror",
      program: "mirror/main.ts",
      args: [
        ...["--node", node, "--operator", network.operatorUrl],
        ...["--data", join(folder, "mirror"), "--port", "0"],
      ],
    });

  /** Make a block for a purchase that nobody pays. */
  async function makeBlock(): Promise<void> {
    const buyer = computePublicKey(keyOf(SEED, "buyer"));
    insist(await createOperatorSource(network.operatorUrl).requestPurchase(buyer, 1_000n));
    await network.mine(1);
  }

  const sourceAt = (server: string) => createOperatorSource(writeChainAddress(server, chainId));
  const url = () => mirror.up.address ?? "";

  async function untilMirrored(height: number): Promise<void> {
    const read = () =>
      sourceAt(url())
        .facts()
        .catch(() => undefined);
    while (((await read())?.height ?? 0) < height) await pause();
  }

  /** Follow the chain by a light client that has never heard of it, and check what there is. */
  async function checkAnew(name: string, address: string, mirrors: readonly string[]) {
    const { wallet, close } = await openWallet({
      directory: join(folder, name),
      node: network.nodeUrl,
      signer: undefined,
      now: () => network.nowMs,
      mirrors,
    });
    try {
      await wallet.sync();
      insist(await wallet.follow(address));
      await wallet.sync();
      const chain = wallet.tracker.find(chainId);
      if (chain === undefined) throw new Error("the chain is not followed");
      return chain;
    } finally {
      await close();
    }
  }

  /** A server that passes on what a mirror serves, with a byte of every block changed. */
  async function startLiar(index: number): Promise<string> {
    const flip = (bytes: Uint8Array) =>
      bytes.map((byte, each) => (each === index ? byte ^ 1 : byte));
    const front = createServer((request, answer) => {
      void (async () => {
        const asked = await fetch(url() + request.url);
        const bytes = new Uint8Array(await asked.arrayBuffer());
        const path = new URL(request.url ?? "", url()).pathname;
        const isPage = path.endsWith(OPERATOR_PATHS.blocks);
        const isBlock = path.includes(`${OPERATOR_PATHS.blocks}/`);
        const shown = isPage
          ? encodeBlockFrames(insist(decodeBlockFrames(bytes)).map(flip))
          : isBlock
            ? flip(bytes)
            : bytes;
        answer.writeHead(asked.status, { "content-type": asked.headers.get("content-type") ?? "" });
        answer.end(shown);
      })();
    }).listen(0, "127.0.0.1");
    await once(front, "listening");
    fronts.push(front);
    return `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  }

  it("has every block that its operator made, killed on the way, and says what it is not", async () => {
    for (let made = 0; made < 3; made++) await makeBlock();
    mirror = await startMirror(network.nodeUrl);
    await mirror.kill();
    mirror = await startMirror(network.nodeUrl);
    await untilMirrored(3);
    await mirror.kill();
    await makeBlock();
    mirror = await startMirror(network.nodeUrl);
    await network.mine(3);
    const { height } = await createOperatorSource(network.operatorUrl).facts();
    blocks = await createOperatorSource(network.operatorUrl).blocks(1, 64);
    expect(blocks).toHaveLength(height);
    expect(height).toBeGreaterThan(3);
    await untilMirrored(height);
    expect(await sourceAt(url()).blocks(1, 64)).toEqual(blocks);

    const refusals = [
      ["GET", OPERATOR_PATHS.chain, "NOT_THE_OPERATOR"],
      ["GET", `${OPERATOR_PATHS.blocks}?from=1`, "NOT_THE_OPERATOR"],
      ["POST", OPERATOR_PATHS.purchases, "NOT_THE_OPERATOR"],
      ["GET", `${OPERATOR_PATHS.chains}/${formatHex(chainId)}/holdings`, "NOT_THE_OPERATOR"],
      ["GET", `${OPERATOR_PATHS.chains}/${"0".repeat(64)}/chain`, "NO_SUCH_CHAIN"],
      ["GET", `${OPERATOR_PATHS.chains}/${"0".repeat(64)}/blocks/1`, "NO_SUCH_CHAIN"],
      ["GET", `${OPERATOR_PATHS.chains}/${formatHex(chainId)}/blocks/0`, "NOT_A_NUMBER"],
      ["GET", `${OPERATOR_PATHS.blocks}/${"0".repeat(64)}`, "NO_SUCH_BLOCK"],
    ] as const;
    for (const [method, path, code] of refusals) {
      const answer = await fetch(url() + path, { method });
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(insist(refusalForm.read(await answer.json())), path).toMatchObject({ code });
    }
  });

  it("serves the same bytes while the operator and its own node are gone, to a wallet that begins then", async () => {
    await network.kill(operator);
    await mirror.kill();
    mirror = await startMirror(NOBODY);
    expect(await sourceAt(url()).blocks(1, 64)).toEqual(blocks);
    const facts = await fetch(writeChainAddress(url(), chainId) + OPERATOR_PATHS.chain);
    expect(insist(factsForm.read(await facts.json()))).toMatchObject({
      height: blocks.length,
      label: "",
    });
    for (const bytes of blocks) {
      const hash = hashBlockHeader(insist(decodeBlock(bytes)).header);
      expect(await createOperatorSource(url()).block(hash)).toEqual(bytes);
    }
    expect(await readStream(writeChainAddress(url(), chainId), blocks.length)).toEqual(blocks);

    const tip = insist(decodeBlock(blocks.at(-1) ?? new Uint8Array())).header;
    const ways: [name: string, address: string, mirrors: string[]][] = [
      ["by-operator", writeChainAddress(network.operatorUrl, chainId), [url()]],
      ["by-mirror", writeChainAddress(url(), chainId), []],
    ];
    for (const [name, address, mirrors] of ways) {
      const { book, connection, withheldSince } = await checkAnew(name, address, mirrors);
      expect(book.tip.hash).toEqual(hashBlockHeader(tip));
      expect(book.postCount).toBeGreaterThan(0);
      expect(book.breach).toBeUndefined();
      expect(withheldSince).toBeUndefined();
      expect(connection).toBe("down");
    }
  });

  it("is not believed where it changes a byte, and nobody is blamed for that", async () => {
    const address = writeChainAddress(network.operatorUrl, chainId);
    for (const index of [4, 150]) {
      const liar = await startLiar(index);
      const alone = await checkAnew(`lie-${index}`, address, [liar]);
      expect(alone.book.tip.height).toBe(0);
      expect(alone.book.breach).toBeUndefined();
      expect(alone.unusable).toBeUndefined();
      expect(alone.checkedHeight).toBe(0);
      const both = await checkAnew(`both-${index}`, address, [liar, url()]);
      expect(both.book.tip.height).toBe(blocks.length);
      expect(both.book.breach).toBeUndefined();
      expect(both.unusable).toBeUndefined();
    }
  });
});

/** The blocks of a stream, until it says that it has no more. */
async function readStream(address: string, height: number): Promise<Uint8Array[]> {
  const query = `?from=1&window=${1024 * 1024}`;
  const socket = new WebSocket(address.replace(/^http/, "ws") + OPERATOR_PATHS.stream + query);
  const found: Uint8Array[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) found.push(new Uint8Array(data));
      else if (data.toString() === writeStreamMark(height)) resolve();
    });
  });
  socket.terminate();
  return found;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
