import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { demand } from "../lib/verdict.ts";
import { type NamedPlace, readNamedPlace, writeAnchor } from "./anchor.ts";
import { readSignature, writeSignature } from "./signature.ts";
import { TAGS } from "./tags.ts";

/**
 * A chain's word that `blockHash` is the block of its post number `sequence`, in the place that it
 * posts to.
 *
 * - `sequence`: u32, from 1, without gap. - `chainId`, `blockHash`: 32 bytes.
 *
 * @see docs/PROTOCOL.md section 4, posts and history
 */
export type Post = {
  readonly place: NamedPlace;
  readonly chainId: Uint8Array;
  readonly sequence: number;
  readonly blockHash: Uint8Array;
};

/** A post with the chain's operator, 33 bytes, and his signature (`signPost`). */
export type SignedPost = {
  readonly post: Post;
  readonly signer: Uint8Array;
  readonly signature: Uint8Array;
};

/** Encode: place 33, chain id 32, sequence u32, block hash 32. Signed as `signPost`. */
export function writePost(writer: Writer, post: Post): void {
  writeAnchor(writer, post.place);
  writer.fixed(post.chainId, 32).u32(post.sequence).fixed(post.blockHash, 32);
}

export function readPost(reader: Reader): Post {
  const place = readNamedPlace(reader);
  const chainId = reader.fixed(32);
  const sequence = reader.u32();
  demand(sequence > 0, "SEQUENCE_ZERO", "expected a sequence from 1");
  return { place, chainId, sequence, blockHash: reader.fixed(32) };
}

/** Encode: post, signer 33, signature 65. */
export function writeSignedPost(writer: Writer, { post, signer, signature }: SignedPost): void {
  writePost(writer, post);
  writer.fixed(signer, 33);
  writeSignature(writer, signature);
}

export function readSignedPost(reader: Reader): SignedPost {
  const post = readPost(reader);
  const signer = reader.fixed(33);
  return { post, signer, signature: readSignature(reader) };
}

export function encodePost(post: Post): Uint8Array {
  return encode((writer) => writePost(writer, post));
}

/** The key of a post in the main chain's existence map. `signer` is the chain's operator. */
export function computePostKey(
  signer: Uint8Array,
  chainId: Uint8Array,
  sequence: number,
): Uint8Array {
  return taggedHash(
    TAGS.postKey,
    encode((writer) => writer.fixed(signer, 33).fixed(chainId, 32).u32(sequence)),
  );
}

/**
 * The key of a descendant's last post in its anchor's map of posts. The signer is part of it, so
 * nobody but the descendant's operator can stand where it is looked for.
 */
export function computeDescendantKey(signer: Uint8Array, chainId: Uint8Array): Uint8Array {
  return taggedHash(
    TAGS.descendantKey,
    encode((writer) => writer.fixed(signer, 33).fixed(chainId, 32)),
  );
}

/** What the existence map keeps of a record: where it stands on the main chain, and what it recorded. */
export type ExistenceRecord = {
  readonly height: number;
  readonly index: number;
  /** The posted block's hash, or the plain 32 bytes. */
  readonly hash: Uint8Array;
};

/** Encode: height u32, index of the transaction in its block u32, hash 32. */
export function writeExistenceRecord(writer: Writer, record: ExistenceRecord): void {
  writer.u32(record.height).u32(record.index).fixed(record.hash, 32);
}

export function readExistenceRecord(reader: Reader): ExistenceRecord {
  return { height: reader.u32(), index: reader.u32(), hash: reader.fixed(32) };
}
