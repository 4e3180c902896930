import type { Hop, HopEntry } from "../blocks/hops.ts";
import { assert } from "../lib/assert.ts";
import { encode } from "../lib/codec.ts";
import { formatHex, parseHex } from "../lib/hex.ts";
import { carryProof, proveKey } from "../lib/map/mapProof.ts";
import { emptyMap } from "../lib/map/merkleMap.ts";
import type { BlockHeader } from "../protocol/blockHeader.ts";
import {
  computeDescendantKey,
  type Post,
  type SignedPost,
  writeSignedPost,
} from "../protocol/post.ts";
import type { HistoryEntry } from "./entry.ts";

/** A chain inside another, by its id and its operator's key. */
export type Descendant = { readonly id: Uint8Array; readonly operator: Uint8Array };

/** A followed descendant's post in this chain's map, and the block that took it. */
export type DescendantUpdate = {
  readonly key: string;
  readonly post: Post;
  readonly madeIn: number;
};

/**
 * What a chain's blocks have shown of one descendant's posts.
 *
 * - `taken`: the last sequence in the map; `recorded`: the last one under an entry.
 * - `proof`: of what the map holds of it after the last block taken.
 * - `hop`: the same after the block of the last entry, with all that proves it there. None before the first entry.
 * - `entries`: the newest of the descendant's history; `first`: the number of the first of them, from 0.
 */
export type DescendantPosts = {
  readonly taken: number;
  readonly recorded: number;
  readonly proof: Uint8Array;
  readonly hop: Hop | undefined;
  readonly first: number;
  readonly entries: readonly HistoryEntry[];
};

export type AllPosts = ReadonlyMap<string, DescendantPosts>;

/** Entries of one descendant that are kept for its own check, which comes after. */
const ENTRIES_MAX = 1_024;

export function startPosts(descendants: readonly Descendant[]): AllPosts {
  const map = emptyMap();
  return new Map(
    descendants.map((each) => {
      const proof = proveKey(map, computeDescendantKey(each.operator, each.id));
      return [keyOf(each), { taken: 0, recorded: 0, proof, hop: undefined, first: 0, entries: [] }];
    }),
  );
}

/** The hex key of a descendant in the map of posts. */
export function keyOf({ id, operator }: Descendant): string {
  return formatHex(computeDescendantKey(operator, id));
}

/** The posts of followed descendants among a block's. */
export function readUpdates(
  followed: AllPosts,
  posts: readonly SignedPost[],
  madeIn: number,
): DescendantUpdate[] {
  return posts
    .map(({ post, signer }) => ({
      key: keyOf({ id: post.chainId, operator: signer }),
      post,
      madeIn,
    }))
    .filter(({ key }) => followed.has(key));
}

/**
 * What is known of the followed descendants after a block.
 *
 * @param posts - all posts that the block took, in order; `proofs`: the map proofs that it brings for them.
 */
export function takeUpdates(
  before: AllPosts,
  posts: readonly SignedPost[],
  proofs: readonly Uint8Array[],
): AllPosts {
  if (before.size === 0 || posts.length === 0) return before;
  const after = new Map(before);
  for (const [index, signed] of posts.entries()) {
    const { post, signer } = signed;
    const changed = {
      key: computeDescendantKey(signer, post.chainId),
      proof: proofs[index] ?? new Uint8Array(),
      value: encode((writer) => writeSignedPost(writer, signed)),
    };
    for (const [key, known] of after) {
      const proof = carryProof(parseHex(key), known.proof, changed);
      assert(proof.ok, "a block that holds brings right map proofs");
      const taken = key === formatHex(changed.key) ? post.sequence : known.taken;
      after.set(key, { ...known, taken, proof: proof.value });
    }
  }
  return after;
}

/** The halves of a block's state, and the proofs of what its map of posts holds of followed chains, by hex key. */
export type PostsShown = {
  readonly contractsRoot: Uint8Array;
  readonly rootsRoot: Uint8Array;
  readonly proofs: readonly (readonly [key: string, proof: Uint8Array])[];
};

/**
 * The descendants' histories after an entry of this chain: where the recorded state holds a new post of
 * one, that is an entry of its own.
 *
 * @param run - the blocks under the entry, in order.
 * @see docs/PROTOCOL.md section 4, posts and history
 */
export function recordUpdates(
  before: AllPosts,
  run: readonly (PostsShown & {
    readonly header: BlockHeader;
    readonly updates: readonly DescendantUpdate[];
  })[],
  entry: HistoryEntry,
): AllPosts {
  const posted = run.at(-1);
  if (posted === undefined || before.size === 0) return before;
  const last = new Map(run.flatMap(({ updates }) => updates.map(({ key, post }) => [key, post])));
  const { header, contractsRoot, rootsRoot } = posted;
  const shown = posted.proofs.map(([key, proof]) => {
    const hop = { header, contractsRoot, rootsRoot, proof };
    return [key, { hop, post: last.get(key) }] as const;
  });
  return recordHops(before, new Map(shown), entry);
}

/**
 * The same from what the recorded state shows of each descendant.
 *
 * @param shown - by hex key; `post`: the last one that the map holds, if it is newer than what was recorded before.
 */
export function recordHops(
  before: AllPosts,
  shown: ReadonlyMap<string, { readonly hop: Hop; readonly post: HopEntry | undefined }>,
  { record, top, hops, hopsBefore }: HistoryEntry,
): AllPosts {
  const after = new Map(before);
  for (const [key, { hop, post }] of shown) {
    const known = before.get(key);
    if (known === undefined) continue;
    if (post === undefined) {
      after.set(key, { ...known, hop });
      continue;
    }
    const { sequence, blockHash: hash } = post;
    const entry = {
      sequence,
      record: { height: record.height, index: record.index, hash },
      top,
      hops: [...hops, hop],
      hopsBefore: [...hopsBefore, ...(known.hop === undefined ? [] : [known.hop])],
    };
    const entries = [...known.entries, entry].slice(-ENTRIES_MAX);
    const first = known.first + known.entries.length + 1 - entries.length;
    after.set(key, { ...known, recorded: sequence, hop, first, entries });
  }
  return after;
}
