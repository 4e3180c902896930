import { describe, expect, it } from "vitest";
import type {
  ChainContent,
  ChainFacts,
  LeafChange,
} from "../../../src/blocks/applyTransactions.ts";
import type { SortitionBlock } from "../../../src/blocks/block.ts";
import { decodeBlock, encodeBlock } from "../../../src/blocks/block.ts";
import { buildBlock } from "../../../src/blocks/buildBlock.ts";
import { followHops, type Hop, readHops, writeHops } from "../../../src/blocks/hops.ts";
import { createPostMap, postMapRoot } from "../../../src/blocks/postMap.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import { type ChainTip, createChainTip, validateBlock } from "../../../src/blocks/validateBlock.ts";
import { decode, encode } from "../../../src/lib/codec.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { proveKey, verifyMapProof } from "../../../src/lib/map/mapProof.ts";
import { emptyMap, mapRoot, setValue } from "../../../src/lib/map/merkleMap.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { PostPlace } from "../../../src/protocol/anchor.ts";
import {
  type BlockHeader,
  computeChainState,
  hashBlockHeader,
} from "../../../src/protocol/blockHeader.ts";
import { encodeExactClose } from "../../../src/protocol/contractClose.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import {
  computeDescendantKey,
  encodePost,
  readSignedPost,
  type SignedPost,
  writeSignedPost,
} from "../../../src/protocol/post.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { hashScript, TRUE_SCRIPT, TRUE_SCRIPT_HASH } from "../../../src/protocol/script.ts";
import { encodeSeal } from "../../../src/protocol/seal.ts";
import { computeDigest, computePublicKey, signDigest } from "../../../src/protocol/signature.ts";
import type { SignatureTag } from "../../../src/protocol/tags.ts";
import { createTree, findLeaf, treeRoot } from "../../../src/space/tree.ts";

const rules = createRules(LOCAL_NETWORK);
const OPERATOR = sha256(encodeUtf8("operator"));
const ALICE = sha256(encodeUtf8("alice"));
const MALLORY = sha256(encodeUtf8("mallory"));

const CHAIN: ChainFacts = {
  id: sha256(encodeUtf8("chain")),
  operator: computePublicKey(OPERATOR),
  lo: 0n,
  hi: 1_000n,
  expiry: 100,
};
const HERE: PostPlace = { kind: "chain", id: CHAIN.id };

/** A chain that is built block by block, each checked from its bytes alone. */
class Chain {
  readonly facts: ChainFacts;
  readonly #key: Uint8Array;
  readonly context;
  content: ChainContent;
  tip: ChainTip;
  header: BlockHeader | undefined;

  constructor(facts = CHAIN, key = OPERATOR) {
    this.facts = facts;
    this.#key = key;
    this.context = { rules, chain: facts, mainHeader: () => undefined };
    this.content = { tree: createTree(facts.lo, facts.hi), posts: createPostMap() };
    this.tip = createChainTip(facts);
  }

  /** The block, or why these transactions make none. */
  build(transactions: readonly BlockTransaction[]) {
    const draft = { transactions, scripts: [TRUE_SCRIPT], conditions: [], time: 0n };
    return buildBlock(this.content, this.tip, draft, { ...this.context, mainHeight: 1 });
  }

  sign(block: Omit<SortitionBlock, "signature">, digest: Uint8Array): SortitionBlock {
    return { ...block, signature: signDigest(digest, this.#key) };
  }

  /** The last block as a step down to a descendant. */
  hop(below: ChainFacts): Hop {
    const { tree, posts } = this.content;
    if (posts.kind !== "whole" || this.header === undefined) throw new Error("no block yet");
    const proof = proveKey(posts.map, computeDescendantKey(below.operator, below.id));
    const roots = { contractsRoot: treeRoot(tree), rootsRoot: postMapRoot(posts) };
    return { header: this.header, ...roots, proof };
  }

  take(transactions: readonly BlockTransaction[]) {
    const { block, digest, effects } = insist(this.build(transactions));
    const bytes = encodeBlock(this.sign(block, digest));
    const checked = insist(validateBlock(insist(decodeBlock(bytes)), this.tip, this.context));
    expect(postMapRoot(checked.effects.posts)).toEqual(postMapRoot(effects.posts));
    this.content = effects;
    this.tip = checked.tip;
    this.header = block.header;
    return checked.effects;
  }
}

function sign(tag: SignatureTag, body: Uint8Array, key: Uint8Array): Uint8Array {
  return signDigest(computeDigest(tag, rules.networkId, body), key);
}

function sale(lo: bigint, hi: bigint, script = TRUE_SCRIPT_HASH): BlockTransaction {
  const place = { lo, hi, conditions: [] };
  const contract = { place, owner: computePublicKey(ALICE), depositBps: 0, scriptHash: script };
  return { kind: "contract-new", contract };
}

function seal(chain: Chain, { leaf, place }: LeafChange, key = ALICE, seen = chain.tip.hash) {
  const said = { contractId: leaf.id, seenBlock: seen, anchor: HERE };
  const signature = sign("signSeal", encodeSeal(said), key);
  return { kind: "contract-seal", place, seal: said, signature } as const;
}

function post(sequence: number, key = ALICE, change: Partial<SignedPost["post"]> = {}) {
  const chainId = sha256(encodeUtf8("descendant"));
  const blockHash = sha256(Uint8Array.of(sequence));
  const said = { place: HERE, chainId, sequence, blockHash, ...change };
  const signature = sign("signPost", encodePost(said), key);
  const signed = { post: said, signer: computePublicKey(key), signature };
  return { kind: "root-update", signed } as const;
}

function close(chain: Chain, { leaf, place }: LeafChange): BlockTransaction {
  const said = { contractId: leaf.id, seenBlock: chain.tip.hash, heightMax: 9, successors: [] };
  const signature = sign("signClose", encodeExactClose(said), ALICE);
  const authorisation = { kind: "exact", close: said, signature } as const;
  return { kind: "contract-close", close: { contractId: leaf.id, place, authorisation } };
}

function sold(chain: Chain): LeafChange {
  const [change] = chain.take([sale(100n, 300n)]).made;
  if (change === undefined) throw new Error("nothing was sold");
  return change;
}

describe("a contract that is sealed", () => {
  it("keeps its id, range and owner, and gets its anchor and the constant true", () => {
    const chain = new Chain();
    const change = sold(chain);
    const { sealed } = chain.take([seal(chain, change)]);
    expect(sealed).toHaveLength(1);
    expect(insist(findLeaf(chain.content.tree, change.place))).toEqual({
      ...change.leaf,
      sealed: true,
      anchor: HERE,
      scriptHash: hashScript(TRUE_SCRIPT),
    });
  });

  it.each([
    [
      "by somebody else",
      (chain: Chain, change: LeafChange) => seal(chain, change, MALLORY),
      "BAD_SIGNATURE",
    ],
    [
      "by the operator",
      (chain: Chain, change: LeafChange) => seal(chain, change, OPERATOR),
      "BAD_SIGNATURE",
    ],
    [
      "on another block than the one before",
      (chain: Chain, change: LeafChange) => seal(chain, change, ALICE, sha256(chain.tip.hash)),
      "OTHER_BLOCK_SEEN",
    ],
    [
      "where it does not stand",
      (chain: Chain, change: LeafChange) =>
        seal(chain, { ...change, place: { ...change.place, hi: 299n } }),
      "NO_SUCH_CONTRACT",
    ],
  ])("is not sealed %s", (_, make, code) => {
    const chain = new Chain();
    const change = sold(chain);
    expect(chain.build([make(chain, change)])).toMatchObject({
      ok: false,
      code,
      transactionIndex: 0,
    });
  });

  it("is sealed once, and never closed by its owner again", () => {
    const chain = new Chain();
    const change = sold(chain);
    expect(chain.build([seal(chain, change), close(chain, change)])).toMatchObject({
      code: "CLOSED_WHERE_MADE",
      transactionIndex: 1,
    });
    chain.take([seal(chain, change)]);
    expect(chain.build([seal(chain, change)])).toMatchObject({ code: "SEALED" });
    expect(chain.build([close(chain, change)])).toMatchObject({ code: "SEALED" });
  });
});

describe("the posts of descendants", () => {
  it("are kept by signer and id, the last of each, and proven with their signature", () => {
    const chain = new Chain();
    chain.take([post(1), post(1, MALLORY)]);
    chain.take([post(2)]);
    const { posts } = chain.content;
    if (posts.kind !== "whole") throw new Error("the operator keeps the whole map");
    for (const [key, sequence] of [
      [ALICE, 2],
      [MALLORY, 1],
    ] as const) {
      const { signed } = post(sequence, key);
      const at = computeDescendantKey(signed.signer, signed.post.chainId);
      const value = insist(verifyMapProof(postMapRoot(posts), at, proveKey(posts.map, at)));
      expect(insist(decode(value ?? new Uint8Array(), readSignedPost))).toEqual(signed);
    }
  });

  it.each([
    ["a sequence left out", [post(2)], "SEQUENCE_GAP", 0],
    ["a sequence twice", [post(1), post(1)], "POSTED_TWICE", 1],
    ["two posts of one descendant in a block", [post(1), post(2)], "POSTED_TWICE", 1],
    [
      "a post for another place",
      [post(1, ALICE, { place: { kind: "mainChain" } })],
      "OTHER_PLACE",
      0,
    ],
    [
      "a post for another chain",
      [post(1, ALICE, { place: { kind: "chain", id: sha256(CHAIN.id) } })],
      "OTHER_PLACE",
      0,
    ],
    [
      "a signature by somebody else",
      [
        {
          ...post(1),
          signed: { ...post(1).signed, signer: computePublicKey(MALLORY) },
        },
      ],
      "BAD_SIGNATURE",
      0,
    ],
  ] as const)("are refused with %s", (_, transactions, code, transactionIndex) => {
    expect(new Chain().build(transactions)).toMatchObject({ ok: false, code, transactionIndex });
  });

  it("hold a block to the map proofs that it brings", () => {
    const chain = new Chain();
    chain.take([post(1)]);
    const { block, digest } = insist(chain.build([post(2), post(1, MALLORY)]));
    const whole = chain.sign(block, digest);
    const [first, second] = whole.postProofs as [Uint8Array, Uint8Array];
    const judge = (postProofs: readonly Uint8Array[]) =>
      validateBlock({ ...whole, postProofs }, chain.tip, chain.context);
    expect(judge([first, second]).ok).toBe(true);
    expect(judge([first])).toMatchObject({ code: "WRONG_POST_PROOFS" });
    expect(judge([first, second, second])).toMatchObject({ code: "WRONG_POST_PROOFS" });
    expect(judge([second, first]).ok).toBe(false);
    expect(judge([first, encode((writer) => writer.u8(0))])).toMatchObject({
      code: "BAD_POST_PROOF",
      blame: "nobody",
    });
  });
});

describe("the hops from a posted block down to a descendant", () => {
  const child: ChainFacts = {
    ...CHAIN,
    id: sha256(encodeUtf8("child")),
    operator: computePublicKey(ALICE),
  };
  const grandchild: ChainFacts = {
    ...CHAIN,
    id: sha256(encodeUtf8("grandchild")),
    operator: computePublicKey(MALLORY),
  };
  const path = [CHAIN, child, grandchild];
  const postOf = (of: Chain, key: Uint8Array, place: ChainFacts) =>
    post(1, key, {
      place: { kind: "chain", id: place.id },
      chainId: of.facts.id,
      blockHash: of.tip.hash,
    });

  /** A grandchild posted in its parent, the parent posted in the top chain. */
  function nest() {
    const bottom = new Chain(grandchild, MALLORY);
    bottom.take([sale(0n, 10n)]);
    const middle = new Chain(child, ALICE);
    middle.take([postOf(bottom, MALLORY, child)]);
    const top = new Chain();
    top.take([postOf(middle, ALICE, CHAIN)]);
    return { bottom, middle, top, hops: [top.hop(child), middle.hop(grandchild)] as const };
  }

  it("lead to the block that the last chain has posted, and round-trip as bytes", () => {
    const { bottom, top, hops } = nest();
    const bytes = encode((writer) => writeHops(writer, hops));
    const shown = insist(decode(bytes, readHops));
    expect(insist(followHops(path, top.tip.hash, shown, rules))).toEqual(bottom.tip.hash);
  });

  it("say that nothing is posted yet, at the level where it is so", () => {
    const { top, hops } = nest();
    const stranger = { ...child, operator: computePublicKey(OPERATOR) };
    expect(followHops([CHAIN, stranger], top.tip.hash, [top.hop(stranger)], rules)).toEqual({
      ok: true,
      value: undefined,
    });
    const beyond = [top.hop(stranger), hops[1]];
    expect(followHops([CHAIN, stranger, grandchild], top.tip.hash, beyond, rules)).toMatchObject({
      code: "TOO_MANY_HOPS",
    });
  });

  it("are refused where one is missing, too many, of another chain, or not of the posted block", () => {
    const { top, middle, hops } = nest();
    const judge = (shown: readonly Hop[], along = path, posted = top.tip.hash) =>
      followHops(along, posted, shown, rules);
    expect(judge([hops[0]])).toMatchObject({ code: "HOPS_MISSING" });
    expect(judge([...hops, hops[1]])).toMatchObject({ code: "TOO_MANY_HOPS" });
    expect(judge(hops, path, middle.tip.hash)).toMatchObject({ code: "NOT_POSTED" });
    expect(judge([hops[0], hops[0]])).toMatchObject({ code: "NOT_POSTED" });
    expect(judge(hops, [{ ...CHAIN, id: child.id }, child, grandchild])).toMatchObject({
      code: "OTHER_CHAIN",
    });
    const swapped = { ...hops[0], contractsRoot: hops[0].rootsRoot };
    expect(judge([swapped, hops[1]])).toMatchObject({ code: "WRONG_STATE" });
  });

  it("believe no entry that the descendant has not signed for this place", () => {
    const { bottom } = nest();
    const { signed } = postOf(bottom, MALLORY, CHAIN);
    const key = computeDescendantKey(grandchild.operator, grandchild.id);
    for (const [forged, code] of [
      [{ ...signed, signature: post(1).signed.signature }, "BAD_SIGNATURE"],
      [{ ...signed, signer: computePublicKey(ALICE) }, "OTHER_POST"],
      [postOf(bottom, MALLORY, child).signed, "OTHER_POST"],
    ] as const) {
      // The map as its operator writes it: the main chain has never checked a block of his.
      const value = encode((writer) => writeSignedPost(writer, forged));
      const map = setValue(emptyMap(), key, value);
      const top = new Chain();
      top.take([sale(0n, 10n)]);
      const roots = { contractsRoot: treeRoot(top.content.tree), rootsRoot: mapRoot(map) };
      const stateAfter = computeChainState(roots.contractsRoot, roots.rootsRoot);
      const header = { ...(top.header as BlockHeader), stateAfter };
      const hop = { header, ...roots, proof: proveKey(map, key) };
      expect(followHops([CHAIN, grandchild], hashBlockHeader(header), [hop], rules)).toMatchObject({
        code,
      });
    }
  });
});
