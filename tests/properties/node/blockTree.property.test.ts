import { describe, expect, it } from "vitest";
import * as blockTree from "../../../src/node/engine/blockTree.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { growTree, tryHeavierBranch, tryLongReorg, tryTree } from "./treePlay.ts";

const TREES = 60;
const BLOCKS = 28;

describe("block tree", () => {
  it(`ends on one tip and one state, however ${TREES} random trees are delivered`, () => {
    let aside = 0;
    for (let seed = 1; seed <= TREES; seed++) {
      const grown = growTree(blockTree, new SeededRandom(seed), BLOCKS);
      const wrong = tryTree(seed, grown, blockTree, (tree) => {
        aside += tree.nodes.size - tree.best.length;
      });
      expect(wrong, `seed ${seed}`).toBeUndefined();
    }
    expect(aside).toBeGreaterThan(TREES);
  });

  it("gives back the very state when a branch of 300 blocks is left for a longer one and comes again", () => {
    expect(tryLongReorg(99, 300, blockTree)).toBeUndefined();
  });
  it("leaves a long branch for a shorter one that has more work", () => {
    expect(tryHeavierBranch(7, blockTree)).toBeUndefined();
  });
});
