import { describe, expect, it } from "vitest";
import { encodeBlock } from "../../../src/blocks/block.ts";
import { createHolding, encodeHolding } from "../../../src/blocks/holding.ts";
import type { ChainBook } from "../../../src/client/chainBook.ts";
import { judgeBreach } from "../../../src/client/judgeBreach.ts";
import { startShare } from "../../../src/client/ownShare.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { hashBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { releaseSpace } from "../../../src/space/tree.ts";
import { alice, bob, cash, make } from "../blocks/chainLab.ts";
import { GAME, under } from "../blocks/scene.ts";
import { RULES, Served } from "./shareLab.ts";

/** A chain in which Alice holds [0, 100), checked whole to its first post. */
async function begin() {
  const served = new Served();
  const [mine] = served.lab.sell([alice, 0n, 100n], [bob, 200n, 300n]);
  if (mine === undefined) throw new Error("nothing was sold");
  served.post();
  const { book } = await served.full();
  const share = startShare(book, []);
  if (share === undefined) throw new Error("nothing is posted");
  return { served, mine, book, share };
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
}

/** What both ways to know must agree on. */
function describeOwn(book: ChainBook) {
  return {
    posts: book.postCount,
    lastPost: book.lastPost,
    own: [...book.own].map(([id, { leaf, post, closedIn, path }]) => [
      id,
      leaf,
      post,
      closedIn,
      path,
    ]),
    live: [...book.own.keys()].filter((id) => book.live.has(id)),
  };
}

describe("a holder who checks only his own share", () => {
  it("knows of it what a check of every block finds, for about one proof a post", async () => {
    const { served, book, share } = await begin();
    for (let round = 0; round < 10; round++) served.trade();
    const found = await served.share(share);
    const whole = await served.full(book);
    expect(found.withheldSince).toBeUndefined();
    expect(describeOwn(found.book)).toEqual(describeOwn(whole.book));
    // Header, signature, and a path of a few nodes: well below the blocks themselves.
    expect(served.proofBytes / 10).toBeLessThan(800);
    const blockBytes = served.lab.blocks
      .slice(1)
      .reduce((sum, each) => sum + encodeBlock(each).length, 0);
    expect(served.proofBytes).toBeLessThan(blockBytes);
  });

  it("checks the blocks of one run whole where his contract is closed, and finds his own close", async () => {
    const { served, mine, book, share } = await begin();
    served.trade();
    served.lab.take([
      served.lab.close(mine, [cash(alice, 0n, 40n), cash(bob, 40n, 100n)]),
      make(cash(alice, 0n, 40n)),
      make(cash(bob, 40n, 100n)),
    ]);
    served.trade();
    served.trade();
    const found = await served.share(share);
    expect(describeOwn(found.book)).toEqual(describeOwn((await served.full(book)).book));
    expect(
      [...found.book.own.values()].filter(({ closedIn }) => closedIn === undefined),
    ).toHaveLength(1);
  });

  /** The operator takes Alice's contract back in his tree, and posts the state that it leaves. */
  function takeBack({ served, mine }: Pick<Awaited<ReturnType<typeof begin>>, "served" | "mine">) {
    served.postLie((before) => ({
      ...before,
      tree: insist(releaseSpace(before.tree, mine.place, mine.leaf.id)),
    }));
  }

  it("catches an operator who takes it back: with the block, if he shows it", async () => {
    const started = await begin();
    takeBack(started);
    const { book } = await started.served.share(started.share);
    expect(book.breach).toMatchObject({ rule: "WRONG_STATE_AFTER", blockHeight: 2 });
    const { breach } = book;
    const known = { rules: RULES, chain: book.chain, isRecorded: () => true };
    expect(breach && judgeBreach(breach, known)).toMatchObject({ ok: true });
  });

  it("and with the two posts' proofs, if he does not", async () => {
    const started = await begin();
    takeBack(started);
    started.served.servesBlocks = false;
    const { book } = await started.served.share(started.share);
    expect(book.breach).toMatchObject({ rule: "GONE_WITHOUT_CLOSE", blockHeight: 2 });
    const { breach } = book;
    if (breach === undefined) throw new Error("nothing was found");
    const known = { rules: RULES, chain: book.chain, isRecorded: () => true };
    expect(judgeBreach(breach, known)).toMatchObject({ ok: true });
    expect(judgeBreach(breach, { ...known, isRecorded: () => false })).toMatchObject({ ok: false });
  });

  it("accuses nobody where he has signed a close that is not shown: its blocks are withheld", async () => {
    const started = await begin();
    takeBack(started);
    started.served.servesBlocks = false;
    started.served.hasSigned = true;
    const found = await started.served.share(started.share);
    expect(found.book.breach).toBeUndefined();
    expect(found.withheldSince).toBe(4);
  });

  it("accuses nobody where a condition may have taken it from him: its void close is withheld", async () => {
    const served = new Served();
    const contract = cash(alice, 0n, 100n, [under(GAME)]);
    const [mine] = served.lab.take([make(contract)], { conditions: [GAME] }).made;
    served.post();
    const share = startShare((await served.full()).book, []);
    if (mine === undefined || share === undefined) throw new Error("nothing was sold");
    takeBack({ served, mine });
    served.servesBlocks = false;
    const found = await served.share(share);
    expect(found.book.breach).toBeUndefined();
    expect(found.withheldSince).toBe(4);
  });

  it.each([
    ["no proof", () => undefined],
    ["no bytes", () => new Uint8Array()],
    ["a changed path", (bytes: Uint8Array) => flip(bytes, bytes.length - 60)],
    ["a changed header", (bytes: Uint8Array) => flip(bytes, 40)],
    ["another signature", (bytes: Uint8Array) => flip(bytes, 300)],
    ["more than the proof", (bytes: Uint8Array) => Uint8Array.from([...bytes, 0])],
  ])(
    "waits where he is shown %s, from the record on, and goes on when it comes",
    async (_, bend) => {
      const { served, book, share } = await begin();
      served.trade();
      served.bend = bend;
      const waiting = await served.share(share);
      expect(waiting.withheldSince).toBe(4);
      expect(waiting.book).toEqual(share);
      served.bend = (bytes) => bytes;
      const found = await served.share(waiting.book);
      expect(found.withheldSince).toBeUndefined();
      expect(describeOwn(found.book)).toEqual(describeOwn((await served.full(book)).book));
    },
  );

  it("is shown a state of another post for this one in vain", async () => {
    const { served, share } = await begin();
    served.trade();
    const old = served.lab.blocks[0];
    const content = served.contents.get(1);
    if (old === undefined || content === undefined) throw new Error("nothing is posted");
    expect(hashBlockHeader(old.header)).toEqual(served.posts[0]?.hash);
    const question = { places: [{ lo: 0n, hi: 100n, conditions: [] }], keys: [] };
    served.bend = () => encodeHolding(insist(createHolding(old, content, question)));
    expect((await served.share(share)).withheldSince).toBe(4);
  });
});
