import { describe, expect, it } from "vitest";
import type { Hop } from "../../../src/blocks/hops.ts";
import { type ChainBook, createChainBook } from "../../../src/client/chainBook.ts";
import { keyOf } from "../../../src/client/descendantPosts.ts";
import type { HistoryEntry } from "../../../src/client/entry.ts";
import { createSwitchedSource, type HistorySource } from "../../../src/client/entrySource.ts";
import { endBelow, isBeyond, NEVER } from "../../../src/client/historyEnd.ts";
import type { Switched } from "../../../src/client/readSwitch.ts";
import { countAnchored, isResumed } from "../../../src/client/switched.ts";
import { takeRecord } from "../../../src/client/takeRecord.ts";
import { endBooks } from "../../../src/client/voidBooks.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { RUN_MAX } from "../../../src/protocol/limits.ts";
import type { ExistenceRecord } from "../../../src/protocol/post.ts";
import { computeSwitchedPostKey } from "../../../src/protocol/switch.ts";
import { alice, ChainLab, hashName, oscar } from "../blocks/chainLab.ts";
import { BookKeeper, mainHash } from "./bookLab.ts";

const CHAIN = { id: hashName("inside"), operator: oscar.publicKey };
const HASH = hashName("block");
/** What leads from a record of the anchor down; nobody looks into it here. */
const HOP = { proof: new Uint8Array() } as unknown as Hop;

function entryOf(
  sequence: number,
  height: number,
  hash: Uint8Array,
  hops: readonly Hop[],
): HistoryEntry {
  const record = { height, index: 0, hash };
  const top = { sequence, key: hashName(`${sequence}`), hash };
  return { sequence, record, top, hops, hopsBefore: [] };
}

/** A chain of empty trades with a keeper of its book, whose posts go where they are told to. */
class Posts {
  readonly lab = new ChainLab();
  readonly keeper = new BookKeeper(this.lab, alice.publicKey);

  make(count = 1): void {
    for (let made = 0; made < count; made++) {
      const lo = BigInt(this.lab.blocks.length);
      this.lab.sell([alice, lo, lo + 1n]);
    }
    this.keeper.takeBlocks();
  }

  /** What the book makes of a post of one of its blocks; what it takes is taken. */
  post(sequence: number, blockHeight: number, height: number, hops: readonly Hop[] = []): string {
    const child = this.lab.blocks[blockHeight];
    const hash = child === undefined ? this.lab.tip.hash : child.header.previousHash;
    return this.postHash(sequence, hash, height, hops);
  }

  postHash(sequence: number, hash: Uint8Array, height: number, hops: readonly Hop[] = []): string {
    const { book } = this.keeper;
    const entry = entryOf(sequence, height, hash, hops);
    const taken = takeRecord(book, entry, mainHash("a", height), () => 0);
    if (!taken.ok) return taken.code;
    this.keeper.book = taken.value;
    return taken.value.breach?.rule ?? "taken";
  }
}

/** Three blocks in the anchor, under two of its records, and one that is not recorded. */
function beginAnchored(): Posts {
  const posts = new Posts();
  posts.make(4);
  expect(posts.post(1, 1, 5, [HOP])).toBe("taken");
  expect(posts.post(2, 3, 7, [HOP])).toBe("taken");
  return posts;
}

describe("a history after a switch", () => {
  it("goes on from a block that it has, which is said again and adds nothing", () => {
    const posts = beginAnchored();
    const before = posts.keeper.book;
    expect(posts.post(2, 3, 9)).toBe("taken");
    const { book } = posts.keeper;
    expect([book.postCount, book.run.length, book.live]).toEqual([3, 1, before.live]);
    posts.make(2);
    expect(posts.post(3, 5, 10)).toBe("taken");
    expect(posts.post(4, 6, 11)).toBe("taken");
    expect(posts.keeper.book.lastPost?.blockHeight).toBe(6);
    expect([...posts.keeper.book.own.values()].every(({ post }) => post !== undefined)).toBe(true);
  });

  it("bears that the anchor recorded more, below the switch, than its operator knew of", () => {
    const posts = beginAnchored();
    // The operator had seen post 1 alone; block 2 was never the last under any record.
    expect(posts.post(1, 1, 9)).toBe("taken");
    expect(posts.post(2, 2, 10)).toBe("taken");
    expect(posts.post(3, 4, 11)).toBe("taken");
    expect(posts.keeper.book.lastPost?.blockHeight).toBe(4);
  });

  it("does not go on from a block that nobody has seen posted, for which nobody is accused", () => {
    expect(beginAnchored().post(3, 4, 9)).toBe("NOT_RESUMED");
    expect(beginAnchored().postHash(3, HASH, 9)).toBe("NOT_RESUMED");
    const fresh = new Posts();
    fresh.make();
    expect(fresh.post(2, 1, 9)).toBe("NOT_RESUMED");
    expect(fresh.post(1, 1, 9)).toBe("taken");
  });

  it("does not go on further above the post before than a close can be shown", () => {
    const begin = (first: number) => {
      const posts = beginAnchored();
      posts.make(RUN_MAX);
      expect(posts.post(1, first, 9)).toBe("taken");
      return posts;
    };
    expect(begin(2).post(2, RUN_MAX + 2, 10)).toBe("taken");
    // Block 2 was never the posted one, so nobody could be shown it: what is too far is just not taken.
    expect(begin(2).post(2, RUN_MAX + 3, 10)).toBe("NOT_RESUMED");
    expect(begin(1).post(2, RUN_MAX + 2, 10)).toBe("RUN_TOO_LONG");
  });

  it("is accused where it goes back, as any other, and so is one that was never anchored", () => {
    const posts = beginAnchored();
    expect(posts.post(2, 3, 9)).toBe("taken");
    expect(posts.post(3, 1, 10)).toBe("NOT_HISTORY");
    const native = new Posts();
    native.make(2);
    expect(native.post(1, 1, 5)).toBe("taken");
    expect(native.post(2, 1, 6)).toBe("NOT_HISTORY");
  });

  it("ends at the expiry as ever", () => {
    const posts = beginAnchored();
    const { expiry } = posts.keeper.book.chain;
    expect(posts.post(2, 3, expiry)).toBe("POSTED_TOO_LATE");
    expect(posts.post(2, 3, expiry - 1)).toBe("taken");
  });
});

describe("the entries of a chain that has switched", () => {
  const SWITCH = { height: 10, index: 0, first: 7 };
  const anchored = [
    entryOf(5, 4, HASH, [HOP]),
    entryOf(7, 9, HASH, [HOP]),
    entryOf(8, 10, HASH, [HOP]),
  ];
  const before: HistorySource = {
    entry: async (index) => anchored[index],
    find: async (wanted) => anchored.find(({ sequence }) => sequence >= wanted),
  };
  const records = new Map<string, ExistenceRecord>(
    [7, 8, 9].map((sequence) => [
      formatHex(computeSwitchedPostKey(CHAIN.operator, CHAIN.id, sequence)),
      { height: sequence + 4, index: 0, hash: HASH },
    ]),
  );
  const mainChain = {
    readAt: async (_at: unknown, _map: unknown, key: Uint8Array) => records.get(formatHex(key)),
  } as never;
  const open = (switched: Switched) =>
    createSwitchedSource(CHAIN, switched, before, undefined as never, mainChain);

  it("are those of the anchor below the height of the switch, and then its own, without gap", async () => {
    const source = open({ record: SWITCH, anchored: 2 });
    const found = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => source.entry(index)));
    expect(found.map((entry) => entry && [entry.sequence, entry.record.height])).toEqual([
      [5, 4],
      [7, 9],
      [7, 11],
      [8, 12],
      [9, 13],
      undefined,
    ]);
    expect((await source.find(8))?.record.height).toBe(12);
    expect((await source.find(6))?.record.height).toBe(9);
  });

  it("end with the anchor's while not all of these are read", async () => {
    const source = open({ record: SWITCH, anchored: undefined });
    expect((await source.entry(1))?.sequence).toBe(7);
    expect(await source.entry(2)).toBeUndefined();
    expect(await source.find(8)).toBeUndefined();
  });

  /** The anchor's book with what it has kept of the chain's entries, the first of them number `first`. */
  function bookOf(entries: readonly HistoryEntry[], first = 0): ChainBook {
    const proof = new Uint8Array();
    const posts = { taken: 9, recorded: 9, proof, hop: undefined, first, entries };
    const book = createChainBook({ ...CHAIN, id: hashName("anchor"), lo: 0n, hi: 9n, expiry: 99 });
    return { ...book, postCount: 4, descendants: new Map([[keyOf(CHAIN), posts]]) };
  }

  it("are counted only when every record of the anchor below the switch is read", async () => {
    const next = (height: number | undefined): HistorySource => ({
      entry: async (index) =>
        height === undefined || index !== 4 ? undefined : entryOf(5, height, HASH, []),
      find: async () => undefined,
    });
    const count = (height: number | undefined, book = bookOf(anchored)) =>
      countAnchored(CHAIN, SWITCH.height, book, next(height));
    expect(await count(undefined)).toBe(2);
    expect(await count(10)).toBe(2);
    expect(await count(9)).toBeUndefined();
    expect(await count(undefined, bookOf([], 0))).toBe(0);
    expect(await count(undefined, bookOf(anchored.slice(1), 3))).toBe(4);
    // What was let go may have been at either side of the switch.
    expect(await count(undefined, bookOf(anchored.slice(2), 3))).toBeUndefined();
    const unfollowed = { ...bookOf([]), descendants: new Map() };
    expect(await count(undefined, unfollowed)).toBeUndefined();
  });
});

describe("a post of the anchor that becomes void after the switch", () => {
  const from = { height: 6, index: 0 };
  const end = endBelow({ sequence: 3, spans: [{ from, until: NEVER }] }, 8);

  it("takes away what is recorded from there on to the switch, and nothing after it", () => {
    const at = (height: number) => ({ sequence: 9, height, index: 0 });
    expect([5, 6, 7, 8, 9].map((height) => isBeyond(end, at(height)))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(endBelow({ sequence: 3, spans: [{ from, until: NEVER }] }, 6)).toBeUndefined();
  });

  it("brings a book back that had gone on from it, and leaves what was made after it claimable", () => {
    const posts = beginAnchored();
    const checkpoint = new Posts();
    checkpoint.make(4);
    expect(checkpoint.post(1, 1, 5, [HOP])).toBe("taken");
    expect(posts.post(2, 3, 9)).toBe("taken");
    posts.make();
    expect(posts.post(3, 5, 10)).toBe("taken");
    const kept = {
      book: posts.keeper.book,
      checkpoints: [checkpoint.keeper.book],
      rereading: undefined,
    };
    const record = { height: 8, index: 0, first: 2 };
    const isHistory = (anchored: number) => (book: ChainBook) =>
      isResumed(book, { record, anchored });
    if (end === undefined) throw new Error("nothing is void");
    expect(endBooks(kept, end, () => false, isHistory(2)).book.postCount).toBe(4);
    const { book } = endBooks(kept, end, () => false, isHistory(1));
    expect(book.postCount).toBe(1);
    const standing = [...book.own.values()].map(({ leaf }) => [
      leaf.lo,
      book.live.has(formatHex(leaf.id)),
    ]);
    expect(standing).toEqual([
      [0n, true],
      [1n, false],
      [2n, false],
      [3n, true],
      [4n, true],
    ]);
    expect(
      insist(takeRecord(book, entryOf(2, 7, book.tip.hash, [HOP]), HASH, () => 0)),
    ).toBeDefined();
  });
});
