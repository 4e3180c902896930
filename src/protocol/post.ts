import { encode, type Reader, type Writer } from "../lib/codec.ts";
import { taggedHash } from "../lib/hash.ts";
import { demand, Refusal } from "../lib/verdict.ts";
import { TAGS } from "./tags.ts";

/**
 * A chain's record that `blockHash` is the block of its post number `sequence`. On-chain chains post
 * on the main chain; the other places belong to sealed contracts and are not served yet.
 *
 * - `sequence`: u32, from 1, without gap. - `chainId`, `blockHash`: 32 bytes.
 *
 * @see docs/PROTOCOL.md section 4, posts and history
 */
export type Post = {
  readonly chainId: Uint8Array;
  readonly sequence: number;
  readonly blockHash: Uint8Array;
};

const PLACE_MAIN_CHAIN = 1;
const NO_ID = new Uint8Array(32);

/** Encode: place u8 and anchor id 32 (1 and zeros: the main chain), chain id 32, sequence u32, block hash 32. Signed as `signPost`. */
export function writePost(writer: Writer, post: Post): void {
  writer.u8(PLACE_MAIN_CHAIN).fixed(NO_ID, 32);
  writer.fixed(post.chainId, 32).u32(post.sequence).fixed(post.blockHash, 32);
}

export function readPost(reader: Reader): Post {
  const place = reader.u8();
  if (place !== PLACE_MAIN_CHAIN) {
    throw new Refusal(
      "NOT_SERVED",
      "posts in another place than the main chain are not served yet",
    );
  }
  demand(
    reader.fixed(32).every((byte) => byte === 0),
    "NOT_CANONICAL",
    "expected a zero anchor id for a post on the main chain",
  );
  const chainId = reader.fixed(32);
  const sequence = reader.u32();
  demand(sequence > 0, "SEQUENCE_ZERO", "expected a sequence from 1");
  return { chainId, sequence, blockHash: reader.fixed(32) };
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
