import { describe, expect, it } from "vitest";
import type { LeafChange } from "../../../src/blocks/applyTransactions.ts";
import { createHolding, decodeHolding, encodeHolding } from "../../../src/blocks/holding.ts";
import type { Hop } from "../../../src/blocks/hops.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import type { ChainBook } from "../../../src/client/chainBook.ts";
import { type Descendant, keyOf } from "../../../src/client/descendantPosts.ts";
import type { Entry } from "../../../src/client/entry.ts";
import { createAnchorSource } from "../../../src/client/entrySource.ts";
import { encodeEvidence, judgeEvidence } from "../../../src/client/evidence.ts";
import { judgeBreach } from "../../../src/client/judgeBreach.ts";
import { startShare } from "../../../src/client/ownShare.ts";
import { encode } from "../../../src/lib/codec.ts";
import { deleteValue, type MerkleMap, setValue } from "../../../src/lib/map/merkleMap.ts";
import { insist } from "../../../src/lib/verdict.ts";
import {
  computeDescendantKey,
  encodePost,
  type SignedPost,
  writeSignedPost,
} from "../../../src/protocol/post.ts";
import { releaseSpace } from "../../../src/space/tree.ts";
import { alice, bob, hashName, mallory, oscar, type Person, sign } from "../blocks/chainLab.ts";
import { RULES, Served } from "./shareLab.ts";

const hashAt = ({ posts, lab }: Served, sequence: number) =>
  posts[sequence - 1]?.hash ?? lab.tip.hash;

/** The root-update by which a chain's last post stands in another's map. */
function updateOf(
  chain: Served,
  place: Served,
  {
    sequence = chain.posts.length,
    signer = oscar as Person,
    blockHash = hashAt(chain, sequence),
  } = {},
): BlockTransaction & { readonly kind: "root-update" } {
  const post = {
    place: { kind: "chain", id: place.lab.facts.id } as const,
    chainId: chain.lab.facts.id,
    sequence,
    blockHash,
  };
  const signature = sign(signer, "signPost", encodePost(post));
  return { kind: "root-update", signed: { post, signer: oscar.publicKey, signature } };
}

/** Sell a contract to the operator himself, seal it, and begin the chain that it is. */
function nest(parent: Served, lo: bigint, hi: bigint, anchor: Served): [Served, LeafChange] {
  const [bought] = parent.lab.sell([oscar, lo, hi]);
  if (bought === undefined) throw new Error("nothing was sold");
  const [leaf] = parent.lab.take([
    parent.lab.seal(bought, { kind: "chain", id: anchor.lab.facts.id }),
  ]).sealed;
  if (leaf === undefined) throw new Error("nothing was sealed");
  const { id, owner: operator } = leaf.leaf;
  return [new Served({ ...parent.lab.facts, id, operator, lo, hi }), leaf];
}

type Known = Map<Served, ChainBook>;

/** A chain on the main chain, one inside it that posts there, and one inside that; Alice holds a part of the last. */
class Tower {
  readonly top = new Served();
  readonly middle: Served;
  readonly inner: Served;
  readonly middleLeaf: LeafChange;
  readonly mine: LeafChange;
  /** How each chain is known by who looks now. */
  #known: Known = new Map();
  readonly #innerAnchor: Served;
  #sold = 0n;

  constructor(innerAnchor: "top" | "middle") {
    [this.middle, this.middleLeaf] = nest(this.top, 0n, 400n, this.top);
    this.#innerAnchor = innerAnchor === "top" ? this.top : this.middle;
    [this.inner] = nest(this.middle, 0n, 200n, this.#innerAnchor);
    const [mine] = this.inner.lab.sell([alice, 0n, 100n]);
    if (mine === undefined) throw new Error("nothing was sold");
    this.mine = mine;
    this.middle.entries = this.#entriesIn(this.top, this.middle);
    this.inner.entries = this.#entriesIn(this.#innerAnchor, this.inner);
  }

  get chains(): readonly Served[] {
    return [this.top, this.middle, this.inner];
  }

  /** Whose posts stand in a chain. */
  below(chain: Served): Descendant[] {
    const posting = [
      [this.middle, this.top],
      [this.inner, this.#innerAnchor],
    ] as const;
    return posting.flatMap(([each, anchor]) => (anchor === chain ? [each.lab.facts] : []));
  }

  #entriesIn(anchor: Served, { lab: { facts } }: Served) {
    return {
      entry: async (index: number) => {
        const book = this.#known.get(anchor);
        if (book === undefined) throw new Error("the anchor is not checked yet");
        return createAnchorSource(facts, { book, rereading: undefined }).entry(index);
      },
    };
  }

  /** Others trade and every operator posts, the innermost first; he `times` times under one post of the one above. */
  record(times = 1): void {
    for (let post = 0; post < times; post++) {
      this.#trade(this.inner);
      this.inner.post();
      this.#innerAnchor.lab.take([updateOf(this.inner, this.#innerAnchor)]);
    }
    this.#trade(this.middle);
    this.middle.post();
    this.top.lab.take([updateOf(this.middle, this.top)]);
    this.recordTop();
  }

  /** Only the top chain's operator posts. */
  recordTop(): void {
    this.#trade(this.top);
    this.top.post();
  }

  /** Somebody buys where no chain is inside. */
  #trade({ lab }: Served): void {
    const at = lab.facts.hi - 1n - this.#sold;
    this.#sold += 1n;
    lab.sell([bob, at, at + 1n]);
  }

  /** Check what is new of every chain, the top first, by all of its blocks. */
  async checkAll(known: Known): Promise<void> {
    this.#known = known;
    for (const [index, chain] of this.chains.entries()) {
      const inside = this.chains.slice(index + 1).map((each) => each.lab.facts);
      const found = await chain.full(known.get(chain) ?? chain.begin(inside));
      known.set(chain, found.book);
    }
  }

  /** The shares that begin where all blocks have been checked to. */
  startShares(known: Known): Known {
    const shares: Known = new Map();
    for (const [chain, book] of known) {
      const share = startShare(book, this.below(chain).map(keyOf));
      if (share === undefined) throw new Error("something waits for its record");
      shares.set(chain, share);
    }
    return shares;
  }

  /** Check what is new of every chain's share, the top first; those of which nothing is shown. */
  async checkShares(known: Known): Promise<readonly Served[]> {
    this.#known = known;
    const withheld: Served[] = [];
    for (const chain of this.chains) {
      const found = await chain.share(known.get(chain) as ChainBook);
      if (found.withheldSince !== undefined) withheld.push(chain);
      known.set(chain, found.book);
    }
    return withheld;
  }
}

/** A tower that is known from all of its blocks to here, and by its shares from here on. */
async function beginShares(innerAnchor: "top" | "middle") {
  const tower = new Tower(innerAnchor);
  tower.record();
  const whole: Known = new Map();
  await tower.checkAll(whole);
  return { tower, whole, shares: tower.startShares(whole) };
}

/** What both ways to know must agree on; of the chains that post there as far as the share has them. */
function describeKnown(book: ChainBook, share: ChainBook) {
  const posts = [...share.descendants.keys()].map((key) => {
    const { recorded, hop, first, entries } = book.descendants.get(key) ?? {};
    return { recorded, hop, first, entries };
  });
  const held = [...book.own, ...book.inside].map(([id, leaf]) => [leaf, book.live.has(id)]);
  return { posted: book.lastPost, postCount: book.postCount, held, posts };
}

function expectAgreement(tower: Tower, whole: Known, shares: Known): void {
  for (const chain of tower.chains) {
    const [full, share] = [whole.get(chain), shares.get(chain)];
    if (full === undefined || share === undefined) throw new Error("a chain is not known");
    expect(share.shareSince).toBe(1);
    expect(describeKnown(share, share)).toEqual(describeKnown(full, share));
  }
}

const encodeSigned = (signed: SignedPost) => encode((writer) => writeSignedPost(writer, signed));

/** What a lying operator makes of his map of posts, in which the middle chain's post 2 stands. */
const LIES: Readonly<Record<string, (map: MerkleMap, tower: Tower) => MerkleMap>> = {
  "has lost a post": (map, { middle }) => deleteValue(map, keyIn(middle)),
  "says an older post again": (map, { middle, top }) =>
    put(map, middle, updateOf(middle, top, { sequence: 1 })),
  "says another post under the same number": (map, { middle, top }) =>
    put(map, middle, updateOf(middle, top, { blockHash: hashName("another block") })),
  "says what that chain's operator has not signed": (map, { middle, top }) =>
    put(map, middle, updateOf(middle, top, { sequence: 3, signer: mallory })),
  "says what was posted elsewhere": (map, { middle, inner }) =>
    put(map, middle, updateOf(middle, inner, { sequence: 3 })),
  "says rubbish": (map, { middle }) => setValue(map, keyIn(middle), new Uint8Array(9)),
};

const keyIn = ({ lab: { facts } }: Served) => computeDescendantKey(facts.operator, facts.id);

function wholeMap({ lab: { content } }: Served): MerkleMap {
  if (content.posts.kind !== "whole") throw new Error("the operator has the whole map");
  return content.posts.map;
}

function put(map: MerkleMap, chain: Served, { signed }: ReturnType<typeof updateOf>): MerkleMap {
  return setValue(map, keyIn(chain), encodeSigned(signed));
}

describe.each(["top", "middle"] as const)(
  "own shares of three chains, the innermost posting in the %s one",
  (innerAnchor) => {
    it("know what a check of all blocks knows, whoever posts how often, for a proof a post", async () => {
      const { tower, whole, shares } = await beginShares(innerAnchor);
      tower.record();
      tower.recordTop();
      tower.record(2);
      expect(await tower.checkShares(shares)).toEqual([]);
      tower.recordTop();
      tower.record();
      expect(await tower.checkShares(shares)).toEqual([]);
      await tower.checkAll(whole);
      expectAgreement(tower, whole, shares);
      for (const chain of tower.chains) {
        const posts = (shares.get(chain)?.postCount ?? 0) - 1;
        expect(chain.questions).toBe(posts);
        expect(chain.proofBytes / posts).toBeLessThan(1_400);
      }
    });

    it.each(["no proof", "a proof of the post before", "a proof that is cut", "a map proof less"])(
      "wait where %s is shown of a chain above, and all below it wait too, and nobody is accused",
      async (lie) => {
        const { tower, whole, shares } = await beginShares(innerAnchor);
        const { top } = tower;
        const [old] = top.contents.values();
        tower.record();
        top.bend = (bytes, question) => {
          switch (lie) {
            case "no proof":
              return undefined;
            case "a proof that is cut":
              return bytes.slice(0, -1);
            case "a map proof less": {
              const holding = insist(decodeHolding(bytes));
              return encodeHolding({ ...holding, posts: holding.posts.slice(1) });
            }
            default: {
              const [block] = top.lab.blocks.slice((top.posts[0]?.block ?? 0) - 1);
              if (block === undefined || old === undefined) throw new Error("nothing is posted");
              return encodeHolding(insist(createHolding(block, old, question)));
            }
          }
        };
        expect(await tower.checkShares(shares)).toEqual([top]);
        expect([...shares.values()].map(({ breach }) => breach)).toEqual(Array(3).fill(undefined));
        expect(shares.get(tower.inner)?.postCount).toBe(1);
        top.bend = (bytes) => bytes;
        expect(await tower.checkShares(shares)).toEqual([]);
        await tower.checkAll(whole);
        expectAgreement(tower, whole, shares);
      },
    );

    it.each(Object.entries(LIES))("catch an operator whose map of posts %s", async (_, lie) => {
      for (const servesBlocks of [true, false]) {
        const { tower, shares } = await beginShares(innerAnchor);
        const { top, middle } = tower;
        tower.record();
        await tower.checkShares(shares);
        const map = lie(wholeMap(top), tower);
        top.postLie(({ tree }) => ({ tree, posts: { kind: "whole", map } }));
        top.servesBlocks = servesBlocks;
        await tower.checkShares(shares);
        const { breach } = shares.get(top) as ChainBook;
        const rule = servesBlocks ? "WRONG_STATE_AFTER" : "POST_TURNED_BACK";
        expect(breach).toMatchObject({ rule, blockHeight: top.lab.blocks.length });
        if (breach === undefined) return;
        // Whoever knows the chain can judge it, but nothing else than these two posts shows it.
        const chain = top.lab.facts;
        const evidence = encodeEvidence({ networkId: RULES.networkId, chain, breach });
        const known = { rules: RULES, chain, isRecorded: () => true };
        expect(judgeEvidence(evidence, known)).toMatchObject({ ok: true, value: { rule } });
        if (breach.proof.kind !== "turnedBack") continue;
        expect(judgeEvidence(evidence, { ...known, isRecorded: () => false }).ok).toBe(false);
        expect(shares.get(middle)?.postCount).toBe(2);
      }
    });

    it("make no evidence of a post that follows, nor of one that follows what was never a post", async () => {
      const { tower, shares } = await beginShares(innerAnchor);
      const { top, middle } = tower;
      const chain = top.lab.facts;
      const known = { rules: RULES, chain, isRecorded: () => true };
      const judge = async (before: Hop, against: Entry, after: Hop) => {
        const entry = await top.entries.entry(against.sequence);
        if (entry === undefined) throw new Error("nothing is posted");
        const proof = {
          kind: "turnedBack",
          before,
          after,
          below: middle.lab.facts,
          entry,
        } as const;
        return judgeBreach({ proof, against }, known);
      };
      const hopOf = (book: ChainBook) => book.descendants.get(keyOf(middle.lab.facts))?.hop as Hop;
      const first = shares.get(top) as ChainBook;
      tower.record();
      await tower.checkShares(shares);
      const second = shares.get(top) as ChainBook;
      const followed = await judge(hopOf(first), first.lastPost as Entry, hopOf(second));
      expect(followed).toMatchObject({ ok: false, code: "NO_BREACH" });
      // The second post stands where rubbish stood: it is the rubbish that breaks the rule.
      const honest = wholeMap(top);
      top.postLie(({ tree }) => {
        const map = setValue(honest, keyIn(middle), new Uint8Array(9));
        return { tree, posts: { kind: "whole", map } };
      });
      top.postLie(({ tree }) => ({ tree, posts: { kind: "whole", map: honest } }));
      const [rubbish, again] = [3, 4].map((sequence) => top.showHop(sequence, keyIn(middle)));
      const against = (await top.entries.entry(2)) as Entry;
      const after = await judge(rubbish as Hop, against, again as Hop);
      expect(after.ok).toBe(false);
    });

    it.each([true, false])(
      "catch an operator who takes the contract back that the chain inside is, blocks shown: %s",
      async (servesBlocks) => {
        const { tower, shares } = await beginShares(innerAnchor);
        const { middle } = tower;
        const place = { lo: 0n, hi: 200n, conditions: [] };
        tower.record();
        middle.postLie((before) => ({
          ...before,
          tree: insist(releaseSpace(before.tree, place, tower.inner.lab.facts.id)),
        }));
        tower.top.lab.take([updateOf(middle, tower.top)]);
        tower.recordTop();
        middle.servesBlocks = servesBlocks;
        expect(await tower.checkShares(shares)).toEqual([]);
        const rule = servesBlocks ? "WRONG_STATE_AFTER" : "GONE_WITHOUT_CLOSE";
        expect(shares.get(middle)?.breach).toMatchObject({ rule });
        expect(shares.get(tower.top)?.breach).toBeUndefined();
      },
    );
  },
);

describe("an own share", () => {
  it("does not begin while something of the owner's waits for its record", async () => {
    const tower = new Tower("middle");
    tower.record();
    const whole: Known = new Map();
    await tower.checkAll(whole);
    tower.inner.lab.sell([alice, 150n, 160n]);
    await tower.checkAll(whole);
    const book = whole.get(tower.inner) as ChainBook;
    expect(startShare(book, [])).toBeUndefined();
    tower.record();
    await tower.checkAll(whole);
    expect(startShare(whole.get(tower.inner) as ChainBook, [])?.live.size).toBe(2);
  });

  it("asks several questions where one does not hold all that is held, and needs an answer to each", async () => {
    const served = new Served();
    served.lab.sell(
      ...Array.from({ length: 40 }, (_, at) => [alice, BigInt(at), BigInt(at + 1)] as const),
    );
    served.post();
    const share = startShare((await served.full()).book, []) as ChainBook;
    served.trade();
    const found = await served.share(share);
    expect(found.book.postCount).toBe(2);
    expect(served.questions).toBe(3);
    served.trade();
    served.bend = (bytes, { places }) => (places.length < 16 ? undefined : bytes);
    expect(await served.share(found.book)).toMatchObject({ withheldSince: 5 });
  });
});
