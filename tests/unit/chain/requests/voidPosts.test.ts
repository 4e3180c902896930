import { describe, expect, it } from "vitest";
import type { Lineage } from "../../../../src/blocks/lineage.ts";
import type { DataRecord, OpenRequest } from "../../../../src/chain/requests/dataRecord.ts";
import {
  judgeClosePost,
  judgeLeafPost,
  splitShare,
} from "../../../../src/chain/requests/voidPosts.ts";
import { createLeaf } from "../../../../src/protocol/contractNew.ts";
import { LOCAL_NETWORK } from "../../../../src/protocol/network.ts";
import { createRules } from "../../../../src/protocol/rules.ts";
import { alice, CHAIN, cash, hashName } from "../../blocks/chainLab.ts";

const LINEAGE: Lineage = [{ ...CHAIN, anchor: { kind: "mainChain" } }];
const LEAF = createLeaf(hashName("leaf"), cash(alice, 0n, 10n), 1);
const DUE = 50;

const OPEN: OpenRequest = {
  id: hashName("request"),
  sequence: 3,
  awaited: { kind: "blocks", wanted: hashName("block"), have: CHAIN.id, count: 0 },
  asker: alice.publicKey,
  deposit: 100n,
  fee: 7n,
  due: DUE,
};

/** A main chain at a height, where post 3 was asked for and nobody has answered. */
function viewAt(height: number, isShown = false, record: DataRecord = ASKED) {
  const rules = createRules(LOCAL_NETWORK);
  return { rules, height, data: () => record, isShown: () => isShown };
}

const ASKED: DataRecord = { open: [OPEN], voided: undefined };

const postsOf = (sequence: number) => ({
  lineage: LINEAGE,
  posts: [{ sequence, blockHash: hashName("posted") }],
});

describe("a post that is asked for", () => {
  it("lets leaves count while an answer may come, and closes not yet", () => {
    const view = viewAt(DUE);
    expect(judgeLeafPost(view, postsOf(3), LEAF, 0).ok).toBe(true);
    expect(judgeClosePost(view, postsOf(2)).ok).toBe(true);
    for (const sequence of [3, 4]) {
      expect(judgeClosePost(view, postsOf(sequence))).toMatchObject({ code: "DATA_AWAITED" });
    }
  });

  it("is void with all after it from the height on at which no answer counts, slash or no slash", () => {
    const slashed = { open: [], voided: OPEN };
    for (const view of [viewAt(DUE + 1), viewAt(DUE + 1, false, slashed)]) {
      expect(judgeLeafPost(view, postsOf(2), LEAF, 0).ok).toBe(true);
      expect(judgeClosePost(view, postsOf(2)).ok).toBe(true);
      for (const sequence of [3, 4]) {
        expect(judgeLeafPost(view, postsOf(sequence), LEAF, 0)).toMatchObject({
          code: "VOID_POST",
        });
        expect(judgeClosePost(view, postsOf(sequence))).toMatchObject({ code: "VOID_POST" });
      }
    }
  });

  it("takes nothing from a leaf that was shown in the posted state, and only there", () => {
    const view = viewAt(DUE + 1, true);
    expect(judgeLeafPost(view, postsOf(3), LEAF, 0).ok).toBe(true);
    expect(judgeLeafPost(view, postsOf(3), LEAF, 1)).toMatchObject({ code: "VOID_POST" });
    expect(judgeClosePost(view, postsOf(3))).toMatchObject({ code: "VOID_POST" });
  });
});

describe("the share of an operator who did not answer", () => {
  it("pays the asker his fee and a deposit's worth, at most half, and burns the rest", () => {
    const { dataRequestDeposit } = LOCAL_NETWORK;
    const large = splitShare(10n ** 12n, OPEN, LOCAL_NETWORK);
    expect(large.asker).toBe(7n + dataRequestDeposit);
    expect(large.asker + large.burnt).toBe(10n ** 12n);
    expect(splitShare(9n, OPEN, LOCAL_NETWORK)).toEqual({ asker: 4n, burnt: 5n });
  });
});
