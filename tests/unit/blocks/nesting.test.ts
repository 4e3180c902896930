import { describe, expect, it } from "vitest";
import type {
  ChainContent,
  ChainFacts,
  LeafChange,
} from "../../../src/blocks/applyTransactions.ts";
import type { SortitionBlock } from "../../../src/blocks/block.ts";
import { decodeBlock, encodeBlock } from "../../../src/blocks/block.ts";
import { buildBlock } from "../../../src/blocks/buildBlock.ts";
import { createPostMap, postMapRoot } from "../../../src/blocks/postMap.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import { type ChainTip, createChainTip, validateBlock } from "../../../src/blocks/validateBlock.ts";
import { decode, encode } from "../../../src/lib/codec.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { proveKey, verifyMapProof } from "../../../src/lib/map/mapProof.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { PostPlace } from "../../../src/protocol/anchor.ts";
import { encodeExactClose } from "../../../src/protocol/contractClose.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import {
  computeDescendantKey,
  encodePost,
  readSignedPost,
  type SignedPost,
} from "../../../src/protocol/post.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { hashScript, TRUE_SCRIPT, TRUE_SCRIPT_HASH } from "../../../src/protocol/script.ts";
import { encodeSeal } from "../../../src/protocol/seal.ts";
import { computeDigest, computePublicKey, signDigest } from "../../../src/protocol/signature.ts";
import type { SignatureTag } from "../../../src/protocol/tags.ts";
import { createTree, findLeaf } from "../../../src/space/tree.ts";

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
  content: ChainContent = { tree: createTree(CHAIN.lo, CHAIN.hi), posts: createPostMap() };
  tip: ChainTip = createChainTip(CHAIN);
  readonly context = { rules, chain: CHAIN, mainHeader: () => undefined };

  /** The block, or why these transactions make none. */
  build(transactions: readonly BlockTransaction[]) {
    const draft = { transactions, scripts: [TRUE_SCRIPT], conditions: [], time: 0n };
    return buildBlock(this.content, this.tip, draft, { ...this.context, mainHeight: 1 });
  }

  sign(block: Omit<SortitionBlock, "signature">, digest: Uint8Array): SortitionBlock {
    return { ...block, signature: signDigest(digest, OPERATOR) };
  }

  take(transactions: readonly BlockTransaction[]) {
    const { block, digest, effects } = insist(this.build(transactions));
    const bytes = encodeBlock(this.sign(block, digest));
    const checked = insist(validateBlock(insist(decodeBlock(bytes)), this.tip, this.context));
    expect(postMapRoot(checked.effects.posts)).toEqual(postMapRoot(effects.posts));
    this.content = effects;
    this.tip = checked.tip;
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
    expect(judge([first, encode((writer) => writer.u8(0))])).toMatchObject({ code: "WRONG_ROOT" });
  });
});
