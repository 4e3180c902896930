import { describe, expect, it } from "vitest";
import { keepReleases, NO_RELEASES, type Releases } from "../../../src/client/releases.ts";
import { alice, bob, ChainLab, cash, make } from "../blocks/chainLab.ts";
import { BookKeeper } from "./bookLab.ts";

describe("what is kept of closes that leave space free", () => {
  it("is the range and the block, also where only a part is free, and nothing where successors take all", () => {
    const lab = new ChainLab();
    const keeper = new BookKeeper(lab, undefined);
    const [whole, part, kept] = lab.sell(
      [alice, 0n, 100n],
      [alice, 100n, 200n],
      [alice, 200n, 300n],
    );
    if (whole === undefined || part === undefined || kept === undefined)
      throw new Error("not sold");
    lab.take([lab.close(whole, [])]);
    lab.take([lab.close(part, [cash(bob, 100n, 150n)]), make(cash(bob, 100n, 150n))]);
    lab.take([lab.close(kept, [cash(bob, 200n, 300n)]), make(cash(bob, 200n, 300n))]);
    keeper.takeBlocks();
    const { height } = keeper.book.tip;
    expect(keeper.book.releases).toEqual({
      kept: [
        { lo: 0n, hi: 100n, height: height - 2 },
        { lo: 100n, hi: 200n, height: height - 1 },
      ],
      forgotten: [],
    });
  });

  it("stays bounded: the oldest are joined to ranges, and none is lost", () => {
    const lab = new ChainLab();
    const [sold] = lab.sell([alice, 0n, 1n]);
    if (sold === undefined) throw new Error("not sold");
    const effects = lab.take([lab.close(sold, [])]);
    let releases: Releases = NO_RELEASES;
    for (let height = 1; height <= 1_300; height++) {
      const lo = BigInt((height * 37) % 1_000) * 3n;
      const closed = effects.closed.map((each) => ({
        ...each,
        place: { lo, hi: lo + 1n, conditions: [] },
      }));
      releases = keepReleases(releases, { tree: effects.tree, closed }, height);
    }
    expect(releases.kept).toHaveLength(1_024);
    expect(releases.forgotten.length).toBeLessThanOrEqual(64);
    for (let height = 1; height <= 276; height++) {
      const lo = BigInt((height * 37) % 1_000) * 3n;
      expect(releases.forgotten.some((each) => each.lo <= lo && lo < each.hi)).toBe(true);
    }
  });
});
