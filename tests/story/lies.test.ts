import { describe, expect, it } from "vitest";
import type { SortitionBlock } from "../../src/blocks/block.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { encodeUtf8 } from "../../src/lib/utf8.ts";
import { insist } from "../../src/lib/verdict.ts";
import { pruneTree } from "../../src/space/tree.ts";
import { decodeWitness, encodeWitness } from "../../src/space/witness.ts";
import { beginStory, type Story } from "./footballStory.ts";
import { forgeBlock, makeTwin, moveContracts } from "./forge.ts";
import { OPERATOR_URL, VEO } from "./localWorld.ts";

const SEED = "liar";
const OPERATOR_KEY = sha256(encodeUtf8(`${SEED}:operator`));

function forge(bytes: Uint8Array, change: (block: SortitionBlock) => SortitionBlock): Uint8Array {
  return forgeBlock(bytes, OPERATOR_KEY, change);
}

/** Let the operator lie in the next block that he serves, and play on until it is served. */
async function lieNext(story: Story, lie: (bytes: Uint8Array) => Uint8Array): Promise<number> {
  const height = story.chain().book.tip.height + 1;
  story.world.tamper = (at, bytes) => (at === height ? lie(bytes) : bytes);
  await story.world.during(story.user.buySpace(story.chainId, 50n * VEO));
  const isCaught = () => story.chain().book.breach ?? story.chain().unusable;
  for (let blocks = 0; isCaught() === undefined && blocks < 6; blocks++) await story.world.mine();
  return height;
}

describe("an operator that lies once", () => {
  it("is caught with an overlapping contract: the rule, the block and the transaction are named", async () => {
    const story = await beginStory(SEED);
    const { tree } = story.world.operator.state;
    // The counterparty holds [0, 300) VEO since the first block. His whole tree: nothing is left out.
    const place = { lo: 100n * VEO, hi: 200n * VEO };
    const height = await lieNext(story, (bytes) =>
      forge(bytes, (block) => moveContracts(block, place, encodeWitness(tree))),
    );
    const { breach } = story.chain().book;
    expect(breach?.blockHeight).toBe(height);
    expect(breach?.transactionIndex).toBe(0);
    expect(breach?.rule).toBe("OCCUPIED");
    expect(breach?.proof.kind).toBe("block");
    const bought = await story.world.during(story.user.buySpace(story.chainId, 10n * VEO));
    expect(bought).toMatchObject({
      ok: false,
      code: "NOT_SAFE",
      message: `nothing is bought while the chain broke the rule OCCUPIED in block ${height}`,
    });
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

  it.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
    ["bytes that are no block", (bytes) => bytes.slice(0, -1), "TRUNCATED"],
    ["a byte that was changed", (bytes) => flip(bytes, bytes.length - 40), "WRONG_CONDITIONS"],
    ["a header that he did not sign", (bytes) => flip(bytes, 150), "BAD_SIGNATURE"],
    [
      "a witness that is cut",
      (bytes) => forge(bytes, (block) => ({ ...block, witness: cutWitness(block) })),
      "MISSING_WITNESS",
    ],
  ])("buys nobody's trust with %s, and is not accused for it", async (_, lie, rule) => {
    const story = await beginStory(SEED);
    const height = await lieNext(story, lie);
    const { book, unusable } = story.chain();
    expect(book.breach).toBeUndefined();
    expect(unusable).toMatchObject({ blockHeight: height, rule });
    const bought = await story.world.during(story.user.buySpace(story.chainId, 10n * VEO));
    expect(bought).toMatchObject({ ok: false, code: "NOT_SAFE" });
    // Who served it may have changed it: as soon as the right bytes come, all goes on.
    story.world.tamper = undefined;
    await story.world.mine();
    expect(story.chain().unusable).toBeUndefined();
    expect(story.chain().book.tip.height).toBeGreaterThanOrEqual(height);
  });

  it("is caught with a block that he never posts, once he shows the one that he did", async () => {
    const story = await beginStory(SEED);
    let served = 0;
    // He shows it once; whoever asks again gets the block that he has posted.
    const height = await lieNext(story, (bytes) => {
      served += 1;
      return served === 1 ? forge(bytes, makeTwin) : bytes;
    });
    expect(story.chain().book.breach).toMatchObject({
      rule: "EQUIVOCATION",
      blockHeight: height,
      transactionIndex: undefined,
    });
    // Nothing that stood in either of the two counts.
    expect(story.chain().book.tip.height).toBe(height - 1);
  });

  it("is not accused, but not followed either, while nobody shows what he has posted instead", async () => {
    const story = await beginStory(SEED);
    const height = story.chain().book.tip.height + 1;
    const { requestBlocksUpTo } = withhold(story, height);
    requestBlocksUpTo(height);
    story.world.tamper = (at, bytes) => (at === height ? forge(bytes, makeTwin) : bytes);
    await story.world.during(story.user.buySpace(story.chainId, 50n * VEO));
    await story.world.mine(3);
    expect(story.chain().book.breach).toBeUndefined();
    expect(story.chain().withheldSince).toBeDefined();
    expect(story.user.hands()?.outbox.pendingCount()).toBe(0);
    const bought = await story.world.during(story.user.buySpace(story.chainId, 10n * VEO));
    expect(bought).toMatchObject({ ok: false, code: "NOT_SAFE" });
    // The next block hangs on the one that was posted: with it, both are in the open.
    requestBlocksUpTo(Number.MAX_SAFE_INTEGER);
    const buyer = story.reporter.hands()?.signer.publicKey ?? new Uint8Array();
    const asked = story.world.operator.ask({ kind: "purchase", buyer, width: 10n * VEO });
    expect(await story.world.during(asked)).toMatchObject({ ok: true });
    await story.world.mine(2);
    expect(story.chain().book.breach).toMatchObject({
      rule: "NOT_LINKED",
      blockHeight: height + 1,
    });
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

/** The block's witness with nothing left of it but the root. */
function cutWitness({ witness }: SortitionBlock): Uint8Array {
  const tree = insist(decodeWitness(witness, 0n, 1_000n * VEO));
  return encodeWitness(pruneTree(tree, new Set()));
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
}

/** Serve no block from a height on, until told otherwise. */
function withhold(story: Story, from: number): { requestBlocksUpTo: (height: number) => void } {
  const serve = (height: number) => story.world.servedUpTo.set(OPERATOR_URL, height);
  serve(from - 1);
  return { requestBlocksUpTo: serve };
}
