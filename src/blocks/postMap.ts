import { assert } from "../lib/assert.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, encode } from "../lib/codec.ts";
import { proveKey, updateFromProof } from "../lib/map/mapProof.ts";
import { emptyMap, getValue, type MerkleMap, mapRoot, setValue } from "../lib/map/merkleMap.ts";
import { accept, demand, insist, judge, refuse, type Verdict } from "../lib/verdict.ts";
import {
  computeDescendantKey,
  encodePost,
  readSignedPost,
  type SignedPost,
  writeSignedPost,
} from "../protocol/post.ts";
import { isSignedBy, type Rules } from "../protocol/rules.ts";

/**
 * A chain's map from each descendant that posts in it to the descendant's last post. Whole, as its
 * operator keeps it; or a root with the proofs that the next posts need, as a block brings them.
 */
export type PostMap =
  | { readonly kind: "whole"; readonly map: MerkleMap }
  | {
      readonly kind: "proven";
      readonly root: Uint8Array;
      readonly proofs: readonly Uint8Array[];
    };

/** The map of a chain in which nobody has posted yet. */
export function createPostMap(): PostMap {
  return { kind: "whole", map: emptyMap() };
}

/** The roots root, 32 bytes: half of the chain's state. */
export function postMapRoot(posts: PostMap): Uint8Array {
  return posts.kind === "whole" ? mapRoot(posts.map) : posts.root;
}

/** The proof of what a whole map says of the descendant of a key. */
export function provePost(posts: PostMap, key: Uint8Array): Uint8Array {
  assert(posts.kind === "whole", "only a whole map proves what it says");
  return proveKey(posts.map, key);
}

/**
 * The map after a descendant's post: signed by whom it names, for this chain, and the next in
 * sequence of that signer and descendant.
 */
export function takePost(
  posts: PostMap,
  signed: SignedPost,
  chainId: Uint8Array,
  rules: Rules,
): Verdict<PostMap> {
  return judge(() => {
    const { post, signer, signature } = signed;
    demand(
      post.place.kind === "chain" && equalBytes(post.place.id, chainId),
      "OTHER_PLACE",
      "the post does not name this chain as its place",
    );
    demand(
      isSignedBy(rules, "signPost", encodePost(post), signature, signer),
      "BAD_SIGNATURE",
      "the post is not signed by the signer it names",
    );
    const key = computeDescendantKey(signer, post.chainId);
    const value = encode((writer) => writeSignedPost(writer, signed));
    const { before, after } = insist(setLast(posts, key, value));
    const last = before === undefined ? 0 : insist(decode(before, readSignedPost)).post.sequence;
    demand(
      post.sequence === last + 1,
      "SEQUENCE_GAP",
      `expected post ${last + 1}, got ${post.sequence}`,
    );
    return after;
  });
}

function setLast(
  posts: PostMap,
  key: Uint8Array,
  value: Uint8Array,
): Verdict<{ readonly before: Uint8Array | undefined; readonly after: PostMap }> {
  if (posts.kind === "whole") {
    const after = { kind: "whole", map: setValue(posts.map, key, value) } as const;
    return accept({ before: getValue(posts.map, key), after });
  }
  const [proof, ...proofs] = posts.proofs;
  if (proof === undefined) return refuse("BAD_POST_PROOF", "a post comes without its map proof");
  const updated = updateFromProof(posts.root, key, proof, value);
  if (!updated.ok) return refuse("BAD_POST_PROOF", updated.message);
  const { before, root } = updated.value;
  return accept({ before, after: { kind: "proven", root, proofs } });
}
