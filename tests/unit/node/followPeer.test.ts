import { afterEach, describe, expect, it } from "vitest";
import { HEADERS_AT_ONCE_MAX } from "../../../src/api/mainChainApi.ts";
import { decodeMainBlock, encodeMainBlock, type MainBlock } from "../../../src/chain/block.ts";
import {
  decodeHeader,
  encodeHeader,
  HEADER_BYTES,
  type Header,
  hashHeader,
} from "../../../src/chain/header/header.ts";
import { hasWork, mineHeader } from "../../../src/chain/header/proofOfWork.ts";
import { concatBytes } from "../../../src/lib/bytes.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { type BlockTree, REORG_MAX, tipOf } from "../../../src/node/engine/blockTree.ts";
import { followPeer } from "../../../src/node/followPeer.ts";
import { type MainNode, openNode } from "../../../src/node/node.ts";
import type { PeerSource } from "../../../src/node/peerSource.ts";
import { takeBlocks } from "../../../src/node/takeBlocks.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { createMemoryKeyValueStore } from "../../story/localWorld.ts";
import { type Lie, LyingPeer, type PeerAnswer, pathOf } from "./lyingPeer.ts";
import { createTree, GENESIS, grow } from "./nodeLab.ts";

const RULES = createRules(LOCAL_NETWORK);
const { blockBytesMax } = LOCAL_NETWORK;
const NOW_MS = Date.UTC(2100, 0);
const PACE = { requestMs: 60_000, retryMs: 1, retryMsMax: 8, roundMs: 1, pingMs: 60_000 };
/** For peers that do not answer: nothing here waits for longer than this. */
const HASTE = { ...PACE, requestMs: 100, pingMs: 20 };
const SHARED = 3;
const PEERS = 6;
const random = new SeededRandom(5);

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function openTestNode(): Promise<MainNode> {
  const store = createMemoryKeyValueStore();
  return openNode({ rules: RULES, genesis: GENESIS, store, now: () => NOW_MS });
}

/** A node that has the first blocks of a chain, and a peer that has them all. */
async function open(lie: Lie) {
  const tree = createTree();
  const bytes = Array.from({ length: PEERS }, () => grow(tree).bytes);
  const node = await openTestNode();
  for (const block of bytes.slice(0, SHARED)) insist(await node.submitBlock(block));
  const peer = await LyingPeer.open(tree);
  peer.lie = lie;
  closers.push(() => peer.close());
  return { tree, node, peer };
}

/** Follow a peer; `trouble` resolves with the next that it gives. */
function follow(node: MainNode, peer: LyingPeer, pace = PACE) {
  const waiting: ((what: string) => void)[] = [];
  const link = followPeer(
    node,
    peer.url,
    (what) => {
      for (const resolve of waiting.splice(0)) resolve(what);
    },
    pace,
  );
  closers.push(() => link.close());
  return { trouble: () => new Promise<string>((resolve) => waiting.push(resolve)) };
}

/** Resolves when a node has the tip of a chain. */
function untilTip(node: MainNode, tree: BlockTree): Promise<void> {
  const { hash } = tipOf(tree).header;
  return new Promise((resolve) => {
    const look = () => {
      if (node.find(hash) === undefined) return;
      unfollow();
      resolve();
    };
    const unfollow = node.onTip(look);
    look();
  });
}

const heightOf = (node: MainNode) => node.tip().header.header.height;

/** Answers without an end. */
const endless = (response: { write(bytes: Uint8Array, next: () => void): unknown }) => {
  const more = () => response.write(new Uint8Array(64 * 1024), more);
  more();
};

function changeBlock(honest: Uint8Array, change: (block: MainBlock) => MainBlock): Uint8Array {
  return encodeMainBlock(change(insist(decodeMainBlock(honest, blockBytesMax))), blockBytesMax);
}

function headersOf(bytes: Uint8Array): Header[] {
  return Array.from({ length: bytes.length / HEADER_BYTES }, (_, index) =>
    insist(decodeHeader(bytes.slice(index * HEADER_BYTES, (index + 1) * HEADER_BYTES))),
  );
}

function encodeHeaders(headers: readonly Header[]): Uint8Array {
  return concatBytes(...headers.map(encodeHeader));
}

/** The headers with one of them changed, and mined again where that is asked for. */
function changeHeader(
  honest: Uint8Array,
  height: number,
  change: (header: Header) => Header,
  isMined = true,
): Uint8Array {
  const headers = headersOf(honest).map((header) => {
    if (header.height !== height) return header;
    const changed = change(header);
    const mined = isMined ? mineHeader(changed, 0n, 1_000_000, LOCAL_NETWORK) : changed;
    if (mined === undefined) throw new Error("no nonce found");
    return mined;
  });
  return encodeHeaders(headers);
}

/** The header with a nonce that does not do; at this difficulty one in many does by luck. */
function spoilWork(header: Header): Header {
  const spoilt = { ...header, treesHash: random.bytes(32) };
  return hasWork(spoilt, LOCAL_NETWORK) ? spoilWork(header) : spoilt;
}

const onHeaders =
  (answer: (honest: Uint8Array, from: number) => PeerAnswer): Lie =>
  ({ kind, honest, from }) =>
    kind === "headers" ? answer(honest, from) : undefined;
const onBlocks =
  (answer: (honest: Uint8Array) => PeerAnswer): Lie =>
  ({ kind, honest }) =>
    kind === "block" ? answer(honest) : undefined;

const hang = () => undefined;

/** What a peer answers, the trouble that it gives, and how many blocks it is asked for by then. */
const LIES: readonly (readonly [string, Lie, RegExp, number])[] = [
  ["no whole headers", onHeaders(() => random.bytes(1_000)), /WRONG_LENGTH/, 0],
  ["random headers", onHeaders(() => random.bytes(HEADER_BYTES * 5)), /OTHER_CHAIN/, 0],
  [
    "random headers above a known one",
    onHeaders((honest) =>
      concatBytes(honest.slice(0, HEADER_BYTES), random.bytes(HEADER_BYTES * 5)),
    ),
    /WRONG_HEIGHT/,
    0,
  ],
  ["too many headers", onHeaders(() => random.bytes(HEADER_BYTES * 2_001)), /more than 286000/, 0],
  ["headers without an end", onHeaders(() => endless), /more than 286000 bytes/, 0],
  [
    "a header without work",
    onHeaders((honest) => changeHeader(honest, PEERS, spoilWork, false)),
    /NOT_ENOUGH_WORK/,
    0,
  ],
  [
    "a header that says it needs less work",
    onHeaders((honest) => changeHeader(honest, PEERS, (each) => ({ ...each, difficulty: 1 }))),
    /WRONG_DIFFICULTY/,
    0,
  ],
  [
    "a header of another version",
    onHeaders((honest) => changeHeader(honest, PEERS, (each) => ({ ...each, version: 2 }))),
    /WRONG_VERSION/,
    0,
  ],
  [
    "headers with one left out",
    onHeaders((honest) => encodeHeaders(headersOf(honest).filter((each) => each.height !== 5))),
    /WRONG_HEIGHT/,
    0,
  ],
  [
    "headers that do not follow on each other",
    onHeaders((honest) =>
      changeHeader(honest, 5, (each) => ({ ...each, previousHash: GENESIS.header.hash })),
    ),
    /UNKNOWN_PARENT/,
    0,
  ],
  [
    "headers of other heights than asked for, again and again",
    onHeaders((honest) => encodeHeaders([...headersOf(honest), ...headersOf(honest)])),
    /WRONG_HEIGHT/,
    0,
  ],
  ["random bytes for a block", onBlocks(() => random.bytes(500)), /OTHER_BLOCK/, 1],
  [
    "another block than the one asked for",
    onBlocks(() => new Uint8Array(HEADER_BYTES)),
    /OTHER_BLOCK/,
    1,
  ],
  ["a block without an end", onBlocks(() => endless), /more than 1048576 bytes/, 1],
  [
    "a block cut off after its header",
    onBlocks((honest) => honest.slice(0, HEADER_BYTES)),
    /block 4: /,
    1,
  ],
  [
    "a block with random bytes after its header",
    onBlocks((honest) => concatBytes(honest.slice(0, HEADER_BYTES), random.bytes(800))),
    /block 4: /,
    1,
  ],
  [
    "a block that pays another miner",
    onBlocks((honest) =>
      changeBlock(honest, (block) => ({ ...block, miner: Uint8Array.of(2, ...random.bytes(32)) })),
    ),
    /OTHER_TRANSACTIONS/,
    1,
  ],
  [
    "a redirection",
    onHeaders(() => (response) => {
      response.writeHead(302, { location: "/elsewhere" }).end();
    }),
    /fetch failed/,
    0,
  ],
  [
    "an error",
    onHeaders(() => (response) => {
      response.writeHead(500).end(new Uint8Array(1_000_000));
    }),
    /answered 500/,
    0,
  ],
  ["nothing, when asked for headers", onHeaders(() => hang), /TimeoutError/, 0],
  ["nothing, when asked for a block", onBlocks(() => hang), /TimeoutError/, 1],
  [
    "half a block",
    onBlocks((honest) => (response) => {
      response.write(honest.slice(0, 100));
    }),
    /TimeoutError/,
    1,
  ],
];

describe("a node that follows a peer", () => {
  it.each(LIES)(
    "outlives %s, and follows it once it tells the truth",
    async (_, lie, words, blocks) => {
      const { tree, node, peer } = await open(lie);
      const { trouble } = follow(node, peer, words.test("TimeoutError") ? HASTE : PACE);
      const first = await trouble();
      expect(first).toMatch(words);
      expect(peer.blocksAsked).toBe(blocks);
      // It asks again, and takes nothing then either.
      expect(await trouble()).toMatch(words);
      expect(heightOf(node)).toBe(SHARED);
      peer.lie = () => undefined;
      await untilTip(node, tree);
    },
  );

  it("takes no block that does not apply, whatever work stands on it", async () => {
    const { tree, node, peer } = await open(() => undefined);
    const last = tipOf(tree);
    const honest = encodeMainBlock(last.block, blockBytesMax);
    const changed = { ...last.header.header, treesHash: random.bytes(32) };
    const header = mineHeader(changed, 0n, 1_000_000, LOCAL_NETWORK) as Header;
    peer.lie = ({ kind, honest: answer }) => {
      if (kind === "headers") return changeHeader(answer, PEERS, () => header, false);
      const path = peer.asked.at(-1);
      if (path !== pathOf(hashHeader(header))) return undefined;
      return changeBlock(honest, (block) => ({ ...block, header }));
    };
    const { trouble } = follow(node, peer);
    expect(await trouble()).toMatch(/OTHER_STATE/);
    // What holds below is taken.
    expect(heightOf(node)).toBe(PEERS - 1);
    peer.lie = () => undefined;
    await untilTip(node, tree);
  });

  it("asks for nothing at tips that it knows, nor at words that are no tip", async () => {
    const { tree, node, peer } = await open(() => undefined);
    follow(node, peer);
    await untilTip(node, tree);
    for (let said = 0; said < 20; said++) {
      peer.announce();
      peer.announce(random.bytes(20));
      await peer.nextPong();
    }
    grow(tree);
    peer.announce();
    await untilTip(node, tree);
    expect(peer.asked.length - peer.blocksAsked).toBe(2);
  });

  it("opens a stream anew that has gone dead, or on which too much is said", async () => {
    const { tree, node, peer } = await open(() => undefined);
    follow(node, peer, HASTE);
    await untilTip(node, tree);
    const again = peer.nextListener();
    peer.freeze();
    await again;
    const third = peer.nextListener();
    peer.announce(random.bytes(HEADER_BYTES + 1));
    await third;
    grow(tree);
    peer.announce();
    await untilTip(node, tree);
  });

  it("leaves an answer without an end, and asks no more once it is closed", async () => {
    const { node, peer } = await open(onHeaders(() => endless));
    const cut = peer.nextCut();
    follow(node, peer);
    await cut;
    const silent = await open(onHeaders(() => hang));
    const link = followPeer(silent.node, silent.peer.url, () => expect.fail("it is closed"), PACE);
    await silent.peer.nextQuestion();
    const left = silent.peer.nextCut();
    link.close();
    await left;
  });
});

/** A peer in memory, which tells what it was asked. */
function createSource(headers: (from: number) => Uint8Array[]) {
  const asked: (number | "block")[] = [];
  const source: PeerSource = {
    async headers(from) {
      asked.push(from);
      return headers(from);
    },
    async block() {
      asked.push("block");
      return new Uint8Array();
    },
  };
  return { source, asked };
}

describe("taking blocks", () => {
  it("asks for none of a branch that is worse than the node's own", async () => {
    const [own, theirs] = [createTree(), createTree()];
    const node = await openTestNode();
    for (let made = 0; made < PEERS; made++) {
      insist(await node.submitBlock(grow(own).bytes));
      if (made > 0) grow(theirs, [], undefined, 25);
    }
    const { source, asked } = createSource((from) =>
      theirs.best.slice(from).map(({ header }) => encodeHeader(header.header)),
    );
    expect(await takeBlocks(node, source)).toMatchObject({ ok: true });
    expect(asked).toEqual([1]);
    // One block more, and the branch is better.
    for (let made = 0; made < 2; made++) grow(theirs, [], undefined, 25);
    expect(await takeBlocks(node, source)).toMatchObject({ ok: false, code: "OTHER_BLOCK" });
    expect(asked).toEqual([1, 1, "block"]);
  });

  it.each([
    ["has nothing that high", () => [], { ok: true }],
    ["begins elsewhere", () => [random.bytes(HEADER_BYTES)], { ok: false, code: "OTHER_CHAIN" }],
  ])("looks no deeper than a branch may part, where the peer %s", async (_, headers, verdict) => {
    const node = await openTestNode();
    const tip = { ...node.tip(), header: { ...node.tip().header } };
    const height = 5_000;
    const high = { ...tip, header: { ...tip.header, header: { ...tip.header.header, height } } };
    const { source, asked } = createSource(headers);
    expect(await takeBlocks({ ...node, tip: () => high }, source)).toMatchObject(verdict);
    expect(asked).toEqual([height - 20, height - REORG_MAX + 1]);
  });

  it("is not kept busy with one long answer for every height", async () => {
    const tree = createTree();
    const node = await openTestNode();
    const known = Array.from({ length: 3 }, () => grow(tree));
    for (const { bytes } of known) insist(await node.submitBlock(bytes));
    const { source, asked } = createSource(() =>
      Array.from({ length: HEADERS_AT_ONCE_MAX }, (_, index) =>
        encodeHeader((tree.best[1 + (index % 3)] as (typeof tree.best)[0]).header.header),
      ),
    );
    expect(await takeBlocks(node, source)).toMatchObject({ ok: false, code: "WRONG_HEIGHT" });
    expect(asked).toEqual([1]);
  });
});
