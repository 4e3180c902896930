import { equalBytes } from "../lib/bytes.ts";
import { decode, type Reader, type Writer } from "../lib/codec.ts";
import { verifyMapProof } from "../lib/map/mapProof.ts";
import { accept, demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  computeChainState,
  hashBlockHeader,
  readBlockHeader,
  writeBlockHeader,
} from "../protocol/blockHeader.ts";
import { LINE_MAX, POST_PROOF_BYTES_MAX } from "../protocol/limits.ts";
import { computeDescendantKey, encodePost, type Post, readSignedPost } from "../protocol/post.ts";
import { isSignedBy, type Rules } from "../protocol/rules.ts";
import type { ChainFacts } from "./applyTransactions.ts";

/**
 * One step down an anchor: a chain's posted block, the two halves of its state after, and the proof of
 * what its map of posts says of the descendant below, or that it says nothing.
 */
export type Hop = {
  readonly header: BlockHeader;
  readonly contractsRoot: Uint8Array;
  readonly rootsRoot: Uint8Array;
  readonly proof: Uint8Array;
};

/** A chain as hops name it. */
export type PostingChain = Pick<ChainFacts, "id" | "operator">;

/** Encode: u8 count, then each header, contracts root 32, roots root 32, map proof bytes. */
export function writeHops(writer: Writer, hops: readonly Hop[]): void {
  writer.u8(hops.length);
  for (const { header, contractsRoot, rootsRoot, proof } of hops) {
    writeBlockHeader(writer, header);
    writer.fixed(contractsRoot, 32).fixed(rootsRoot, 32).bytes(proof, POST_PROOF_BYTES_MAX);
  }
}

export function readHops(reader: Reader): Hop[] {
  const count = reader.u8();
  demand(
    count < LINE_MAX && count * (BLOCK_HEADER_BYTES + 69) <= reader.remaining,
    "TOO_MANY",
    `expected fewer than ${LINE_MAX} hops, got ${count}`,
  );
  return Array.from({ length: count }, () => {
    const header = readBlockHeader(reader);
    const contractsRoot = reader.fixed(32);
    const rootsRoot = reader.fixed(32);
    return { header, contractsRoot, rootsRoot, proof: reader.bytes(POST_PROOF_BYTES_MAX) };
  });
}

/**
 * Which block of the last chain of `path` is anchored under a posted block of the first, or undefined if
 * none is yet. Every entry on the way carries the signature of the chain that it is of, because nobody
 * has checked the maps: what an anchor's operator writes there is only his word.
 *
 * @param path - the chains along the anchors: the one that posts on the main chain first.
 * @param posted - hash of the first one's block. @param hops - one for each further chain.
 */
export function followHops(
  path: readonly PostingChain[],
  posted: Uint8Array,
  hops: readonly Hop[],
  rules: Rules,
): Verdict<Uint8Array | undefined> {
  const entries = followEntries(path, { sequence: 0, blockHash: posted }, hops, rules);
  return entries.ok ? accept(entries.value[path.length - 1]?.blockHash) : entries;
}

/** What a record or a map says of a chain: its block, and the sequence that the chain gave it. */
export type HopEntry = Pick<Post, "sequence" | "blockHash">;

/**
 * As `followHops`: what stands at every chain of `path` under the first one's `posted`, as far as the hops
 * lead. The last chain has an entry only where it is anchored.
 */
export function followEntries(
  path: readonly PostingChain[],
  posted: HopEntry,
  hops: readonly Hop[],
  rules: Rules,
): Verdict<readonly HopEntry[]> {
  return judge(() => {
    const entries = [posted];
    for (const [index, hop] of hops.entries()) {
      const [anchor, below] = path.slice(index, index + 2);
      const entry = entries[index];
      if (entry === undefined || anchor === undefined || below === undefined) {
        throw new Refusal("TOO_MANY_HOPS", `no chain is anchored where hop ${index} leads`);
      }
      const next = insist(takeHop(hop, anchor, below, entry.blockHash, rules));
      if (next !== undefined) entries.push(next);
    }
    demand(
      entries.length <= hops.length || hops.length === path.length - 1,
      "HOPS_MISSING",
      `expected ${path.length - 1} hops, got ${hops.length}`,
    );
    return entries;
  });
}

/** As `followEntries`, one for each chain of `path`; refuses hops that do not lead to the last. */
export function findPosts(
  path: readonly PostingChain[],
  posted: HopEntry,
  hops: readonly Hop[],
  rules: Rules,
): Verdict<readonly HopEntry[]> {
  return judge(() => {
    const entries = insist(followEntries(path, posted, hops, rules));
    demand(
      entries.length === path.length,
      "NOT_ANCHORED",
      "the chain has no post under the record shown",
    );
    return entries;
  });
}

/** The post of `below` that the map in the anchor's posted block shows. */
function takeHop(
  hop: Hop,
  anchor: PostingChain,
  below: PostingChain,
  posted: Uint8Array,
  rules: Rules,
): Verdict<Post | undefined> {
  const value = openHop(hop, anchor, below, posted);
  if (!value.ok) return value;
  return value.value === undefined
    ? accept(undefined)
    : readEntry(value.value, anchor, below, rules);
}

/** What the map in the anchor's posted block holds at the key of `below`; undefined for nothing. */
export function openHop(
  { header, contractsRoot, rootsRoot, proof }: Hop,
  anchor: PostingChain,
  below: PostingChain,
  posted: Uint8Array,
): Verdict<Uint8Array | undefined> {
  return judge(() => {
    demand(
      equalBytes(hashBlockHeader(header), posted),
      "NOT_POSTED",
      "the header shown is not that of the posted block",
    );
    demand(equalBytes(header.chainId, anchor.id), "OTHER_CHAIN", "a header is of another chain");
    demand(
      equalBytes(computeChainState(contractsRoot, rootsRoot), header.stateAfter),
      "WRONG_STATE",
      "the roots shown are not those of the posted block's state",
    );
    const key = computeDescendantKey(below.operator, below.id);
    return insist(verifyMapProof(rootsRoot, key, proof));
  });
}

/** The post that an entry of the anchor's map is: of `below` itself, and for that place. */
function readEntry(
  value: Uint8Array,
  anchor: PostingChain,
  below: PostingChain,
  rules: Rules,
): Verdict<Post> {
  return judge(() => {
    const { post, signer, signature } = insist(decode(value, readSignedPost));
    const isOwn =
      equalBytes(signer, below.operator) &&
      equalBytes(post.chainId, below.id) &&
      post.place.kind === "chain" &&
      equalBytes(post.place.id, anchor.id);
    demand(isOwn, "OTHER_POST", "the map's entry is not a post of the descendant in this place");
    demand(
      isSignedBy(rules, "signPost", encodePost(post), signature, signer),
      "BAD_SIGNATURE",
      "the map's entry is not signed by the descendant's operator",
    );
    return post;
  });
}

/**
 * Whether an anchor's map may say `after` of a descendant where it has said `before` under the post before: the
 * same, or a later post of the descendant's own. Blocks that hold lead to nothing else.
 *
 * @returns the post that it says now; undefined while there is none.
 */
export function judgeNextEntry(
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
  anchor: PostingChain,
  below: PostingChain,
  rules: Rules,
): Verdict<Post | undefined> {
  return judge(() => {
    if (after === undefined) {
      demand(before === undefined, "POST_TURNED_BACK", "a descendant's last post is gone");
      return undefined;
    }
    const post = insist(readEntry(after, anchor, below, rules));
    if (before === undefined || equalBytes(before, after)) return post;
    const last = insist(decode(before, readSignedPost)).post;
    demand(
      post.sequence > last.sequence,
      "POST_TURNED_BACK",
      `post ${post.sequence} of a descendant stands where its post ${last.sequence} stood`,
    );
    return post;
  });
}
