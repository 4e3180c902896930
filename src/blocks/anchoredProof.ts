import { equalBytes } from "../lib/bytes.ts";
import type { Reader, Writer } from "../lib/codec.ts";
import { demand, insist, judge, type Verdict } from "../lib/verdict.ts";
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  computeChainState,
  hashBlockHeader,
  readBlockHeader,
  writeBlockHeader,
} from "../protocol/blockHeader.ts";
import { PATH_BYTES_MAX, RUN_MAX } from "../protocol/limits.ts";
import type { ExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { type ProvenCell, verifyProof } from "../space/proof.ts";
import type { ChainFacts } from "./applyTransactions.ts";
import {
  findPosts,
  type Hop,
  type HopEntry,
  type PostingChain,
  readHops,
  writeHops,
} from "./hops.ts";
import { findRecordPath, type Lineage } from "./lineage.ts";

/**
 * The steps from a record on the main chain down to one cell of a chain's tree.
 *
 * - `sequence`: of the top chain's post. - `hops`: from the block it records down to the chain's posted
 *   block; none where the chain is the top chain itself.
 * - `headers`: from the block whose state after holds the cell to the chain's posted block, each linked to
 *   the one before, at most `RUN_MAX`.
 * - `rootsRoot`: 32 bytes, the other half of that state. - `path`: a single proof of `space`.
 *
 * @see docs/PROTOCOL.md sections 1, 6
 */
export type AnchoredProof = {
  readonly sequence: number;
  readonly hops: readonly Hop[];
  readonly headers: readonly BlockHeader[];
  readonly rootsRoot: Uint8Array;
  readonly path: Uint8Array;
};

/**
 * Where a proof stands in the order of the main chain, which is the only order there is: the
 * record's height and index in its block, then the block's place in the run under the record,
 * counted back from the posted block: `RUN_MAX - 1` for the posted block itself, less one for each
 * block before it. Smaller is earlier.
 */
export type Rank = { readonly height: number; readonly index: number; readonly place: number };

/** Negative if `a` is earlier than `b`, zero if neither is. */
export function compareRanks(a: Rank, b: Rank): number {
  return a.height - b.height || a.index - b.index || a.place - b.place;
}

/** Encode: sequence u32, hops (u8 count), headers (u16 count), roots root 32, path bytes. */
export function writeAnchoredProof(writer: Writer, proof: AnchoredProof): void {
  writer.u32(proof.sequence);
  writeHops(writer, proof.hops);
  writer.list(proof.headers, RUN_MAX, writeBlockHeader);
  writer.fixed(proof.rootsRoot, 32).bytes(proof.path, PATH_BYTES_MAX);
}

export function readAnchoredProof(reader: Reader): AnchoredProof {
  const sequence = reader.u32();
  const hops = readHops(reader);
  const headers = reader.list(RUN_MAX, BLOCK_HEADER_BYTES, readBlockHeader);
  const rootsRoot = reader.fixed(32);
  return { sequence, hops, headers, rootsRoot, path: reader.bytes(PATH_BYTES_MAX) };
}

/**
 * What an anchored proof proves: the cell's content, its rank, and the posts that it leans on, from the
 * record on the main chain down to its own chain's.
 */
export type AnchoredCell = {
  readonly cell: ProvenCell;
  readonly rank: Rank;
  readonly posts: readonly HopEntry[];
};

/**
 * Check an anchored proof against the record it names, as the main chain's state holds it.
 *
 * @param lineage - of the chain whose cell it is.
 * @param record - the existence record of post `proof.sequence` of the chain that the hops begin at (`findRecordPath`).
 */
export function verifyAnchoredProof(
  proof: AnchoredProof,
  lineage: Lineage,
  record: ExistenceRecord,
  rules: Rules,
): Verdict<AnchoredCell> {
  return judge(() => {
    const path = insist(findRecordPath(lineage, proof.hops.length));
    const chain = path.at(-1) ?? path[0];
    const { isRoot, rank, posts } = insist(openAnchored(proof, path, chain, record, rules));
    const cell = insist(verifyProof(isRoot, chain.lo, chain.hi, proof.path));
    return { cell, rank, posts };
  });
}

/**
 * The state that an anchored proof leads to.
 *
 * - `header`: of the block after which it stands. - `isRoot`: whether a root is that of its contracts.
 */
export type AnchoredState = Pick<AnchoredCell, "rank" | "posts"> & {
  readonly header: BlockHeader;
  readonly isRoot: (contractsRoot: Uint8Array) => boolean;
};

/**
 * Follow an anchored proof from its record down to the state, whatever its path shows there.
 *
 * @param path - the chains along the anchors: that of the record first, the one whose state it is last.
 * @param record - as in `verifyAnchoredProof`.
 */
export function openAnchored(
  proof: AnchoredProof,
  path: readonly PostingChain[],
  chain: Pick<ChainFacts, "id" | "expiry">,
  record: ExistenceRecord,
  rules: Rules,
): Verdict<AnchoredState> {
  return judge(() => {
    demand(
      record.height < chain.expiry,
      "POSTED_TOO_LATE",
      `expected a record below height ${chain.expiry}, got ${record.height}`,
    );
    const recorded = { sequence: proof.sequence, blockHash: record.hash };
    const posts = insist(findPosts(path, recorded, proof.hops, rules));
    insist(judgeLinks(proof.headers, chain, (posts.at(-1) ?? recorded).blockHash));
    const [header] = proof.headers as readonly [BlockHeader, ...BlockHeader[]];
    const isRoot = (contractsRoot: Uint8Array) =>
      equalBytes(computeChainState(contractsRoot, proof.rootsRoot), header.stateAfter);
    const place = RUN_MAX - proof.headers.length;
    return { header, isRoot, rank: { height: record.height, index: record.index, place }, posts };
  });
}

/** Whether headers of one chain link from first to last, and the last is the posted block. */
export function judgeLinks(
  headers: readonly BlockHeader[],
  chain: Pick<ChainFacts, "id">,
  postedHash: Uint8Array,
): Verdict<null> {
  return judge(() => {
    demand(headers.length > 0, "NO_HEADERS", "expected at least the posted block's header");
    let linked = hashBlockHeader(headers[0] as BlockHeader);
    headers.forEach((header, index) => {
      demand(equalBytes(header.chainId, chain.id), "OTHER_CHAIN", "a header is of another chain");
      if (index === 0) return;
      demand(
        equalBytes(header.previousHash, linked),
        "NOT_LINKED",
        `header ${index} does not link`,
      );
      linked = hashBlockHeader(header);
    });
    demand(equalBytes(linked, postedHash), "NOT_POSTED", "the last header is not the posted block");
    return null;
  });
}
