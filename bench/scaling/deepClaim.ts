import type { AnchoredProof } from "../../src/blocks/anchoredProof.ts";
import type { Hop } from "../../src/blocks/hops.ts";
import { NO_CHALLENGES } from "../../src/chain/challenges/challengeRecord.ts";
import { createGasMeter } from "../../src/chain/gasMeter.ts";
import { NO_REQUESTS } from "../../src/chain/requests/dataRecord.ts";
import type { Claim } from "../../src/chain/settlement/claim.ts";
import { draftClaim } from "../../src/chain/settlement/draftClaim.ts";
import { computeClaimStart, drawHeights, drawPoint } from "../../src/chain/settlement/draw.ts";
import type { SettlementView } from "../../src/chain/settlement/settlementView.ts";
import type { ChainRecord } from "../../src/chain/state/chainRecord.ts";
import { encode } from "../../src/lib/codec.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { proveKey } from "../../src/lib/map/mapProof.ts";
import { emptyMap, type MerkleMap, mapRoot, setValue } from "../../src/lib/map/merkleMap.ts";
import { encodeUtf8 } from "../../src/lib/utf8.ts";
import { insist } from "../../src/lib/verdict.ts";
import type { PostPlace } from "../../src/protocol/anchor.ts";
import {
  type BlockHeader,
  computeChainState,
  hashBlockHeader,
} from "../../src/protocol/blockHeader.ts";
import { type Condition, hashCondition } from "../../src/protocol/condition.ts";
import type { Leaf } from "../../src/protocol/leaf.ts";
import { BLOCK_GAS_MAX } from "../../src/protocol/limits.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import type { ConditionSide } from "../../src/protocol/place.ts";
import { computeDescendantKey, encodePost, writeSignedPost } from "../../src/protocol/post.ts";
import { createRules } from "../../src/protocol/rules.ts";
import { TRUE_SCRIPT, TRUE_SCRIPT_HASH } from "../../src/protocol/script.ts";
import { computeDigest, computePublicKey, signDigest } from "../../src/protocol/signature.ts";
import { buildTree, type Lot } from "../../src/space/build.ts";
import { proveLeaf } from "../../src/space/proof.ts";
import { treeRoot } from "../../src/space/tree.ts";

/**
 * How a contract lies: under how many levels, how many siblings each leaf of its line has, and whether every
 * chain posts in its parent (the longest way) or in the chain at the top.
 */
export type Nesting = {
  readonly depth: number;
  readonly breadth: number;
  readonly anchors: "parent" | "top";
  /** Bodies of what every leaf of the line stands under, none of them true; none unless given. */
  readonly conditions?: readonly Condition[];
};

/** A claim, who carries it, and all that the main chain judges it by. */
export type DeepClaim = {
  readonly claim: Claim;
  readonly carrier: Uint8Array;
  readonly view: SettlementView;
};

const RULES = createRules(LOCAL_NETWORK);
const EXPIRY = 1_000;
const POSTED_AT = 500;
/** Satoshi; every lot of the widest and deepest nesting measured is still some wide. */
const PRIZE = 10n ** 18n;
const NOTHING = new Uint8Array(32);

const hashWords = (words: string): Uint8Array => sha256(encodeUtf8(words));
const keyOf = (level: number): Uint8Array => hashWords(`operator of level ${level}`);
const idOf = (level: number): Uint8Array => hashWords(`chain of level ${level}`);
const owners = new Map<number, Uint8Array>();
function ownerOf(level: number): Uint8Array {
  const owner = owners.get(level) ?? computePublicKey(keyOf(level));
  owners.set(level, owner);
  return owner;
}

/** A chain of the line with one block: its leaves, and the posts that it holds. Level 1 is the on-chain one. */
type Level = { readonly lots: readonly Lot[]; readonly own: Lot };

/** Build the claim of the contract at the drawn point. */
export function createDeepClaim(nesting: Nesting): DeepClaim {
  const { depth, anchors } = nesting;
  const chain: ChainRecord = {
    id: idOf(1),
    operator: ownerOf(1),
    lo: 0n,
    hi: PRIZE,
    amount: PRIZE,
    expiry: EXPIRY,
    depositBps: 100,
    claimDelay: LOCAL_NETWORK.claimDelayMin,
    disputeDelay: LOCAL_NETWORK.disputeDelayMin,
    startHeight: 1,
    won: undefined,
  };
  const workHash = (height: number): Uint8Array => hashWords(`work of height ${height}`);
  const hashes = drawHeights(EXPIRY, LOCAL_NETWORK).map(workHash);
  const point = drawPoint(RULES.networkId, chain, hashes);
  const levels = layOut(nesting, point);
  const blocks = postUpwards(levels, anchors);
  const line = levels.map(({ own }, index) => ({
    leaf: own.leaf,
    conditions: nesting.conditions ?? [],
    proof: anchorLeaf(levels, blocks, index, anchors),
  }));
  const carrier = ownerOf(depth + 1);
  const { claim, body } = draftClaim({
    chainId: chain.id,
    line,
    script: TRUE_SCRIPT,
    state: undefined,
    scriptSig: new Uint8Array(),
    carrier,
  });
  const digest = computeDigest("signClaim", RULES.networkId, body);
  const [top] = blocks as [PostedBlock, ...PostedBlock[]];
  const record = { height: POSTED_AT, index: 0, hash: hashBlockHeader(top.header) };
  return {
    claim: { ...claim, signature: signDigest(digest, keyOf(depth + 1)) },
    carrier,
    view: {
      rules: RULES,
      height: computeClaimStart(EXPIRY, LOCAL_NETWORK),
      gas: createGasMeter(BLOCK_GAS_MAX),
      chain: () => chain,
      existence: () => record,
      switched: () => undefined,
      fact: () => {
        throw new Error("no condition here reads a fact");
      },
      results: () => [],
      workHashAt: workHash,
      data: () => NO_REQUESTS,
      challenges: () => NO_CHALLENGES,
      isShown: () => false,
    },
  };
}

/** The leaves of every level, in equal lots; the one over the point is the next level's chain, or the contract. */
function layOut({ depth, breadth, anchors, conditions = [] }: Nesting, point: bigint): Level[] {
  const sides = conditions.map((condition): ConditionSide => {
    return { level: condition.level, hash: hashCondition(condition), side: false };
  });
  const levels: Level[] = [];
  let [lo, hi] = [0n, PRIZE];
  for (let level = 1; level <= depth; level++) {
    const width = (hi - lo) / BigInt(breadth);
    const hit = Number((point - lo) / width);
    const lots = Array.from({ length: breadth }, (_, index): Lot => {
      const isOwn = index === Math.min(hit, breadth - 1);
      const start = lo + width * BigInt(index);
      const end = index === breadth - 1 ? hi : start + width;
      const lot = createLot(start, end, isOwn ? level : undefined, level < depth, anchors);
      return isOwn ? { ...lot, place: { ...lot.place, conditions: sides } } : lot;
    });
    const own = lots[Math.min(hit, breadth - 1)] as Lot;
    levels.push({ lots, own });
    ({ lo, hi } = own.place);
  }
  return levels;
}

function createLot(
  lo: bigint,
  hi: bigint,
  ownLevel: number | undefined,
  isChain: boolean,
  anchors: Nesting["anchors"],
): Lot {
  const isSealed = ownLevel !== undefined && isChain;
  const leaf: Leaf = {
    id: ownLevel === undefined ? hashWords(`sibling at ${lo}`) : idOf(ownLevel + 1),
    owner: ownerOf(ownLevel === undefined ? 0 : ownLevel + 1),
    lo,
    hi,
    depositBps: 0,
    scriptHash: TRUE_SCRIPT_HASH,
    madeIn: 1,
    sealed: isSealed,
    anchor: isSealed
      ? { kind: "chain", id: idOf(anchors === "top" ? 1 : ownLevel) }
      : { kind: "none" },
  };
  return { leaf, place: { lo, hi, conditions: [] } };
}

/** A posted block: its header, the halves of its state after, and the map of posts behind one of them. */
type PostedBlock = {
  readonly header: BlockHeader;
  readonly contractsRoot: Uint8Array;
  readonly posts: MerkleMap;
};

/** The block of every level, made from the deepest up, since each block holds the posts of those below. */
function postUpwards(levels: readonly Level[], anchors: Nesting["anchors"]): PostedBlock[] {
  const blocks: PostedBlock[] = [];
  for (let level = levels.length; level >= 1; level--) {
    const posting = blocks.map((block, index) => ({ block, level: level + 1 + index }));
    const here = anchors === "parent" ? posting.slice(0, 1) : level === 1 ? posting : [];
    const { lots, own } = levels[level - 1] as Level;
    blocks.unshift(createBlock(level, lots, fillPosts(level, lots, own, here)));
  }
  return blocks;
}

/** As many posts as there are leaves: those of the line, and of every sibling. */
function fillPosts(
  level: number,
  lots: readonly Lot[],
  own: Lot,
  here: readonly { readonly block: PostedBlock; readonly level: number }[],
): MerkleMap {
  let posts = emptyMap();
  for (const { leaf } of here.length === 0 ? [] : lots) {
    if (leaf === own.leaf) continue;
    posts = setValue(posts, computeDescendantKey(leaf.owner, leaf.id), sha256(leaf.id));
  }
  for (const { block, level: below } of here) {
    const place: PostPlace = { kind: "chain", id: idOf(level) };
    const blockHash = hashBlockHeader(block.header);
    const post = { place, chainId: idOf(below), sequence: 1, blockHash };
    const digest = computeDigest("signPost", RULES.networkId, encodePost(post));
    const signed = { post, signer: ownerOf(below), signature: signDigest(digest, keyOf(below)) };
    const value = encode((writer) => writeSignedPost(writer, signed));
    posts = setValue(posts, computeDescendantKey(signed.signer, post.chainId), value);
  }
  return posts;
}

function createBlock(level: number, lots: readonly Lot[], posts: MerkleMap): PostedBlock {
  const contractsRoot = treeRoot(treeOf(lots));
  const header: BlockHeader = {
    chainId: idOf(level),
    height: 1,
    previousHash: idOf(level),
    stateBefore: NOTHING,
    stateAfter: computeChainState(contractsRoot, mapRoot(posts)),
    updatesRoot: NOTHING,
    mainHeight: POSTED_AT,
    time: 0n,
  };
  return { header, contractsRoot, posts };
}

function treeOf(lots: readonly Lot[]) {
  const [first, last] = [lots[0] as Lot, lots.at(-1) as Lot];
  return insist(buildTree(first.place.lo, last.place.hi, lots));
}

/** The anchored proof of a level's leaf: down the posts to its chain's block, then down the tree. */
function anchorLeaf(
  levels: readonly Level[],
  blocks: readonly PostedBlock[],
  index: number,
  anchors: Nesting["anchors"],
): AnchoredProof {
  const { lots, own } = levels[index] as Level;
  const { header, posts } = blocks[index] as PostedBlock;
  const steps =
    anchors === "parent"
      ? Array.from({ length: index }, (_, at) => [at, at + 1] as const)
      : index === 0
        ? []
        : [[0, index] as const];
  const hops = steps.map(([from, to]) => createHop(blocks[from] as PostedBlock, to + 1));
  return {
    sequence: 1,
    hops,
    headers: [header],
    rootsRoot: mapRoot(posts),
    path: insist(proveLeaf(treeOf(lots), own.place)),
  };
}

function createHop({ header, contractsRoot, posts }: PostedBlock, below: number): Hop {
  const proof = proveKey(posts, computeDescendantKey(ownerOf(below), idOf(below)));
  return { header, contractsRoot, rootsRoot: mapRoot(posts), proof };
}
