import { describe, expect, it } from "vitest";
import { decodeBlock, encodeBlock, type SortitionBlock } from "../../../src/blocks/block.ts";
import { listRoot } from "../../../src/lib/merkleList.ts";
import { createTrueCondition } from "../../../src/market/standardConditions.ts";
import { encodeBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { conditionRef } from "../../../src/protocol/condition.ts";
import { hashScript, TRUE_SCRIPT } from "../../../src/protocol/script.ts";
import { createTree, treeRoot } from "../../../src/space/tree.ts";
import { encodeWitness } from "../../../src/space/witness.ts";
import {
  alice,
  bob,
  CHAIN,
  ChainLab,
  cash,
  hashName,
  type Lie,
  make,
  mallory,
  oscar,
  sign,
} from "./chainLab.ts";

const CONDITION = createTrueCondition(hashName("game"));
const OTHER_CONDITION = createTrueCondition(hashName("rain"));
const SCRIPT = Uint8Array.of(1, 2, 3);
const OTHER_SCRIPT = Uint8Array.of(3, 2, 1);

/** A chain of one block, and the next: a close, and space with a script of its own under a condition. */
function prepare() {
  const lab = new ChainLab();
  const [held] = lab.sell([alice, 100n, 300n], [bob, 300n, 400n]);
  if (held === undefined) throw new Error("nothing was sold");
  const under = [{ ...conditionRef(CONDITION), side: true }];
  const next = { ...cash(alice, 100n, 200n, under), scriptHash: hashScript(SCRIPT) };
  const transactions = [lab.close(held, [next]), make(next)];
  const bodies = { scripts: [SCRIPT], conditions: [CONDITION], mainHeight: 5 };
  return { lab, block: lab.signed(transactions, bodies) };
}

describe("a block as it should be", () => {
  it("is taken from its bytes with the tip alone, and gives the next tip", () => {
    const { lab, block } = prepare();
    const decoded = decodeBlock(encodeBlock(block));
    expect(decoded).toEqual({ ok: true, value: block });
    const checked = lab.check(block);
    expect(checked).toMatchObject({
      ok: true,
      value: { tip: { height: 2, state: block.header.stateAfter, mainHeight: 5 } },
    });
  });
});

describe("a block that its operator signed", () => {
  const wrongHash = hashName("wrong");
  const { block } = prepare();
  const [close, made] = block.transactions as [never, never];

  it.each<[string, Lie, string]>([
    ["of another chain", { header: { chainId: wrongHash } }, "OTHER_CHAIN"],
    ["of the height before", { header: { height: 1 } }, "WRONG_HEIGHT"],
    ["with a height left out", { header: { height: 3 } }, "WRONG_HEIGHT"],
    ["on another block", { header: { previousHash: wrongHash } }, "NOT_LINKED"],
    ["on the chain's id again", { header: { previousHash: CHAIN.id } }, "NOT_LINKED"],
    ["on another state", { header: { stateBefore: wrongHash } }, "WRONG_STATE_BEFORE"],
    ["below the main height before", { header: { mainHeight: 0 } }, "MAIN_HEIGHT_FELL"],
    ["with other updates", { header: { updatesRoot: wrongHash } }, "WRONG_UPDATES_ROOT"],
    ["with a transaction left out", { transactions: [made] }, "WRONG_UPDATES_ROOT"],
    ["with a transaction twice", { transactions: [close, made, made] }, "WRONG_UPDATES_ROOT"],
    ["in another order", { transactions: [made, close] }, "WRONG_UPDATES_ROOT"],
    ["with no transaction", { transactions: [] }, "WRONG_UPDATES_ROOT"],
    ["without its script", { scripts: [] }, "WRONG_SCRIPTS"],
    ["with its script twice", { scripts: [SCRIPT, SCRIPT] }, "WRONG_SCRIPTS"],
    ["with another script", { scripts: [OTHER_SCRIPT] }, "WRONG_SCRIPTS"],
    ["with a script too many", { scripts: [SCRIPT, OTHER_SCRIPT] }, "WRONG_SCRIPTS"],
    ["with the constant true", { scripts: [SCRIPT, TRUE_SCRIPT] }, "WRONG_SCRIPTS"],
    ["without its condition", { conditions: [] }, "WRONG_CONDITIONS"],
    ["with its condition twice", { conditions: [CONDITION, CONDITION] }, "WRONG_CONDITIONS"],
    ["with another condition", { conditions: [OTHER_CONDITION] }, "WRONG_CONDITIONS"],
    [
      "with its condition on another level",
      { conditions: [{ ...CONDITION, level: 65 }] },
      "WRONG_CONDITIONS",
    ],
    ["with a condition too many", { conditions: [CONDITION, OTHER_CONDITION] }, "WRONG_CONDITIONS"],
    [
      "with a witness of another tree",
      { witness: encodeWitness(createTree(CHAIN.lo, CHAIN.hi)) },
      "WRONG_WITNESS",
    ],
    ["with another root of posts", { rootsRoot: wrongHash }, "WRONG_WITNESS"],
    ["with a witness cut off", { witness: block.witness.slice(0, -1) }, "TRUNCATED"],
    ["with a proof of a post too many", { postProofs: [Uint8Array.of(0)] }, "WRONG_POST_PROOFS"],
    ["with another state after", { header: { stateAfter: wrongHash } }, "WRONG_STATE_AFTER"],
    [
      "with the state before as the state after",
      { header: { stateAfter: block.header.stateBefore } },
      "WRONG_STATE_AFTER",
    ],
  ])("is refused %s, and no transaction is accused", (_, lie, code) => {
    const { lab } = prepare();
    expect(lab.check(lab.lie(block, lie))).toMatchObject({
      ok: false,
      code,
      transactionIndex: undefined,
    });
  });

  it("is refused with a witness that leaves out what is looked into", () => {
    const { lab } = prepare();
    const hash = treeRoot(lab.content.tree);
    const witness = encodeWitness({ ...CHAIN, root: { kind: "pruned", hash } });
    expect(lab.check(lab.lie(block, { witness }))).toMatchObject({
      ok: false,
      code: "MISSING_WITNESS",
      transactionIndex: 0,
    });
  });

  it("stands at the main height of the block before, or above", () => {
    const { lab } = prepare();
    for (const mainHeight of [1, 2]) {
      expect(lab.check(lab.lie(block, { header: { mainHeight } })).ok).toBe(true);
    }
  });
});

describe("a block that its operator did not sign", () => {
  const { lab, block } = prepare();
  const header = encodeBlockHeader(block.header);

  it.each<[string, SortitionBlock]>([
    ["but somebody else", { ...block, signature: sign(mallory, "signBlock", header) }],
    ["but only as a post", { ...block, signature: sign(oscar, "signPost", header) }],
    [
      "whose header was changed after",
      { ...block, header: { ...block.header, time: block.header.time + 1n } },
    ],
    ["at all", { ...block, signature: new Uint8Array(65) }],
  ])("is refused: %s", (_, forged) => {
    expect(lab.check(forged)).toMatchObject({ ok: false, code: "BAD_SIGNATURE" });
  });
});

describe("a block's bytes", () => {
  it("are refused without a transaction", () => {
    const { lab, block } = prepare();
    const empty = { transactions: [], scripts: [], conditions: [] };
    const lie = lab.lie(block, { ...empty, header: { updatesRoot: listRoot([]) } });
    expect(decodeBlock(encodeBlock(lie))).toMatchObject({ ok: false, code: "EMPTY_BLOCK" });
  });
});
