import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { ChainFacts, LeafChange } from "../../../src/blocks/applyTransactions.ts";
import { encodeBlock, type SortitionBlock } from "../../../src/blocks/block.ts";
import { hashHeader } from "../../../src/chain/header/header.ts";
import { createLocalGenesis } from "../../../src/chain/localNetwork.ts";
import { createChainBook } from "../../../src/client/chainBook.ts";
import { type ChainProgress, syncChain } from "../../../src/client/chainSync.ts";
import type { HistoryEntry } from "../../../src/client/entry.ts";
import { createHeaderBook } from "../../../src/client/headerBook.ts";
import type { BlockVerifier } from "../../../src/client/ports.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { verifySignature } from "../../../src/protocol/signature.ts";
import type { SeededRandom } from "../../reference/seededRandom.ts";
import { forgeBlock } from "../../story/forge.ts";
import {
  alice,
  bob,
  CHAIN,
  ChainLab,
  cash,
  createMainHeader,
  hashName,
  make,
  oracleSays,
  oscar,
  voidClose,
} from "../blocks/chainLab.ts";
import { GAME, under } from "../blocks/scene.ts";

const seen = new Map<string, boolean>();

/** The real rules; a signature that was checked in one run of a chain is not computed anew in the next. */
export const RULES = createRules(LOCAL_NETWORK, (signature, digest, publicKey) => {
  const name = [signature, digest, publicKey].map(formatHex).join(":");
  const isValid = seen.get(name) ?? verifySignature(signature, digest, publicKey);
  seen.set(name, isValid);
  return isValid;
});

const GENESIS = createLocalGenesis(RULES).header;
const TIP_HEIGHT = 60;
const RUN = 16;
const LOTS = 20;
const SEALED_LOTS = 3;
const LOT_WIDTH = 50n;
/** Main-chain height of the game's result, and a height from which on it may be used. */
const DECIDED = 20;
const DEEP = DECIDED + LOCAL_NETWORK.confirmations;

/** Main-chain headers, one of which has the game's result in it. */
const RESULT = createMainHeader(DECIDED, [oracleSays(hashName("game"), "false", DECIDED)]);
const STATES = Array.from({ length: TIP_HEIGHT + 1 }, (_, height) => {
  const { treesHash } = height === DECIDED ? RESULT.fact : GENESIS.header;
  const header = { ...GENESIS.header, height, treesHash };
  return { ...GENESIS, header, hash: hashHeader(header) };
});
const HEADERS = {
  ...createHeaderBook(LOCAL_NETWORK, GENESIS),
  states: STATES,
  heights: new Map(STATES.map(({ hash }, height) => [formatHex(hash), height])),
};

const TIP = STATES.at(-1) as (typeof STATES)[number];

/** A chain as it is served, and the hashes of the blocks that its operator has posted. */
export type ServedChain = {
  readonly chain: ChainFacts;
  readonly blocks: readonly Uint8Array[];
  readonly posts: readonly Uint8Array[];
};

type Lot = { readonly lo: bigint; readonly hi: bigint; held: LeafChange | undefined };

/** An honest chain in which lots are sold, change hands, are bet, sealed, given back and void. */
export function makeChain(length: number, random: SeededRandom): ServedChain {
  const lab = new ChainLab({ ...CHAIN, hi: BigInt(LOTS) * LOT_WIDTH });
  const headerHash = STATES[DECIDED]?.hash ?? new Uint8Array();
  lab.learn({ ...RESULT, hash: headerHash });
  const evidence = { ...RESULT.prove(GAME), headerHash };
  const posts: Uint8Array[] = [];
  const lots = Array.from({ length: LOTS }, (_, index): Lot => {
    const lo = BigInt(index) * LOT_WIDTH;
    return { lo, hi: lo + LOT_WIDTH, held: undefined };
  });
  while (lab.blocks.length < length) {
    const mainHeight = Math.min(DEEP, Math.floor(lab.blocks.length / 2));
    const index = random.below(LOTS);
    const lot = lots[index] as Lot;
    const { lo, hi, held } = lot;
    const owner = random.below(2) === 0 ? alice : bob;
    const act = random.below(3);
    if (held === undefined) {
      const isBet = act === 0;
      const bodies = { mainHeight, conditions: isBet ? [GAME] : [] };
      const contract = cash(owner, lo, hi, isBet ? [under(GAME)] : []);
      [lot.held] = lab.take([make(contract)], bodies).made;
    } else if (held.leaf.sealed) {
      continue;
    } else if (held.place.conditions.length > 0) {
      if (mainHeight < DEEP) continue;
      lab.take([voidClose(held, 0, GAME, evidence)], { mainHeight });
      lot.held = undefined;
    } else if (act === 0 && index < SEALED_LOTS) {
      [lot.held] = lab.take([lab.seal(held)], { mainHeight }).sealed;
    } else if (act === 1) {
      lab.take([lab.close(held, [])], { mainHeight });
      lot.held = undefined;
    } else {
      const next = cash(owner, lo, hi);
      [lot.held] = lab.take([lab.close(held, [next]), make(next)], { mainHeight }).made;
    }
    if (lab.blocks.length % RUN === 0) posts.push(lab.tip.hash);
  }
  return { chain: lab.facts, blocks: lab.blocks.map(encodeBlock), posts };
}

type Spoil = (blocks: readonly Uint8Array[], at: number, random: SeededRandom) => Uint8Array[];

const replace = (change: (bytes: Uint8Array, random: SeededRandom) => Uint8Array): Spoil => {
  return (blocks, at, random) =>
    blocks.map((bytes, index) => (index === at ? change(bytes, random) : bytes));
};

const forge = (change: (block: SortitionBlock) => Partial<SortitionBlock>): Spoil =>
  replace((bytes) =>
    forgeBlock(bytes, oscar.privateKey, (block) => ({ ...block, ...change(block) })),
  );

const forgeHeader = (
  change: (header: SortitionBlock["header"]) => Partial<SortitionBlock["header"]>,
) => forge(({ header }) => ({ header: { ...header, ...change(header) } }));

/** What may be wrong with the chain that is served, from one block on. */
export const SPOILS: Readonly<Record<string, Spoil>> = {
  "bytes are bent on the way": replace((bytes, random) => random.mutate(bytes)),
  "a block is left out": (blocks, at) => blocks.toSpliced(at, 1),
  "a block comes twice": (blocks, at) => blocks.toSpliced(at, 0, ...blocks.slice(at, at + 1)),
  "two blocks change places": (blocks, at) =>
    blocks.toSpliced(at, 2, ...blocks.slice(at, at + 2).toReversed()),
  "the chain ends": (blocks, at) => blocks.slice(0, at),
  "another block is signed for a height": forgeHeader(({ time }) => ({ time: time + 1n })),
  "a state after is made up": forgeHeader(() => ({ stateAfter: hashName("after") })),
  "a state before is made up": forgeHeader(() => ({ stateBefore: hashName("before") })),
  "a main height falls": forgeHeader(() => ({ mainHeight: 0 })),
  "a main height is not there yet": forgeHeader(() => ({ mainHeight: 1_000 })),
  "a block names another one before it": forgeHeader(() => ({ previousHash: hashName("fork") })),
  "a transaction is done twice": forge(({ transactions }) => ({
    transactions: [...transactions, ...transactions.slice(0, 1)],
  })),
  "a witness is cut": forge(({ witness }) => ({ witness: witness.slice(1) })),
};

/** That two checks have found the same: first what a person would look at, as a difference in all of it cannot be printed. */
export function expectSame(found: ChainProgress, expected: ChainProgress): void {
  const view = ({ book, unusable, isBehind }: ChainProgress) => {
    const { rule, message, blockHeight, transactionIndex } = book.breach ?? {};
    const breach = { rule, message, blockHeight, transactionIndex };
    return { height: book.tip.height, posts: book.postCount, breach, unusable, isBehind };
  };
  expect(view(found)).toEqual(view(expected));
  expect(isDeepStrictEqual(found, expected)).toBe(true);
}

/** Check all that is served of a chain, as a wallet does. `atOnce`: blocks that the server gives at a time. */
export function checkChain(
  { chain, blocks, posts }: ServedChain,
  verifier: BlockVerifier,
  { blocksMax = 10_000, rules = RULES, atOnce = 64 } = {},
): Promise<ChainProgress> {
  const scope = { owner: alice.publicKey, descendants: [] };
  const entry = async (index: number): Promise<HistoryEntry | undefined> => {
    const hash = posts[index];
    if (hash === undefined) return undefined;
    const sequence = index + 1;
    const record = { height: DEEP + sequence, index: 0, hash };
    return { sequence, record, top: { sequence, key: hash, hash }, hops: [], hopsBefore: [] };
  };
  const tools = {
    rules,
    headers: HEADERS,
    verifier,
    mainChain: { readAt: async () => undefined },
    entries: { entry },
    operator: {
      blocks: async (from: number, count: number) =>
        blocks.slice(from - 1, from - 1 + Math.min(count, atOnce)),
    },
    mirrors: [],
  };
  return syncChain(createChainBook(chain, scope), TIP, tools, blocksMax);
}
