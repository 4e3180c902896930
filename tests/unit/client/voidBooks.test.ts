import { describe, expect, it } from "vitest";
import type { ChainBook } from "../../../src/client/chainBook.ts";
import { keepCheckpoints } from "../../../src/client/checkpoints.ts";
import { isLeafVoid, NEVER } from "../../../src/client/historyEnd.ts";
import { endBooks } from "../../../src/client/voidBooks.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { alice, bob, CHAIN, ChainLab, cash, make } from "../blocks/chainLab.ts";
import { BookKeeper } from "./bookLab.ts";

const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);

type Leaf = ReturnType<ChainLab["sell"]>[number];

/** A chain in which alice and bob are sold space, give it up for other contracts, and seal it; some blocks are posted. */
function play(seed: number) {
  const random = new SeededRandom(seed);
  const lab = new ChainLab({ ...CHAIN, expiry: 10_000 });
  const posted: { readonly block: number; readonly height: number }[] = [];
  let held: Leaf[] = [];
  let height = 3;
  for (let round = 0; round < 30; round++) {
    const at = BigInt(10 * round);
    held.push(...lab.sell([random.below(2) === 0 ? alice : bob, at, at + 5n]));
    const one = held[random.below(held.length)];
    const mayClose = one !== undefined && random.below(3) > 0;
    if (mayClose && random.below(4) === 0) {
      lab.take([lab.seal(one)]);
      held = held.filter((each) => each !== one);
    } else if (mayClose) {
      const heir = random.below(2) === 0 ? alice : bob;
      const successor = cash(heir, one.place.lo, one.place.hi);
      const { made } = lab.take([lab.close(one, [successor]), make(successor)]);
      held = [...held.filter((each) => each !== one), ...made];
    }
    height += random.below(4);
    if (random.below(2) === 0) posted.push({ block: lab.blocks.length, height });
  }
  lab.sell([alice, 900n, 905n]);
  // At the latest the post that would come next.
  const sequence = posted.length + 1 - (seed % 4 === 0 ? 0 : 1 + random.below(posted.length - 1));
  return { lab, posted, sequence };
}

/** What alice holds by a book, with what proves it, but for what counts for nothing. */
function holdings({ own, live }: ChainBook, sequence: number) {
  const end = { sequence, spans: [] };
  return [...own]
    .filter(([, leaf]) => !isLeafVoid(leaf, end))
    .map(([id, { leaf, post, headers, path, closedUnder }]) => ({
      id,
      isSealed: leaf.sealed,
      stands: live.has(id),
      post: post?.sequence,
      headers: headers.length,
      path: formatHex(path),
      closedUnder: closedUnder?.sequence,
    }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

describe("books whose posts become void", () => {
  it.each(SEEDS)("are those of who never took them, with nobody asked: seed %i", (seed) => {
    const { lab, posted, sequence } = play(seed);
    // By the own count, or by the record of a chain that takes the posts.
    const at = { height: posted[sequence - 1]?.height ?? NEVER, index: 0 };
    const isFirst = posted[sequence - 2]?.height !== at.height && at.height !== NEVER;
    const end =
      seed % 2 === 0 && isFirst
        ? { sequence: NEVER, spans: [{ from: at, until: NEVER }] }
        : { sequence, spans: [] };
    const keeper = new BookKeeper(lab, alice.publicKey);
    let checkpoints: readonly ChainBook[] = [];
    for (const post of posted) {
      keeper.takeBlocks(post.block);
      keeper.record(post.block, post.height);
      checkpoints = keepCheckpoints(checkpoints, keeper.book, post.height + 40, end);
    }
    keeper.takeBlocks();
    const kept = { book: keeper.book, checkpoints, rereading: undefined };
    const ended = endBooks(kept, end, () => false);

    const replay = new BookKeeper(lab, alice.publicKey);
    for (const post of posted.slice(0, sequence - 1)) {
      replay.takeBlocks(post.block);
      replay.record(post.block, post.height);
    }
    expect(ended.book.postCount).toBe(sequence - 1);
    expect(holdings(ended.book, sequence)).toEqual(holdings(replay.book, sequence));
    // What counts for nothing is remembered, for a reorg may bring its post back; but it stands no more.
    const own = [...ended.book.own];
    const gone = own.filter(([, leaf]) => isLeafVoid(leaf, end));
    expect(gone.some(([id]) => ended.book.live.has(id))).toBe(false);
    expect(new Set(own.map(([id]) => id))).toEqual(new Set(keeper.book.own.keys()));
    // A second time nothing is left to be done.
    expect(endBooks(ended, end, () => false).book).toBe(ended.book);
  });

  it("keep standing what an answer has shown on the main chain", () => {
    const lab = new ChainLab({ ...CHAIN, expiry: 10_000 });
    const keeper = new BookKeeper(lab, alice.publicKey);
    for (const [index, lo] of [0n, 10n].entries()) {
      lab.sell([alice, lo, lo + 5n]);
      keeper.takeBlocks();
      keeper.record(index + 1, index + 5);
    }
    const [, second] = [...keeper.book.own.keys()];
    const kept = { book: keeper.book, checkpoints: [], rereading: undefined };
    const end = { sequence: 1, spans: [] };
    expect(endBooks(kept, end, () => false).book.live.size).toBe(0);
    const shown = endBooks(kept, end, (id) => id === second);
    expect([...shown.book.live.keys()]).toEqual([second]);
  });
});
