import { describe, expect, it } from "vitest";
import { createLocalGenesis } from "../../../src/chain/localNetwork.ts";
import { encodeBook } from "../../../src/client/bookRow.ts";
import { type ChainBook, createChainBook } from "../../../src/client/chainBook.ts";
import { isStanding, keepCheckpoints, rollBack } from "../../../src/client/checkpoints.ts";
import { createHeaderBook, type HeaderBook } from "../../../src/client/headerBook.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { alice, bob, CHAIN, ChainLab } from "../blocks/chainLab.ts";
import { BookKeeper, mainHash } from "./bookLab.ts";

const GENESIS = createLocalGenesis(createRules(LOCAL_NETWORK)).header;

/** Made-up main-chain headers: of branch `a` below `parts`, of branch `b` from there on. */
function headersOf(tip: number, parts: number): HeaderBook {
  const branch = (height: number) => (height < parts ? "a" : "b");
  const states = Array.from({ length: tip + 1 }, (_, height) => ({
    ...GENESIS,
    hash: mainHash(branch(height), height),
  }));
  return { ...createHeaderBook(LOCAL_NETWORK, GENESIS), states };
}

describe("checkpoints", () => {
  it.each([1, 2, 3, 4])(
    "after a reorg lead to the book that a replay leads to: seed %i",
    (seed) => {
      const random = new SeededRandom(seed);
      const lab = new ChainLab({ ...CHAIN, expiry: 10_000 });
      const keeper = new BookKeeper(lab, alice.publicKey);
      const posted: { block: number; height: number }[] = [];
      let checkpoints: readonly ChainBook[] = [];
      let height = 3;
      for (let round = 0; round < 40; round++) {
        const owner = random.below(3) === 0 ? alice : bob;
        const [sold] = lab.sell([owner, 100n, 300n]);
        if (sold === undefined) throw new Error("nothing was sold");
        lab.take([lab.close(sold, [])]);
        if (round % 4 === 0) lab.sell([alice, BigInt(400 + round), BigInt(401 + round)]);
        keeper.takeBlocks();
        height += random.below(6);
        if (random.below(2) === 0) continue;
        keeper.record(lab.blocks.length, height);
        posted.push({ block: lab.blocks.length, height });
        checkpoints = keepCheckpoints(checkpoints, keeper.book, height);
      }
      const parts = 3 + random.below(height);
      const headers = headersOf(height + 10, parts);
      const moved = posted.map((post) => {
        const isMoved = post.height >= parts;
        return { ...post, height: post.height + (isMoved ? 2 : 0), branch: isMoved ? "b" : "a" };
      });
      const origin = createChainBook(lab.facts, keeper.book.scope);
      if (!isStanding(keeper.book, headers)) {
        const back = rollBack(keeper.book, checkpoints, headers, origin);
        expect(isStanding(back.book, headers)).toBe(true);
        // What was own is not forgotten, though its record may be gone.
        expect([...back.book.own.keys()].toSorted()).toEqual(
          [...keeper.book.own.keys()].toSorted(),
        );
        keeper.book = back.book;
        keeper.takeBlocks();
        for (const post of moved.slice(keeper.book.postCount)) {
          keeper.record(post.block, post.height, post.branch);
        }
      }
      const replay = new BookKeeper(lab, alice.publicKey);
      for (const post of moved) {
        replay.takeBlocks(post.block);
        replay.record(post.block, post.height, post.branch);
      }
      replay.takeBlocks();
      expect(sortBook(keeper.book)).toEqual(sortBook(replay.book));
    },
  );

  it("are few, dense where a reorg is likely, and reach down to what is settled", () => {
    const lab = new ChainLab({ ...CHAIN, expiry: 10_000 });
    lab.sell([alice, 0n, 10n]);
    const keeper = new BookKeeper(lab, alice.publicKey);
    keeper.takeBlocks();
    keeper.record(1, 1);
    const { book } = keeper;
    const at = (height: number): ChainBook => {
      const lastPost = book.lastPost && {
        ...book.lastPost,
        record: { ...book.lastPost.record, height },
      };
      return { ...book, lastPost, postCount: height };
    };
    let kept: readonly ChainBook[] = [];
    for (let height = 1; height <= 3_000; height++) {
      kept = keepCheckpoints(kept, at(height), height);
      expect(kept.length).toBeLessThanOrEqual(28);
      const depths = kept.map(({ postCount }) => height - postCount);
      expect(depths.at(-1)).toBe(0);
      if (height > 400) expect(depths[0]).toBeGreaterThanOrEqual(200);
      // From any depth it is at most about that far again to the next checkpoint below.
      for (const depth of [1, 2, 5, 20, 100]) {
        if (height < 400) continue;
        const below = Math.min(...depths.filter((each) => each >= depth));
        expect(below).toBeLessThanOrEqual(3 * depth + 2);
      }
    }
  });
});

/** The row of a book, its maps in one order: in which order things were learnt does not matter. */
function sortBook(book: ChainBook): string {
  const sort = <Value>(map: ReadonlyMap<string, Value>) =>
    new Map([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const row = encodeBook({ ...book, live: sort(book.live), own: sort(book.own) });
  return formatHex(sha256(row));
}
