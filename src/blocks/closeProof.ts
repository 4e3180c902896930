import { equalBytes } from "../lib/bytes.ts";
import { decode, type Reader, type Writer } from "../lib/codec.ts";
import { type ListProof, readListProof, verifyItem, writeListProof } from "../lib/merkleList.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import {
  BLOCK_HEADER_BYTES,
  type BlockHeader,
  computeChainState,
  hashBlockHeader,
  readBlockHeader,
  writeBlockHeader,
} from "../protocol/blockHeader.ts";
import {
  CONDITION_BYTES_MIN,
  type Condition,
  readCondition,
  writeCondition,
} from "../protocol/condition.ts";
import type { ContractClose } from "../protocol/contractClose.ts";
import { type ContractNew, encodeContractNew } from "../protocol/contractNew.ts";
import type { Leaf } from "../protocol/leaf.ts";
import { RUN_MAX, WITNESS_BYTES_MAX } from "../protocol/limits.ts";
import type { Match } from "../protocol/match.ts";
import type { Place } from "../protocol/place.ts";
import type { ExistenceRecord } from "../protocol/post.ts";
import type { Rules } from "../protocol/rules.ts";
import { findLeaf, isFree, leavesWithin, type SpaceTree, treeRoot } from "../space/tree.ts";
import { decodeWitness } from "../space/witness.ts";
import { judgeLinks, type Rank } from "./anchoredProof.ts";
import { type ChainFacts, judgeExactAuthority } from "./applyTransactions.ts";
import { findBetOracles, findMarketOracles, showConditions } from "./betOracles.ts";
import {
  findPosts,
  followHops,
  type Hop,
  type HopEntry,
  type PostingChain,
  readHops,
  writeHops,
} from "./hops.ts";
import { judgeMatch } from "./judgeMatch.ts";
import { findRecordPath, type Lineage } from "./lineage.ts";
import {
  type BlockTransaction,
  encodeBlockTransaction,
  readBlockTransaction,
} from "./transaction.ts";

/** One side of a block's state: the map of posts, and a pruned tree of the contracts. */
export type StateProof = { readonly rootsRoot: Uint8Array; readonly witness: Uint8Array };

/** A transaction shown under a block's updates root: a close, or a match of orders, which closes what they use up. */
export type ShownClose = { readonly transaction: Uint8Array; readonly proof: ListProof };

/**
 * All that shows the main chain that a contract was closed by its owner's word, between two adjacent
 * records, and what stands where it stood.
 *
 * - `sequence`: of the top chain's post under which the chain's run holds the close. - `hops`: from that
 *   post's block down to the chain's posted block; none where the chain is the top chain itself.
 * - `hopsBefore`: the same under the top chain's post before; none for its post 1.
 * - `before`: the header of the chain's posted block there; none if it had not posted yet.
 * - `run`: every header after that block up to the posted one. - `at`: which of them holds the close.
 * - `close`: the close. `others`: closes in the same block of the ranges that others brought.
 * - `stateBefore`, `stateAfter`: of the block at `at`.
 *
 * @see docs/PROTOCOL.md sections 4, 6
 */
export type CloseProof = PostedClose & { readonly stateAfter: StateProof };

/** As `CloseProof`, without what stands afterwards: that a close was posted between two adjacent records, and of what. */
export type PostedClose = {
  readonly sequence: number;
  readonly hops: readonly Hop[];
  readonly hopsBefore: readonly Hop[];
  readonly before: BlockHeader | undefined;
  readonly run: readonly BlockHeader[];
  readonly at: number;
  readonly close: ShownClose;
  readonly others: readonly ShownClose[];
  /** Bodies of the conditions that successors stand under beyond the closed contract's own. */
  readonly conditions: readonly Condition[];
  readonly stateBefore: StateProof;
};

/** A contract and where it stands. */
type StandingLeaf = { readonly place: Place; readonly leaf: Leaf };

/**
 * A close that counts: what it closed (a match of orders, all that they use up), what it made, and where it stands
 * in the order.
 */
export type ProvenClose = {
  readonly closed: readonly StandingLeaf[];
  readonly successors: readonly StandingLeaf[];
  /** Oracles bet on: the caller checks that the record stands below their results (`isBelowResults`). */
  readonly oracles: readonly Uint8Array[];
  readonly rank: Rank;
  /** The posts that it leans on, from the record on the main chain down to its own chain's. */
  readonly posts: readonly HopEntry[];
};

/** Bytes of a close as a transaction: sixteen successors with their conditions, or a whole condition and its proofs. */
const SHOWN_CLOSE_BYTES_MAX = 64 * 1024;
/** Closes of other ranges that one slash may show: one for each successor at most. */
const OTHERS_MAX = 16;
/** Distinct conditions of sixteen successors that one slash may show. */
const SHOWN_CONDITIONS_MAX = 64;

/** Encode: posted close, state after (roots root 32, witness bytes). */
export function writeCloseProof(writer: Writer, proof: CloseProof): void {
  writePostedClose(writer, proof);
  writeStateProof(writer, proof.stateAfter);
}

export function readCloseProof(reader: Reader): CloseProof {
  const posted = readPostedClose(reader);
  return { ...posted, stateAfter: readStateProof(reader) };
}

/** Encode: sequence u32, hops, hops before, flag and header before, run, at u16, close, others, conditions, state before. */
export function writePostedClose(writer: Writer, proof: PostedClose): void {
  writer.u32(proof.sequence);
  writeHops(writer, proof.hops);
  writeHops(writer, proof.hopsBefore);
  writer.flag(proof.before !== undefined);
  if (proof.before !== undefined) writeBlockHeader(writer, proof.before);
  writer.list(proof.run, RUN_MAX, writeBlockHeader).u16(proof.at);
  writeShownClose(writer, proof.close);
  writer.list(proof.others, OTHERS_MAX, writeShownClose);
  writer.list(proof.conditions, SHOWN_CONDITIONS_MAX, writeCondition);
  writeStateProof(writer, proof.stateBefore);
}

export function readPostedClose(reader: Reader): PostedClose {
  const sequence = reader.u32();
  const hops = readHops(reader);
  const hopsBefore = readHops(reader);
  const before = reader.flag() ? readBlockHeader(reader) : undefined;
  const run = reader.list(RUN_MAX, BLOCK_HEADER_BYTES, readBlockHeader);
  const at = reader.u16();
  const close = readShownClose(reader);
  const others = reader.list(OTHERS_MAX, 8, readShownClose);
  const conditions = reader.list(SHOWN_CONDITIONS_MAX, CONDITION_BYTES_MIN, readCondition);
  const place = { sequence, hops, hopsBefore, before, run, at };
  return { ...place, close, others, conditions, stateBefore: readStateProof(reader) };
}

/**
 * Check a close against the two records it stands between.
 *
 * @param lineage - of the chain in which the contract was closed.
 * @param record - the existence record of post `proof.sequence` of the chain that the hops begin at (`findRecordPath`).
 * @param recordBefore - of its sequence before; undefined for post 1.
 */
export function verifyCloseProof(
  proof: CloseProof,
  rules: Rules,
  lineage: Lineage,
  record: ExistenceRecord,
  recordBefore: ExistenceRecord | undefined,
): Verdict<ProvenClose> {
  return judge(() => {
    const path = insist(findRecordPath(lineage, proof.hops.length));
    const chain = path.at(-1) ?? path[0];
    const opened = insist(openPostedClose(proof, path, chain, rules, record, recordBefore));
    const { header, previousHash, shown, rank, posts } = opened;
    const trees = {
      before: opened.before,
      after: openState(proof.stateAfter, header.stateAfter, chain),
    };
    const authority = { rules, previousHash, height: record.height };
    const change =
      shown.kind === "match"
        ? verifyMatch(proof, shown.match, trees, authority)
        : verifyExact(proof, shown.close, opened.others, trees, authority);
    return { ...change, rank, posts };
  });
}

/**
 * A close where it was posted: the header of its block, the hash of the block before it, what was shown of its
 * transactions, and the contracts before.
 */
export type OpenedClose = Pick<ProvenClose, "rank" | "posts"> & {
  readonly header: BlockHeader;
  readonly previousHash: Uint8Array;
  readonly shown: ShownTransaction;
  readonly others: readonly ShownTransaction[];
  readonly before: SpaceTree;
};

/**
 * Follow a close from the two records it stands between down to its block; whose word it is, and whether it
 * counts, is not looked at.
 *
 * @param path - the chains along the anchors: that of the records first, the one of the close last.
 * @param record - of post `proof.sequence` of the first. @param recordBefore - as in `verifyCloseProof`.
 */
export function openPostedClose(
  proof: PostedClose,
  path: readonly PostingChain[],
  chain: ChainFacts,
  rules: Rules,
  record: ExistenceRecord,
  recordBefore: ExistenceRecord | undefined,
): Verdict<OpenedClose> {
  return judge(() => {
    demand(record.height < chain.expiry, "POSTED_TOO_LATE", "the record is not below the expiry");
    const recorded = { sequence: proof.sequence, blockHash: record.hash };
    const posts = insist(findPosts(path, recorded, proof.hops, rules));
    insist(judgeLinks(proof.run, chain, (posts.at(-1) ?? recorded).blockHash));
    const entryBefore = findEntryBefore(proof, path, recordBefore, rules);
    const { header, previousHash, stateBefore } = insist(locate(proof, chain, entryBefore));
    const shown = readShown(proof.close, header);
    const others = proof.others.map((other) => readShown(other, header));
    const before = openState(proof.stateBefore, stateBefore, chain);
    const place = RUN_MAX - (proof.run.length - proof.at);
    const rank = { height: record.height, index: record.index, place };
    return { header, previousHash, shown, others, before, rank, posts };
  });
}

/** The contracts before the block and after it, as far as they are shown. */
type ShownTrees = { readonly before: SpaceTree; readonly after: SpaceTree };

type Authority = {
  readonly rules: Rules;
  readonly previousHash: Uint8Array;
  /** Of the record over the close. */
  readonly height: number;
};

type ShownChange = Pick<ProvenClose, "closed" | "successors" | "oracles">;

function verifyExact(
  proof: CloseProof,
  close: ContractClose,
  shownOthers: readonly ShownTransaction[],
  trees: ShownTrees,
  { rules, previousHash, height }: Authority,
): ShownChange {
  const leaf = insist(findLeaf(trees.before, close.place));
  if (leaf === undefined || !equalBytes(leaf.id, close.contractId)) {
    throw new Refusal(
      "NOT_STANDING",
      "the contract did not stand in the state after the named block",
    );
  }
  insist(judgeExactAuthority(close, leaf, { rules, previousHash, mainHeight: height }));
  const by = close.authorisation;
  const named = by.kind === "exact" ? by.close.successors : [];
  const successors = named.map((successor) => findSuccessor(trees.after, successor));
  for (const standing of insist(leavesWithin(trees.after, close.place))) {
    demand(
      successors.some((successor) => equalBytes(successor.leaf.id, standing.id)),
      "SPACE_NOT_FREE",
      `the close leaves [${standing.lo}, ${standing.hi}) to contracts that it names, and another one stands there`,
    );
  }
  const others = shownOthers.map(insistClose);
  for (const successor of successors) {
    demand(
      isWithin(successor.place, close.place) || wasBrought(trees.before, successor.place, others),
      "NOT_BROUGHT",
      "a successor stands on a range that nobody brought in this block",
    );
  }
  const oracles = insist(findBetOracles(close.place, named, showConditions(proof.conditions)));
  return { closed: [{ leaf, place: close.place }], successors, oracles };
}

/** A match is shown whole: all its orders are checked, and all that they make stands after the block. */
function verifyMatch(
  proof: CloseProof,
  match: Match,
  trees: ShownTrees,
  authority: Authority,
): ShownChange {
  demand(proof.others.length === 0, "TOO_MANY_CLOSES", "a match brings all that it gives");
  const standing = (place: Place) => insist(findLeaf(trees.before, place));
  const { closed, contracts } = insist(judgeMatch(match, standing, authority));
  const successors = contracts.map((contract) => findSuccessor(trees.after, contract));
  const oracles = insist(findMarketOracles(match.market, showConditions(proof.conditions)));
  return { closed, successors, oracles };
}

function insistClose(shown: ShownTransaction): ContractClose {
  if (shown.kind !== "contract-close") throw new Refusal("NOT_A_CLOSE", "expected a close");
  return shown.close;
}

/** The block that the chain had posted under the record before; undefined if none. */
function findEntryBefore(
  { hopsBefore }: PostedClose,
  path: readonly PostingChain[],
  recordBefore: ExistenceRecord | undefined,
  rules: Rules,
): Uint8Array | undefined {
  if (recordBefore !== undefined) {
    return insist(followHops(path, recordBefore.hash, hopsBefore, rules));
  }
  demand(hopsBefore.length === 0, "TOO_MANY_HOPS", "no record stands before the first");
  return undefined;
}

/** The header of the close, the hash of the block before it, and the state it was made on. */
function locate(
  proof: PostedClose,
  chain: Pick<ChainFacts, "id">,
  entryBefore: Uint8Array | undefined,
): Verdict<{ header: BlockHeader; previousHash: Uint8Array; stateBefore: Uint8Array }> {
  return judge(() => {
    const first = proof.run[0] as BlockHeader;
    demand(
      equalBytes(first.previousHash, entryBefore ?? chain.id),
      "NOT_HISTORY",
      "the run does not link back to the post before",
    );
    const header = proof.run[proof.at];
    if (header === undefined)
      throw new Refusal("NO_SUCH_HEADER", `no header ${proof.at} in the run`);
    if (proof.at > 0) {
      const previous = proof.run[proof.at - 1] as BlockHeader;
      return { header, previousHash: header.previousHash, stateBefore: previous.stateAfter };
    }
    const previous = proof.before;
    if (previous === undefined || entryBefore === undefined) {
      throw new Refusal("NOTHING_TO_CLOSE", "no contract stands before a chain's first block");
    }
    demand(
      equalBytes(hashBlockHeader(previous), entryBefore),
      "WRONG_HEADER_BEFORE",
      "the header before is not the posted one",
    );
    return { header, previousHash: header.previousHash, stateBefore: previous.stateAfter };
  });
}

/** A close, or a match of orders, as a block holds it. */
export type ShownTransaction = Extract<BlockTransaction, { kind: "contract-close" | "match" }>;

/** The transaction that is shown under a header's updates root; throws a `Refusal` where it is not a close of it. */
export function readShown(shown: ShownClose, header: BlockHeader): ShownTransaction {
  insist(verifyItem(header.updatesRoot, shown.transaction, shown.proof));
  const transaction = insist(decode(shown.transaction, readBlockTransaction));
  if (transaction.kind !== "contract-close" && transaction.kind !== "match") {
    throw new Refusal("NOT_A_CLOSE", "the transaction shown is not a close");
  }
  demand(
    equalBytes(encodeBlockTransaction(transaction), shown.transaction),
    "NOT_CANONICAL",
    "the transaction shown is not canonical",
  );
  return transaction;
}

function openState(
  state: StateProof,
  hash: Uint8Array,
  chain: Pick<ChainFacts, "lo" | "hi">,
): SpaceTree {
  const tree = insist(decodeWitness(state.witness, chain.lo, chain.hi));
  demand(
    equalBytes(computeChainState(treeRoot(tree), state.rootsRoot), hash),
    "WRONG_STATE",
    "the tree shown is not of the block's state",
  );
  return tree;
}

function findSuccessor(tree: SpaceTree, contract: ContractNew): { place: Place; leaf: Leaf } {
  const leaf = insist(findLeaf(tree, contract.place));
  const isSame =
    leaf !== undefined &&
    !leaf.sealed &&
    equalBytes(
      encodeContractNew({
        place: contract.place,
        owner: leaf.owner,
        depositBps: leaf.depositBps,
        scriptHash: leaf.scriptHash,
      }),
      encodeContractNew(contract),
    );
  if (!isSame)
    throw new Refusal("SUCCESSOR_MISSING", "a named successor does not stand after the block");
  return { place: contract.place, leaf };
}

function isWithin(inner: Place, outer: Place): boolean {
  return inner.lo >= outer.lo && inner.hi <= outer.hi;
}

/** Whether the range of `place` was free after the named block, or held by contracts closed in the same block. */
function wasBrought(before: SpaceTree, place: Place, others: readonly ContractClose[]): boolean {
  const range = { lo: place.lo, hi: place.hi, conditions: [] };
  if (insist(isFree(before, range))) return true;
  return insist(leavesWithin(before, range)).every((standing) =>
    others.some((other) => equalBytes(other.contractId, standing.id)),
  );
}

export function writeShownClose(writer: Writer, shown: ShownClose): void {
  writer.bytes(shown.transaction, SHOWN_CLOSE_BYTES_MAX);
  writeListProof(writer, shown.proof);
}

export function readShownClose(reader: Reader): ShownClose {
  return { transaction: reader.bytes(SHOWN_CLOSE_BYTES_MAX), proof: readListProof(reader) };
}

function writeStateProof(writer: Writer, { rootsRoot, witness }: StateProof): void {
  writer.fixed(rootsRoot, 32).bytes(witness, WITNESS_BYTES_MAX);
}

function readStateProof(reader: Reader): StateProof {
  return { rootsRoot: reader.fixed(32), witness: reader.bytes(WITNESS_BYTES_MAX) };
}
