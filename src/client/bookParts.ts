import type { CloseDeadline } from "../blocks/history.ts";
import { readHops, writeHops } from "../blocks/hops.ts";
import type { Reader, Writer } from "../lib/codec.ts";
import { formatHex, parseHex } from "../lib/hex.ts";
import { demand } from "../lib/verdict.ts";
import { BLOCK_HEADER_BYTES, readBlockHeader, writeBlockHeader } from "../protocol/blockHeader.ts";
import { readLeaf, writeLeaf } from "../protocol/leaf.ts";
import {
  BLOCK_TRANSACTIONS_MAX,
  FACTS_MAX,
  POST_PROOF_BYTES_MAX,
  RUN_MAX,
  SCRIPT_BYTES_MAX,
  SUCCESSORS_MAX,
} from "../protocol/limits.ts";
import { readPlace, writePlace } from "../protocol/place.ts";
import { readPost, writePost } from "../protocol/post.ts";
import type { TakenBlock } from "./chainBook.ts";
import { readCheckedPost, writeCheckedPost } from "./checkedPost.ts";
import type { DescendantPosts, DescendantUpdate } from "./descendantPosts.ts";
import { type HistoryEntry, readEntry, writeEntry } from "./entry.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import type { Releases } from "./releases.ts";
import { readSignedHeader, writeSignedHeader } from "./signedHeader.ts";
import type { LiveContract } from "./standing.ts";

/** Bytes of a single proof: 64 splits and 32 branches, with room for the leaf. */
const PATH_BYTES_MAX = 8 * 1024;
/** Oracles that the successors of one close may bet on. */
const ORACLES_MAX = SUCCESSORS_MAX * FACTS_MAX;
/** Most items in a list of the codec. */
export const LIST_MAX = 65_535;

/** Write a flag, and the value where there is one. */
export function writeOptional<Value>(
  writer: Writer,
  value: Value | undefined,
  write: (writer: Writer, value: Value) => void,
): void {
  writer.flag(value !== undefined);
  if (value !== undefined) write(writer, value);
}

export function readOptional<Value>(
  reader: Reader,
  read: (reader: Reader) => Value,
): Value | undefined {
  return reader.flag() ? read(reader) : undefined;
}

export function writeLive(writer: Writer, { leaf, place, madeIn }: LiveContract): void {
  writeLeaf(writer, leaf);
  writePlace(writer, place);
  writer.u32(madeIn);
}

export function readLive(reader: Reader): LiveContract {
  return { leaf: readLeaf(reader), place: readPlace(reader), madeIn: reader.u32() };
}

export function writeOwn(writer: Writer, own: OwnLeaf): void {
  writeLive(writer, own);
  writer.bytes(own.path, PATH_BYTES_MAX).fixed(own.rootsRoot, 32);
  writeOptional(writer, own.script, (each, script) => each.bytes(script, SCRIPT_BYTES_MAX));
  writer.flag(own.isOtherSideFree).list(own.headers, RUN_MAX, writeBlockHeader);
  writeOptional(writer, own.post, writeCheckedPost);
  writeOptional(writer, own.closedIn, (each, height) => each.u32(height));
  writeOptional(writer, own.closedUnder, (each, { sequence, height, index }) =>
    each.u32(sequence).u32(height).u32(index),
  );
  writeOptional(writer, own.cost, (each, cost) => each.u64(cost));
}

export function readOwn(reader: Reader): OwnLeaf {
  return {
    ...readLive(reader),
    path: reader.bytes(PATH_BYTES_MAX),
    rootsRoot: reader.fixed(32),
    script: readOptional(reader, (each) => each.bytes(SCRIPT_BYTES_MAX)),
    isOtherSideFree: reader.flag(),
    headers: reader.list(RUN_MAX, BLOCK_HEADER_BYTES, readBlockHeader),
    post: readOptional(reader, readCheckedPost),
    closedIn: readOptional(reader, (each) => each.u32()),
    closedUnder: readOptional(reader, (each) => {
      return { sequence: each.u32(), height: each.u32(), index: each.u32() };
    }),
    cost: readOptional(reader, (each) => each.u64()),
  };
}

export function writeTaken(writer: Writer, block: TakenBlock): void {
  writeSignedHeader(writer, block);
  writer.list(block.deadlines, LIST_MAX, writeDeadline);
  writer.list(block.closed, LIST_MAX, (each, { place, contract }) => {
    writePlace(each, place);
    writeOptional(each, contract, writeLive);
  });
  writer.list(block.updates, BLOCK_TRANSACTIONS_MAX, writeUpdate);
  writer.fixed(block.contractsRoot, 32).fixed(block.rootsRoot, 32);
  writer.list(block.proofs, LIST_MAX, (each, [key, proof]) =>
    each.fixed(parseHex(key), 32).bytes(proof, POST_PROOF_BYTES_MAX),
  );
}

export function readTaken(reader: Reader): TakenBlock {
  const signed = readSignedHeader(reader);
  const deadlines = reader.list(LIST_MAX, 40, readDeadline);
  const closed = reader.list(LIST_MAX, 19, (each) => ({
    place: readPlace(each),
    contract: readOptional(each, readLive),
  }));
  demand(closed.length === deadlines.length, "NOT_CANONICAL", "a close has no deadline");
  const updates = reader.list(BLOCK_TRANSACTIONS_MAX, 36, readUpdate);
  const contractsRoot = reader.fixed(32);
  const rootsRoot = reader.fixed(32);
  const proofs = reader.list(LIST_MAX, 36, (each) => {
    return [formatHex(each.fixed(32)), each.bytes(POST_PROOF_BYTES_MAX)] as const;
  });
  return { ...signed, deadlines, closed, updates, contractsRoot, rootsRoot, proofs };
}

function writeDeadline(writer: Writer, deadline: CloseDeadline): void {
  writer.fixed(deadline.contractId, 32).u32(deadline.heightMax);
  writer.list(deadline.oracles, ORACLES_MAX, (each, key) => each.fixed(key, 32));
  writer.list(deadline.takes, LIST_MAX, (each, id) => each.fixed(id, 32));
}

function readDeadline(reader: Reader): CloseDeadline {
  return {
    contractId: reader.fixed(32),
    heightMax: reader.u32(),
    oracles: reader.list(ORACLES_MAX, 32, (each) => each.fixed(32)),
    takes: reader.list(LIST_MAX, 32, (each) => each.fixed(32)),
  };
}

function writeUpdate(writer: Writer, { key, post, madeIn }: DescendantUpdate): void {
  writer.fixed(parseHex(key), 32);
  writePost(writer, post);
  writer.u32(madeIn);
}

function readUpdate(reader: Reader): DescendantUpdate {
  return { key: formatHex(reader.fixed(32)), post: readPost(reader), madeIn: reader.u32() };
}

export function writePosts(writer: Writer, posts: DescendantPosts): void {
  writer.u32(posts.taken).u32(posts.recorded);
  writer.bytes(posts.proof, POST_PROOF_BYTES_MAX);
  writeHops(writer, posts.hop === undefined ? [] : [posts.hop]);
  writer.u32(posts.first);
  writer.list(posts.entries, LIST_MAX, writeHistoryEntry);
}

export function readPosts(reader: Reader): DescendantPosts {
  return {
    taken: reader.u32(),
    recorded: reader.u32(),
    proof: reader.bytes(POST_PROOF_BYTES_MAX),
    hop: readHops(reader)[0],
    first: reader.u32(),
    entries: reader.list(LIST_MAX, 109, readHistoryEntry),
  };
}

export function writeReleases(writer: Writer, { kept, forgotten }: Releases): void {
  writer.list(kept, LIST_MAX, (each, { lo, hi, height }) => each.u64(lo).u64(hi).u32(height));
  writer.list(forgotten, LIST_MAX, (each, { lo, hi }) => each.u64(lo).u64(hi));
}

export function readReleases(reader: Reader): Releases {
  const kept = reader.list(LIST_MAX, 20, (each) => {
    return { lo: each.u64(), hi: each.u64(), height: each.u32() };
  });
  const forgotten = reader.list(LIST_MAX, 16, (each) => ({ lo: each.u64(), hi: each.u64() }));
  return { kept, forgotten };
}

function writeHistoryEntry(writer: Writer, entry: HistoryEntry): void {
  writeEntry(writer, entry);
  writeHops(writer, entry.hopsBefore);
}

function readHistoryEntry(reader: Reader): HistoryEntry {
  return { ...readEntry(reader), hopsBefore: readHops(reader) };
}
