import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { decodeMainBlock } from "../../src/chain/block.ts";
import { decodeHeader } from "../../src/chain/header/header.ts";
import { createLocalGenesis, LOCAL_FAUCET_PRIVATE_KEY } from "../../src/chain/localNetwork.ts";
import { computeMapRoots, type MainState } from "../../src/chain/state/mainState.ts";
import {
  computeTransactionId,
  encodeTransaction,
  encodeUnsigned,
  type TransactionBody,
} from "../../src/chain/transaction.ts";
import { openStore } from "../../src/disk/openStore.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { entries } from "../../src/lib/map/merkleMap.ts";
import { insist } from "../../src/lib/verdict.ts";
import { openNode } from "../../src/node/node.ts";
import { computeAccountKey, computeSecretKey } from "../../src/protocol/keys.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { computeDigest, computePublicKey, signDigest } from "../../src/protocol/signature.ts";
import { NodeProcess, PERIOD_MS, START_MS, untilAgreed } from "./mainNodes.ts";

const RULES = createRules(LOCAL_NETWORK);
const FAUCET = computePublicKey(LOCAL_FAUCET_PRIVATE_KEY);
const KEYS = [1, 2, 3].map((number) => computePublicKey(sha256(Uint8Array.of(number))));
const [LEFT_MINER, RIGHT_MINER, PAYEE] = KEYS as [Uint8Array, Uint8Array, Uint8Array];
const SECRET = Uint8Array.of(7, 7, 7);

/** Every key that these tests write, and one that nobody does. */
const WATCHED = [
  ...[FAUCET, ...KEYS].map((key) => ({ map: "accounts", key: computeAccountKey(key) }) as const),
  { map: "secrets", key: computeSecretKey(SECRET) } as const,
  { map: "oracles", key: sha256(SECRET) } as const,
];

function sign(nonce: number, body: TransactionBody): Uint8Array {
  const transaction = { from: FAUCET, nonce, fee: 1_000n, body };
  const digest = computeDigest("signTransaction", RULES.networkId, encodeUnsigned(transaction));
  const signature = signDigest(digest, LOCAL_FAUCET_PRIVATE_KEY);
  return encodeTransaction({ transaction, signature });
}

const spend = (nonce: number): Uint8Array =>
  sign(nonce, { kind: "spend", to: PAYEE, amount: 1_000_000n });
const secret = (nonce: number): Uint8Array =>
  sign(nonce, { kind: "existence", entry: { kind: "secret", secret: SECRET } });

const nodes: NodeProcess[] = [];

afterEach(async () => {
  for (const node of nodes.splice(0)) {
    node.cable.close();
    await node.kill();
    await rm(node.data, { recursive: true });
  }
});

async function prepare(...args: readonly string[]): Promise<NodeProcess> {
  const node = await NodeProcess.prepare(...args);
  nodes.push(node);
  return node;
}

const miner = (key: Uint8Array) => ["--manual", "--mine", formatHex(key)];

/** Two nodes that mine on command and follow each other. */
async function startPair(): Promise<[NodeProcess, NodeProcess]> {
  const left = await prepare(...miner(LEFT_MINER));
  const right = await prepare(...miner(RIGHT_MINER));
  await Promise.all([left.start("--peer", right.cable.url), right.start("--peer", left.cable.url)]);
  return [left, right];
}

/** The whole state that a stopped node's disk comes to, signatures and all. */
async function replay(node: NodeProcess): Promise<{ tip: string; state: string }> {
  const store = await openStore(join(node.data, "store"));
  const opened = await openNode({
    rules: RULES,
    genesis: createLocalGenesis(RULES),
    store,
    now: Date.now,
  });
  const { header, state } = opened.tip();
  await opened.close();
  if (state === undefined) throw new Error("the tip's state is kept");
  return { tip: formatHex(header.hash), state: dump(state) };
}

function dump(state: MainState): string {
  const rows = Object.entries(state).flatMap(([map, content]) =>
    [...entries(content)].map(([key, value]) => `${map} ${formatHex(key)} ${formatHex(value)}`),
  );
  return [...computeMapRoots(state).map(formatHex), ...rows].join("\n");
}

/** Ids of all transactions on a node's best chain, oldest first. */
async function history(node: NodeProcess): Promise<string[]> {
  const { hash } = await node.tip();
  const ids: string[] = [];
  for (let at = hash; ; ) {
    const answer = await node.block(at);
    const block = insist(decodeMainBlock(answer, LOCAL_NETWORK.blockBytesMax));
    ids.unshift(
      ...block.transactions.map(({ transaction }) => formatHex(computeTransactionId(transaction))),
    );
    if (block.header.height <= 1) return ids;
    at = block.header.previousHash;
  }
}

/** What two nodes serve over their interface is the same to the byte. */
async function expectSame(one: NodeProcess, other: NodeProcess): Promise<void> {
  const { hash } = await one.tip();
  expect((await other.tip()).hash).toEqual(hash);
  expect(await other.headers()).toEqual(await one.headers());
  const [mine, theirs] = await Promise.all([one.prove(hash, WATCHED), other.prove(hash, WATCHED)]);
  expect(theirs).toEqual(mine);
}

describe("main-chain nodes in processes of their own", () => {
  it("converge: through a partition, a reorg that gives its transactions back, and a heavier branch", async () => {
    const [left, right] = await startPair();
    let ms = START_MS;
    expect(await left.send(spend(1))).toEqual({ status: 204, code: "" });
    await right.mine(0, ms + 10 * PERIOD_MS);
    expect(await left.mine(5, ms)).toBe(5);
    await untilAgreed(left, right);
    await expectSame(left, right);
    const common = await left.tip();
    const before = await left.prove(common.hash, WATCHED);

    for (const { cable } of [left, right]) cable.cut();
    ms += 10 * PERIOD_MS;
    // The right one's branch holds what the left one's does not.
    for (const each of [spend(2), secret(3)]) expect((await right.send(each)).status).toBe(204);
    expect(await right.mine(3, ms)).toBe(8);
    const abandoned = await right.tip();
    expect(await history(right)).toHaveLength(3);
    expect(await left.mine(6, ms)).toBe(11);
    expect(await history(left)).toHaveLength(1);
    const heavier = await left.tip();

    for (const node of [left, right]) {
      await node.mine(0, ms + 20 * PERIOD_MS);
      node.cable.mend();
    }
    await untilAgreed(left, right);
    expect((await right.tip()).hash).toEqual(heavier.hash);
    await expectSame(left, right);
    // The state below the fork is what it was, and the branch that was left can still be asked about.
    expect(await right.prove(common.hash, WATCHED)).toEqual(before);
    const kept = insist(decodeHeader((await right.block(abandoned.hash)).slice(0, 143)));
    expect(kept.height).toBe(8);

    // What the abandoned branch held waits again, in order, and is mined again.
    expect(await right.mine(1, ms + 20 * PERIOD_MS)).toBe(12);
    await untilAgreed(left, right);
    await expectSame(left, right);
    const told = await history(right);
    expect(told).toHaveLength(3);
    expect(new Set(told).size).toBe(3);
    expect(await right.send(spend(2))).toMatchObject({ status: 409, code: "NONCE_USED" });

    await left.stop();
    await right.stop();
    const restarted = await replay(right);
    expect(await replay(left)).toEqual(restarted);
    expect(restarted.tip).not.toBe(formatHex(heavier.hash));
    // A third node that never saw the reorg comes to the same from the blocks alone.
    await right.start();
    const fresh = await prepare("--peer", right.cable.url);
    await fresh.start();
    await untilAgreed(right, fresh);
    await expectSame(right, fresh);
    await right.stop();
    await fresh.stop();
    expect(await replay(fresh)).toEqual(restarted);
  });

  it("come back from a kill in the middle of taking blocks with all that they had told of", async () => {
    const left = await prepare(...miner(LEFT_MINER));
    await left.start();
    for (const nonce of [1, 2, 3, 4]) {
      await left.send(spend(nonce));
      await left.mine(30, START_MS + nonce * 100 * PERIOD_MS);
    }
    const full = await left.tip();
    expect(full.height).toBe(120);
    const taker = await prepare("--peer", left.cable.url);
    let told = 0;
    for (const stopAt of [1, 40, 80]) {
      await taker.start();
      let { height } = await taker.tip();
      // Whatever it said it had before it was killed, it has.
      expect(height).toBeGreaterThanOrEqual(told);
      while (height < stopAt) height = (await taker.tip()).height;
      told = height;
      await taker.kill();
    }
    await taker.start();
    expect((await taker.tip()).height).toBeGreaterThanOrEqual(told);
    await untilAgreed(left, taker);
    await expectSame(left, taker);
    await taker.kill();
    await left.stop();
    expect(await replay(taker)).toEqual(await replay(left));
  });

  it("lose nothing that was mined when the miner itself is killed", async () => {
    const left = await prepare(...miner(LEFT_MINER));
    await left.start();
    await left.send(spend(1));
    const mined = await left.mine(7, START_MS);
    const { hash } = await left.tip();
    // More is under way when the end comes.
    const under = left.mine(50, START_MS + 10 * PERIOD_MS).catch(() => undefined);
    await left.kill();
    await under;
    await left.start();
    const tip = await left.tip();
    expect(tip.height).toBeGreaterThanOrEqual(mined);
    const headers = await left.headers();
    expect(sha256(headers[mined] as Uint8Array)).toEqual(hash);
    // It goes on from there.
    expect(await left.mine(1, START_MS + 200 * PERIOD_MS)).toBe(tip.height + 1);
  });
});
