import { describe, expect, it } from "vitest";
import { decodeBlock, encodeBlock, type SortitionBlock } from "../../src/blocks/block.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../src/blocks/transaction.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { listRoot } from "../../src/lib/merkleList.ts";
import { encodeUtf8 } from "../../src/lib/utf8.ts";
import { insist } from "../../src/lib/verdict.ts";
import { encodeBlockHeader } from "../../src/protocol/blockHeader.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { computeDigest, signDigest } from "../../src/protocol/signature.ts";
import { encodeWitness } from "../../src/space/witness.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { VEO } from "./localWorld.ts";

const SEED = "liar";
const rules = createRules(LOCAL_NETWORK);
const OPERATOR_KEY = sha256(encodeUtf8(`${SEED}:operator`));

/** The block with other contents, signed by the operator himself: only its rules can give it away. */
function forge(bytes: Uint8Array, change: (block: SortitionBlock) => SortitionBlock): Uint8Array {
  const block = change(insist(decodeBlock(bytes)));
  const updatesRoot = listRoot(block.transactions.map(encodeBlockTransaction));
  const header = { ...block.header, updatesRoot };
  const digest = computeDigest("signBlock", rules.networkId, encodeBlockHeader(header));
  return encodeBlock({ ...block, header, signature: signDigest(digest, OPERATOR_KEY) });
}

/** Let the operator lie in the next block that he serves, and play on until it is served. */
async function lieNext(story: Story, lie: (bytes: Uint8Array) => Uint8Array): Promise<number> {
  const height = story.chain().book.tip.height + 1;
  story.world.tamper = (at, bytes) => (at === height ? lie(bytes) : bytes);
  await story.world.during(story.user.buySpace(story.chainId, 50n * VEO));
  for (let blocks = 0; story.chain().book.breach === undefined && blocks < 6; blocks++) {
    await story.world.mine();
  }
  return height;
}

describe("an operator that lies once", () => {
  it("is caught with an overlapping contract: the rule, the block and the transaction are named", async () => {
    const story = await beginStory(SEED);
    const { tree } = story.world.operator.state;
    const height = await lieNext(story, (bytes) =>
      forge(bytes, (block) => ({
        ...block,
        conditions: [],
        // His whole tree: nothing is left out that would show the overlap.
        witness: encodeWitness(tree),
        transactions: block.transactions.map((each): BlockTransaction => {
          if (each.kind !== "contract-new") return each;
          // The counterparty holds [0, 300) VEO since the first block.
          const place = { ...each.contract.place, lo: 100n * VEO, hi: 200n * VEO, conditions: [] };
          return { ...each, contract: { ...each.contract, place } };
        }),
      })),
    );
    const { breach } = story.chain().book;
    expect(breach?.blockHeight).toBe(height);
    expect(breach?.transactionIndex).toBe(0);
    expect(breach?.rule).toBe("OCCUPIED");
    expect(breach?.evidence.length).toBeGreaterThan(0);
    const bought = await story.world.during(story.user.buySpace(story.chainId, 10n * VEO));
    expect(bought).toMatchObject({ ok: false, code: "NOT_SAFE" });
  });

  it.each([
    [
      "another state after",
      (block: SortitionBlock) => ({
        ...block,
        header: { ...block.header, stateAfter: sha256(block.header.stateAfter) },
      }),
    ],
    [
      "another parent",
      (block: SortitionBlock) => ({
        ...block,
        header: { ...block.header, previousHash: sha256(block.header.previousHash) },
      }),
    ],
    [
      "a height left out",
      (block: SortitionBlock) => ({
        ...block,
        header: { ...block.header, height: block.header.height + 1 },
      }),
    ],
  ])("is caught with %s", async (_, change) => {
    const story = await beginStory(SEED);
    const height = await lieNext(story, (bytes) => forge(bytes, change));
    expect(story.chain().book.breach?.blockHeight).toBe(height);
  });

  it("is caught with bytes that are no block, or that he did not sign", async () => {
    for (const lie of [
      (bytes: Uint8Array) => bytes.slice(0, -1),
      (bytes: Uint8Array) =>
        Uint8Array.from(bytes, (byte, at) => (at === bytes.length - 40 ? byte ^ 1 : byte)),
    ]) {
      const story = await beginStory(SEED);
      const height = await lieNext(story, lie);
      expect(story.chain().book.breach?.blockHeight).toBe(height);
    }
  });

  it("buys nobody's trust with a record of a block that he does not serve", async () => {
    const story = await beginStory(SEED);
    const height = story.chain().book.tip.height + 1;
    const { requestBlocksUpTo } = withhold(story, height);
    await story.world.during(story.user.buySpace(story.chainId, 50n * VEO));
    await story.world.mine(3);
    expect(story.chain().withheldSince).toBeDefined();
    expect(story.chain().book.tip.height).toBe(height - 1);
    const bought = await story.world.during(story.user.buySpace(story.chainId, 10n * VEO));
    expect(bought).toMatchObject({ ok: false, code: "NOT_SAFE" });
    // He answers after all: the wallet goes on by itself.
    requestBlocksUpTo(Number.MAX_SAFE_INTEGER);
    await story.world.mine();
    expect(story.chain().withheldSince).toBeUndefined();
    expect(story.chain().book.tip.height).toBeGreaterThanOrEqual(height);
  });
});

/** Serve no block from a height on, until told otherwise. */
function withhold(story: Story, from: number): { requestBlocksUpTo: (height: number) => void } {
  let served = from - 1;
  story.world.servedUpTo = () => served;
  return {
    requestBlocksUpTo: (height) => {
      served = height;
    },
  };
}
