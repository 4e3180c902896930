import { describe, expect, it } from "vitest";
import { encodeBlock, type SortitionBlock } from "../../../src/blocks/block.ts";
import { createLocalGenesis } from "../../../src/chain/localNetwork.ts";
import { type ChainBook, createChainBook } from "../../../src/client/chainBook.ts";
import { createHeaderBook } from "../../../src/client/headerBook.ts";
import { judgeBreach } from "../../../src/client/judgeBreach.ts";
import { createLocalVerifier } from "../../../src/client/localVerifier.ts";
import { SourceError } from "../../../src/client/ports.ts";
import { syncRecorded } from "../../../src/client/recordedBlocks.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { hashBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { alice, bob, ChainLab, cash, make } from "../blocks/chainLab.ts";
import { mainHash } from "./bookLab.ts";

const RULES = createRules(LOCAL_NETWORK);
const GENESIS = createLocalGenesis(RULES).header;
const AT = { ...GENESIS, header: { ...GENESIS.header, height: 60 } };

/** Somebody who has bytes, and knows nothing of chains. */
function holderOf(blocks: readonly SortitionBlock[], bend = (bytes: Uint8Array) => bytes) {
  return {
    block: async (hash: Uint8Array) => {
      const block = blocks.find(({ header }) => equalBytes(hashBlockHeader(header), hash));
      return block && bend(encodeBlock(block));
    },
  };
}

const DOWN = {
  block: () => Promise.reject(new SourceError("DOWN", "nobody answers")),
  blocks: () => Promise.reject(new SourceError("DOWN", "nobody answers")),
};

/** Serves blocks by height, as far as it has them. */
function operatorOf(blocks: readonly SortitionBlock[]) {
  return {
    blocks: async (from: number, count: number) =>
      blocks.slice(from - 1, from - 1 + count).map(encodeBlock),
  };
}

/** A chain of which some blocks are posted, in the order of `posts`. */
function check(
  lab: ChainLab,
  posts: readonly SortitionBlock[],
  sources: Pick<Parameters<typeof syncRecorded>[2], "operator" | "holders">,
  { start = createChainBook(lab.facts), blocksMax = 1_000 } = {},
) {
  const states = Array.from({ length: 61 }, (_, height) => {
    return { ...GENESIS, hash: mainHash("a", height) };
  });
  const entry = async (index: number) => {
    const posted = posts[index];
    if (posted === undefined) return undefined;
    const sequence = index + 1;
    const hash = hashBlockHeader(posted.header);
    const record = { height: 2 + sequence, index: 0, hash };
    return { sequence, record, top: { sequence, key: hash, hash }, hops: [], hopsBefore: [] };
  };
  const tools = {
    rules: RULES,
    headers: { ...createHeaderBook(LOCAL_NETWORK, GENESIS), states },
    mainChain: { readAt: () => Promise.reject(new Error("no oracle is read here")) },
    entries: { entry },
    mirrors: [],
    verifier: createLocalVerifier(RULES),
    ...sources,
  };
  return syncRecorded(start, AT, tools, blocksMax);
}

function createChain(blocks: number): ChainLab {
  const lab = new ChainLab();
  for (let made = 0; made < blocks; made++) {
    lab.sell([made % 2 === 0 ? alice : bob, BigInt(10 * made), BigInt(10 * made + 10)]);
  }
  return lab;
}

const at = (lab: ChainLab, height: number) => lab.blocks[height - 1] as SortitionBlock;
const flip = (bytes: Uint8Array, index: number) =>
  Uint8Array.from(bytes, (byte, each) => (each === index ? byte ^ 1 : byte));

describe("a recorded block that no server goes on to", () => {
  it("is found by its hash, with all before it, at whoever has the bytes", async () => {
    const lab = createChain(9);
    const posts = [at(lab, 2), at(lab, 6), at(lab, 9)];
    for (const operator of [operatorOf([]), operatorOf(lab.blocks.slice(0, 3)), DOWN]) {
      const holders = [DOWN, holderOf(lab.blocks.slice(0, 5)), holderOf(lab.blocks.slice(5))];
      const { book, withheldSince, isOperatorDown } = await check(lab, posts, {
        operator,
        holders,
      });
      expect(book.tip).toEqual(lab.tip);
      expect(book.postCount).toBe(3);
      expect(withheldSince).toBeUndefined();
      expect(isOperatorDown).toBe(operator === DOWN);
    }
  });

  it("is gone on to from wherever a check was cut, step by step", async () => {
    const lab = createChain(8);
    const posts = [at(lab, 3), at(lab, 8)];
    const sources = { operator: DOWN, holders: [holderOf(lab.blocks)] };
    let book: ChainBook = createChainBook(lab.facts);
    for (let height = 1; height <= 8; height++) {
      const step = await check(lab, posts, sources, { start: book, blocksMax: 1 });
      book = step.book;
      expect(book.tip.height).toBe(height);
    }
    expect(book.postCount).toBe(2);
  });

  it.each([
    ["another block", (lab: ChainLab) => () => encodeBlock(at(lab, 1))],
    ["no bytes", () => () => new Uint8Array()],
    ["a part", () => (bytes: Uint8Array) => bytes.slice(0, -1)],
    ["a body that the hash leaves out, changed", () => (bytes: Uint8Array) => flip(bytes, 300)],
    ["a witness that is changed", () => (b: Uint8Array) => flip(b, b.length - 40)],
  ])("costs who serves %s for its hash his turn, and nobody more", async (_, bend) => {
    const lab = createChain(4);
    const posts = [at(lab, 4)];
    const liar = holderOf(lab.blocks, bend(lab));
    const operator = operatorOf([]);
    const found = await check(lab, posts, { operator, holders: [liar, holderOf(lab.blocks)] });
    expect(found.book.tip).toEqual(lab.tip);
    expect(found.unusable).toBeUndefined();
    const alone = await check(lab, posts, { operator, holders: [liar] });
    expect(alone.book.breach).toBeUndefined();
    expect(alone.book.tip.height).toBe(0);
    expect(alone.withheldSince).toBe(3);
  });

  it("stays withheld while one of the blocks before it is nowhere to be had", async () => {
    const lab = createChain(6);
    const holders = [holderOf(lab.blocks.filter(({ header }) => header.height !== 3))];
    const found = await check(lab, [at(lab, 6)], { operator: operatorOf([]), holders });
    expect(found.withheldSince).toBe(3);
    expect(found.book.tip.height).toBe(0);
    const down = await check(lab, [at(lab, 6)], { operator: DOWN, holders });
    expect(down).toMatchObject({ withheldSince: 3, isOperatorDown: true, isUnserved: true });
  });

  it("shows the second signature of an operator who served another block in its place", async () => {
    const lab = createChain(3);
    const other = lab.signed([make(cash(bob, 500n, 600n))]);
    lab.sell([alice, 500n, 600n]);
    lab.sell([alice, 700n, 800n]);
    const operator = operatorOf([...lab.blocks.slice(0, 3), other]);
    const posts = [at(lab, 5)];
    const blind = await check(lab, posts, { operator, holders: [] });
    expect(blind.book.breach).toBeUndefined();
    expect(blind.withheldSince).toBe(3);
    const { book } = await check(lab, posts, { operator, holders: [holderOf(lab.blocks)] });
    expect(book.breach).toMatchObject({ rule: "EQUIVOCATION", blockHeight: 4 });
  });

  it("is evidence where the block itself breaks a rule, whoever serves it", async () => {
    const lab = createChain(2);
    const lie = lab.forge([make(cash(bob, 0n, 20n))]);
    const holders = [holderOf([...lab.blocks, lie])];
    const { book } = await check(lab, [lie], { operator: operatorOf([]), holders });
    expect(book.breach).toMatchObject({ rule: "OCCUPIED", blockHeight: 3 });
    const known = { rules: RULES, chain: lab.facts, isRecorded: () => true };
    const { breach } = book;
    expect(breach && judgeBreach(breach, known)).toMatchObject({ ok: true });
  });
});
