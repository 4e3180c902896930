import type { ChainFacts } from "../blocks/applyTransactions.ts";
import { concatBytes, equalBytes } from "../lib/bytes.ts";
import { decode, encode, type Reader, type Writer } from "../lib/codec.ts";
import { sha256 } from "../lib/hash.ts";
import { formatHex, parseHex } from "../lib/hex.ts";
import { demand, type Verdict } from "../lib/verdict.ts";
import { BLOCK_HEADER_BYTES } from "../protocol/blockHeader.ts";
import {
  CONDITION_BYTES_MIN,
  hashCondition,
  readCondition,
  writeCondition,
} from "../protocol/condition.ts";
import { LATE_SPACE_BYTES_MIN, readLateSpace, writeLateSpace } from "../protocol/recordSeen.ts";
import {
  LIST_MAX,
  readLive,
  readOptional,
  readOwn,
  readPosts,
  readReleases,
  readTaken,
  writeLive,
  writeOptional,
  writeOwn,
  writePosts,
  writeReleases,
  writeTaken,
} from "./bookParts.ts";
import type { ChainBook, Scope } from "./chainBook.ts";
import { readCheckedPost, writeCheckedPost } from "./checkedPost.ts";
import type { OwnLeaf } from "./ownLeaves.ts";
import { readSignedHeader, writeSignedHeader } from "./signedHeader.ts";
import { CROWD_PIECES, type Crowd, type LiveContract } from "./standing.ts";
import { readTradeRecords, writeTradeRecords } from "./tradeRecords.ts";

/** Raised with every change of the bytes below: a row of another layout counts as damaged, and the blocks are read again. */
const LAYOUT = 6;

/**
 * A checked book as bytes: what a checker of all blocks goes on from. Nothing in it can be checked again
 * without the blocks, so a checksum tells a damaged row from the one that was written. A breach is not
 * part of it: its evidence is kept by itself, and judged again.
 *
 * Encode: SHA-256 of layout and rest 32, then tip, scope, run, entries, contracts, crowd, conditions, frozen, releases, recorded, counts,
 * last headers, fallen headers, trades.
 */
export function encodeBook(book: ChainBook): Uint8Array {
  const rest = encode((writer) => writeBook(writer, book));
  return encode((writer) => writer.fixed(checksumOf(rest), 32).fixed(rest, rest.length));
}

export function decodeBook(bytes: Uint8Array, chain: ChainFacts): Verdict<ChainBook> {
  return decode(bytes, (reader) => {
    const checksum = reader.fixed(32);
    const isIntact = equalBytes(checksum, checksumOf(bytes.subarray(32)));
    demand(isIntact, "DAMAGED", "the row is not as it was written");
    return readBook(reader, chain);
  });
}

function checksumOf(rest: Uint8Array): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(LAYOUT), rest));
}

function writeBook(writer: Writer, book: ChainBook): void {
  const { tip } = book;
  writer.fixed(tip.hash, 32).u32(tip.height).fixed(tip.state, 32).u32(tip.mainHeight);
  writeScope(writer, book.scope);
  writeOptional(writer, book.shareSince, (each, count) => each.u32(count));
  writer.list(book.run, LIST_MAX, writeTaken);
  writer.u32(book.postCount);
  writeOptional(writer, book.lastPost, writeCheckedPost);
  writer.list(book.anchoredBlocks, LIST_MAX, (each, hash) => each.fixed(hash, 32));
  writer.list([...book.descendants], LIST_MAX, (each, [key, posts]) => {
    each.fixed(parseHex(key), 32);
    writePosts(each, posts);
  });
  writer.list([...book.live.values()], LIST_MAX, writeLive);
  writer.list(book.crowd, CROWD_PIECES, (each, { count, width }) => each.u32(count).u64(width));
  writer.list([...book.own.values()], LIST_MAX, writeOwn);
  writer.list([...book.inside.values()], LIST_MAX, writeOwn);
  writer.list([...book.conditions.values()], LIST_MAX, writeCondition);
  writer.list(book.frozen, LIST_MAX, (each, frozen) => {
    writeLateSpace(each, frozen);
    each.flag(frozen.isSwept);
  });
  writeReleases(writer, book.releases);
  writer.u32(book.recorded);
  writer.u32(book.counts.transactions).u32(book.counts.signatures);
  writeOptional(writer, book.lastBlock, writeSignedHeader);
  writer.list(book.posted, LIST_MAX, writeSignedHeader);
  writer.list(book.fallen, LIST_MAX, writeSignedHeader);
  writeTradeRecords(writer, book);
}

function readBook(reader: Reader, chain: ChainFacts): ChainBook {
  const tip = {
    hash: reader.fixed(32),
    height: reader.u32(),
    state: reader.fixed(32),
    mainHeight: reader.u32(),
  };
  const scope = readScope(reader);
  const shareSince = readOptional(reader, (each) => each.u32());
  const run = reader.list(LIST_MAX, 1, readTaken);
  const postCount = reader.u32();
  const lastPost = readOptional(reader, readCheckedPost);
  const anchoredBlocks = reader.list(LIST_MAX, 32, (each) => each.fixed(32));
  const descendants = reader.list(LIST_MAX, 47, (each) => {
    return [formatHex(each.fixed(32)), readPosts(each)] as const;
  });
  const live = reader.list(LIST_MAX, 1, readLive);
  const crowd: Crowd = reader.list(CROWD_PIECES, 12, (each) => {
    return { count: each.u32(), width: each.u64() };
  });
  const own = reader.list(LIST_MAX, 1, readOwn);
  const inside = reader.list(LIST_MAX, 1, readOwn);
  const conditions = reader.list(LIST_MAX, CONDITION_BYTES_MIN, readCondition);
  const frozen = reader.list(LIST_MAX, LATE_SPACE_BYTES_MIN + 1, (each) => {
    return { ...readLateSpace(each), isSwept: each.flag() };
  });
  const releases = readReleases(reader);
  const recorded = reader.u32();
  return {
    chain,
    scope,
    shareSince,
    tip,
    run,
    postCount,
    lastPost,
    anchoredBlocks,
    descendants: new Map(descendants),
    live: byId<LiveContract>(live),
    crowd,
    own: byId<OwnLeaf>(own),
    inside: byId<OwnLeaf>(inside),
    conditions: new Map(conditions.map((each) => [formatHex(hashCondition(each)), each])),
    frozen,
    releases,
    recorded,
    counts: { transactions: reader.u32(), signatures: reader.u32() },
    lastBlock: readOptional(reader, readSignedHeader),
    posted: reader.list(LIST_MAX, BLOCK_HEADER_BYTES, readSignedHeader),
    fallen: reader.list(LIST_MAX, BLOCK_HEADER_BYTES, readSignedHeader),
    ...readTradeRecords(reader),
    breach: undefined,
  };
}

function writeScope(writer: Writer, { owner, descendants }: Scope): void {
  writeOptional(writer, owner, (each, key) => each.fixed(key, 33));
  writer.list(descendants, LIST_MAX, (each, { id, operator }) =>
    each.fixed(id, 32).fixed(operator, 33),
  );
}

function readScope(reader: Reader): Scope {
  const owner = readOptional(reader, (each) => each.fixed(33));
  const descendants = reader.list(LIST_MAX, 65, (each) => {
    return { id: each.fixed(32), operator: each.fixed(33) };
  });
  return { owner, descendants };
}

function byId<Contract extends LiveContract>(
  contracts: readonly Contract[],
): ReadonlyMap<string, Contract> {
  return new Map(contracts.map((each) => [formatHex(each.leaf.id), each]));
}
