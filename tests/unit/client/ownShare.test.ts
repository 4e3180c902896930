import { describe, expect, it } from "vitest";
import type { ChainContent } from "../../../src/blocks/applyTransactions.ts";
import { encodeBlock } from "../../../src/blocks/block.ts";
import { createHolding, encodeHolding } from "../../../src/blocks/holding.ts";
import { postMapRoot } from "../../../src/blocks/postMap.ts";
import { createTipAfter } from "../../../src/blocks/validateBlock.ts";
import { createLocalGenesis } from "../../../src/chain/localNetwork.ts";
import { judgeBreach } from "../../../src/client/breach.ts";
import { type ChainBook, createChainBook } from "../../../src/client/chainBook.ts";
import { syncChain } from "../../../src/client/chainSync.ts";
import type { Entry } from "../../../src/client/entry.ts";
import { createHeaderBook } from "../../../src/client/headerBook.ts";
import { createLocalVerifier } from "../../../src/client/localVerifier.ts";
import { startShare } from "../../../src/client/ownShare.ts";
import { syncShare } from "../../../src/client/shareSync.ts";
import { accept, insist, refuse } from "../../../src/lib/verdict.ts";
import { computeChainState, hashBlockHeader } from "../../../src/protocol/blockHeader.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { releaseSpace, treeRoot } from "../../../src/space/tree.ts";
import { alice, bob, ChainLab, cash, make } from "../blocks/chainLab.ts";
import { mainHash } from "./bookLab.ts";

const RULES = createRules(LOCAL_NETWORK);
const GENESIS = createLocalGenesis(RULES).header;
const AT = { ...GENESIS, header: { ...GENESIS.header, height: 60 } };

/** An operator and the main chain that his posts stand on; what he serves can be withheld or bent. */
class Served {
  readonly lab = new ChainLab();
  readonly contents = new Map<number, ChainContent>();
  readonly posts: { block: number; hash: Uint8Array }[] = [];
  servesBlocks = true;
  bend = (bytes: Uint8Array): Uint8Array | undefined => bytes;
  proofBytes = 0;
  hasSigned = false;

  post(): void {
    const block = this.lab.blocks.length;
    this.posts.push({ block, hash: this.lab.tip.hash });
    this.contents.set(this.posts.length, this.lab.content);
  }

  entryAt(index: number): Entry | undefined {
    const post = this.posts[index];
    if (post === undefined) return undefined;
    const sequence = index + 1;
    const top = { sequence, key: post.hash, hash: post.hash };
    const record = { height: 2 + sequence, index: 0, hash: post.hash };
    return { sequence, record, top, hops: [] };
  }

  get tools() {
    const states = Array.from({ length: 61 }, (_, height) => ({
      ...GENESIS,
      hash: mainHash("a", height),
    }));
    return {
      rules: RULES,
      headers: { ...createHeaderBook(LOCAL_NETWORK, GENESIS), states },
      mainChain: { readAt: () => Promise.reject(new Error("no oracle is read here")) },
      entries: { entry: async (index: number) => this.entryAt(index) },
      mirrors: [],
      holders: [],
      verifier: createLocalVerifier(RULES),
      operator: {
        blocks: async (from: number, count: number) =>
          this.servesBlocks
            ? this.lab.blocks.slice(from - 1, from - 1 + count).map(encodeBlock)
            : [],
        holding: async (sequence: number, place: Parameters<typeof createHolding>[2]) => {
          const post = this.posts[sequence - 1];
          const block = post && this.lab.blocks[post.block - 1];
          const content = this.contents.get(sequence);
          if (block === undefined || content === undefined) return refuse("NO_SUCH_POST", "");
          const bytes = this.bend(encodeHolding(insist(createHolding(block, content, place))));
          return bytes === undefined ? refuse("DOWN", "nothing is shown") : accept(bytes);
        },
      },
      hasSigned: async () => this.hasSigned,
      onProof: (bytes: number) => {
        this.proofBytes += bytes;
      },
    };
  }

  full(start = createChainBook(this.lab.facts, { owner: alice.publicKey, descendants: [] })) {
    return syncChain(start, AT, this.tools, 10_000);
  }

  share(start: ChainBook) {
    return syncShare(start, AT, this.tools, 1_000);
  }

  /** Trade of others, and a post above it. */
  trade(): void {
    const [sold] = this.lab.sell([bob, 500n, 600n]);
    if (sold === undefined) throw new Error("nothing was sold");
    this.lab.take([this.lab.close(sold, [])]);
    this.post();
  }
}

/** A chain in which Alice holds [0, 100), checked whole to its first post. */
async function begin() {
  const served = new Served();
  const [mine] = served.lab.sell([alice, 0n, 100n], [bob, 200n, 300n]);
  if (mine === undefined) throw new Error("nothing was sold");
  served.post();
  const { book } = await served.full();
  const share = startShare(book);
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
  function takeBack({ served, mine }: Awaited<ReturnType<typeof begin>>) {
    const { lab } = served;
    const before = lab.content;
    const tree = insist(releaseSpace(before.tree, mine.place, mine.leaf.id));
    const honest = insist(lab.build([make(cash(bob, 700n, 800n))])).block;
    const stateAfter = computeChainState(treeRoot(tree), postMapRoot(before.posts));
    const lie = lab.lie(honest, { header: { stateAfter } });
    lab.blocks.push(lie);
    lab.content = { ...before, tree };
    lab.tip = createTipAfter(lie.header);
    served.post();
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
    const place = { lo: 0n, hi: 100n, conditions: [] };
    served.bend = () => encodeHolding(insist(createHolding(old, content, place)));
    expect((await served.share(share)).withheldSince).toBe(4);
  });
});
