import { postMapRoot } from "../../src/blocks/postMap.ts";
import type { BlockTransaction } from "../../src/blocks/transaction.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { encode } from "../../src/lib/codec.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { mapRoot, setValue } from "../../src/lib/map/merkleMap.ts";
import { computeChainState } from "../../src/protocol/blockHeader.ts";
import { encodeExactClose } from "../../src/protocol/contractClose.ts";
import type { Leaf } from "../../src/protocol/leaf.ts";
import { computeDescendantKey, writeSignedPost } from "../../src/protocol/post.ts";
import { encodeSeal } from "../../src/protocol/seal.ts";
import { replaceLeaf, treeRoot } from "../../src/space/tree.ts";
import type { SeededRandom } from "../reference/seededRandom.ts";
import {
  cashFor,
  contentAfter,
  findFree,
  LIAR,
  leavesOf,
  postIn,
  type Spot,
  sign,
  withHeader,
  withTransactions,
} from "./forging.ts";
import type { RecordedChain } from "./recording.ts";

/** What an operator serves in the place of one of his blocks; undefined where this lie cannot be told. */
export type BlockLie = (spot: Spot, random: SeededRandom) => Uint8Array | undefined;

const isExactClose = (
  transaction: BlockTransaction,
): transaction is BlockTransaction & { kind: "contract-close" } =>
  transaction.kind === "contract-close" && transaction.close.authorisation.kind === "exact";

function pick<Item>(items: readonly Item[], random: SeededRandom): Item | undefined {
  return items.length === 0 ? undefined : items[random.below(items.length)];
}

/** The liar's contract over the edge of one that stands, `over` satoshi inside of it. */
function overlap(spot: Spot, random: SeededRandom, edge: "low" | "high", over: bigint) {
  const { lo, hi } = spot.before.tree;
  const leaf = pick(leavesOf(spot.before), random);
  if (leaf === undefined) return undefined;
  const WIDTH = 1_000n;
  const from = edge === "high" ? leaf.hi - over : leaf.lo - WIDTH + over;
  const to = edge === "high" ? leaf.hi - over + WIDTH : leaf.lo + over;
  if (from < lo || to > hi) return undefined;
  return withTransactions(spot, [...spot.block.transactions, cashFor(LIAR, from, to)]);
}

/** The chain inside this one whose posts it takes, and the last of them before the spot's block. */
function findDescendant({ recording, chain, height }: Spot) {
  const { sports, syndicate } = recording.chains;
  for (const inside of [syndicate, sports]) {
    const post = chain.blocks
      .slice(0, height - 1)
      .flatMap(({ transactions }) => transactions)
      .findLast(
        (each) =>
          each.kind === "root-update" && equalBytes(each.signed.post.chainId, inside.chain.id),
      );
    if (post?.kind === "root-update") return { inside, last: post.signed.post };
  }
  return undefined;
}

function withPosts(
  spot: Spot,
  sequences: (last: number) => readonly number[],
  who: (inside: RecordedChain) => Uint8Array = ({ key }) => key,
  elsewhere = false,
): Uint8Array | undefined {
  const found = findDescendant(spot);
  if (found === undefined) return undefined;
  const { inside, last } = found;
  const id = elsewhere ? inside.chain.id : spot.chain.chain.id;
  const updates = sequences(last.sequence).map((sequence): BlockTransaction => {
    const post = { chainId: inside.chain.id, sequence, blockHash: sha256(last.blockHash) };
    const signed = postIn({ kind: "chain", id }, who(inside), post);
    return { kind: "root-update", signed: { ...signed, signer: inside.chain.operator } };
  });
  const others = spot.block.transactions.filter(({ kind }) => kind !== "root-update");
  return withTransactions(spot, [...others, ...updates]);
}

/** The closes of the spot's block, each changed; undefined if it has none. */
function withCloses(
  spot: Spot,
  change: (close: BlockTransaction & { kind: "contract-close" }) => BlockTransaction,
): Uint8Array | undefined {
  const { transactions } = spot.block;
  if (!transactions.some(isExactClose)) return undefined;
  return withTransactions(
    spot,
    transactions.map((each) => (isExactClose(each) ? change(each) : each)),
  );
}

/** The chain of the story that a sealed leaf of this one has become. */
function findSealed({
  recording,
  before,
}: Spot): { leaf: Leaf; inside: RecordedChain } | undefined {
  for (const leaf of leavesOf(before)) {
    if (!leaf.sealed) continue;
    const inside = Object.values(recording.chains).find(({ chain }) =>
      equalBytes(chain.id, leaf.id),
    );
    if (inside !== undefined) return { leaf, inside };
  }
  return undefined;
}

const sayRecorded = (height: number) => ({ height, late: [] });
/** What the spot's block does beside saying something of records. */
const others = ({ block }: Spot) => block.transactions.filter(({ kind }) => kind !== "record-seen");

/** Every way in which an operator may lie in a block of his own, by its name in the plan of tests. */
export const BLOCK_LIES: Readonly<Record<string, BlockLie>> = {
  "gap: a height is skipped": (spot) => withHeader(spot, { height: spot.height + 1 }),
  "gap: two blocks are left out": ({ chain, height }) => chain.bytes[height + 1],
  "reorder: the next block comes first": ({ chain, height }) => chain.bytes[height],
  "duplicate: the block before comes again": ({ chain, height }) => chain.bytes[height - 2],

  "duplicate sequence": (spot) => withPosts(spot, (last) => [last]),
  "gap in a sequence": (spot) => withPosts(spot, (last) => [last + 2]),
  "a child anchored twice in one block": (spot) => withPosts(spot, (last) => [last + 1, last + 2]),
  "a post that its chain has not signed": (spot) =>
    withPosts(
      spot,
      (last) => [last + 1],
      () => spot.chain.key,
    ),
  "a post that was signed for another place": (spot) =>
    withPosts(spot, (last) => [last + 1], undefined, true),

  "a fork": (spot) => withHeader(spot, { time: spot.block.header.time + 1n }),
  "a fork under a close": (spot) => {
    const free = findFree(spot.before);
    if (free === undefined || !spot.block.transactions.some(isExactClose)) return undefined;
    return withTransactions(spot, [cashFor(LIAR, free.lo, free.lo + 1_000n)]);
  },

  "a backdated map entry": (spot) => {
    const after = contentAfter(spot);
    const { syndicate } = spot.recording.chains;
    if (after?.posts.kind !== "whole") return undefined;
    const place = { kind: "chain", id: spot.chain.chain.id } as const;
    const post = { chainId: syndicate.chain.id, sequence: 1, blockHash: sha256(LIAR) };
    const signed = postIn(place, syndicate.key, post);
    const value = encode((writer) => writeSignedPost(writer, signed));
    const key = computeDescendantKey(signed.signer, post.chainId);
    const roots = mapRoot(setValue(after.posts.map, key, value));
    return withHeader(spot, { stateAfter: computeChainState(treeRoot(after.tree), roots) });
  },
  "the same id with another leaf": (spot) => {
    const after = contentAfter(spot);
    const made = after?.made.at(-1);
    if (after === undefined || made === undefined) return undefined;
    const stolen = replaceLeaf(after.tree, made.place, { ...made.leaf, owner: LIAR });
    if (!stolen.ok) return undefined;
    const stateAfter = computeChainState(treeRoot(stolen.value), postMapRoot(after.posts));
    return withHeader(spot, { stateAfter });
  },
  "wrong parent root": ({ recording, ...spot }) => {
    const { exchange } = recording.chains;
    const parent = exchange.blocks.at(-1)?.header.stateAfter;
    return parent && withHeader({ recording, ...spot }, { stateBefore: sha256(parent) });
  },
  "another chain's root": (spot) => {
    const other = Object.values(spot.recording.chains).find((each) => each !== spot.chain);
    const stateAfter = other?.blocks.at(-1)?.header.stateAfter;
    return stateAfter && withHeader(spot, { stateAfter });
  },
  "another chain's block": ({ recording, chain, height }) =>
    Object.values(recording.chains).find((each) => each !== chain)?.bytes[height - 1],
  "another chain's name": (spot) => {
    const other = Object.values(spot.recording.chains).find((each) => each !== spot.chain);
    return other && withHeader(spot, { chainId: other.chain.id });
  },
  "a child sealed twice, to another anchor": (spot) => {
    const sealed = findSealed(spot);
    if (sealed === undefined) return undefined;
    const { leaf, inside } = sealed;
    const seenBlock = spot.block.header.previousHash;
    const seal = { contractId: leaf.id, seenBlock, anchor: { kind: "mainChain" } as const };
    const signature = sign(inside.key, "signSeal", encodeSeal(seal));
    const place = { lo: leaf.lo, hi: leaf.hi, conditions: [] };
    const again: BlockTransaction = { kind: "contract-seal", place, seal, signature };
    return withTransactions(spot, [...spot.block.transactions, again]);
  },

  "overlap in the same root: one satoshi at the low edge": (spot, random) =>
    overlap(spot, random, "low", 1n),
  "overlap in the same root: one satoshi at the high edge": (spot, random) =>
    overlap(spot, random, "high", 1n),
  "overlap across roots: the same range sold again": (spot, random) => {
    const leaf = pick(leavesOf(spot.before), random);
    if (leaf === undefined) return undefined;
    return withTransactions(spot, [...spot.block.transactions, cashFor(LIAR, leaf.lo, leaf.hi)]);
  },
  "overlap in one block": (spot) => {
    const free = findFree(spot.before);
    if (free === undefined || free.hi - free.lo < 4_000n) return undefined;
    const middle = free.lo + 1_000n;
    const sold = [cashFor(LIAR, free.lo, middle), cashFor(LIAR, middle - 1n, middle + 1_000n)];
    return withTransactions(spot, sold);
  },
  "a contract one satoshi beyond the chain": (spot) => {
    const { hi } = spot.chain.chain;
    return withTransactions(spot, [cashFor(LIAR, hi - 1_000n, hi + 1n)]);
  },

  "a close without its successors": (spot) => {
    const { transactions } = spot.block;
    if (!transactions.some(isExactClose)) return undefined;
    return withTransactions(
      spot,
      transactions.filter(({ kind }) => kind !== "contract-new"),
    );
  },
  "a close whose successor is a satoshi narrower": (spot) => {
    const { transactions } = spot.block;
    if (!transactions.some(isExactClose)) return undefined;
    return withTransactions(
      spot,
      transactions.map((each) => {
        if (each.kind !== "contract-new") return each;
        const { place } = each.contract;
        return { ...each, contract: { ...each.contract, place: { ...place, hi: place.hi - 1n } } };
      }),
    );
  },
  "a close that its owner has not signed": (spot) =>
    withCloses(spot, (each) => {
      const by = each.close.authorisation;
      if (by.kind !== "exact") return each;
      const signature = sign(spot.chain.key, "signClose", encodeExactClose(by.close));
      // The operator closes for an owner; where he owns the contract himself, one that is nobody's signs.
      const other = equalBytes(signature, by.signature)
        ? sign(sha256(LIAR), "signClose", encodeExactClose(by.close))
        : signature;
      return { ...each, close: { ...each.close, authorisation: { ...by, signature: other } } };
    }),

  "a record of the very block that says so": (spot) =>
    withTransactions(spot, [
      { kind: "record-seen", seen: sayRecorded(spot.height) },
      ...others(spot),
    ]),
  "what is said of records comes last": (spot) =>
    others(spot).length === 0
      ? undefined
      : withTransactions(spot, [...others(spot), { kind: "record-seen", seen: sayRecorded(0) }]),

  "replay from another network": (spot) => withHeader(spot, {}, "elsewhere"),
  "a transaction from another network": (spot) => {
    const found = findDescendant(spot);
    if (found === undefined) return undefined;
    const { inside, last } = found;
    const place = { kind: "chain", id: spot.chain.chain.id } as const;
    const post = {
      chainId: inside.chain.id,
      sequence: last.sequence + 1,
      blockHash: LIAR.slice(1),
    };
    const signed = postIn(place, inside.key, post);
    const body = encode((writer) => writeSignedPost(writer, signed));
    const signature = sign(inside.key, "signPost", body, "elsewhere");
    return withTransactions(spot, [{ kind: "root-update", signed: { ...signed, signature } }]);
  },
};

const isNew = ({ kind }: BlockTransaction) => kind === "contract-new";
const isUpdate = ({ kind }: BlockTransaction) => kind === "root-update";
type FindTransaction = (transactions: readonly BlockTransaction[]) => number | undefined;
const wholeBlock: FindTransaction = () => undefined;
const firstUpdate: FindTransaction = (transactions) => transactions.findIndex(isUpdate);
const firstClose: FindTransaction = (transactions) => transactions.findIndex(isExactClose);
const lastNew: FindTransaction = (transactions) => transactions.findLastIndex(isNew);

/** The transaction that breaks the rule, for those that the liar's signature gives away wherever they are met. */
export const BROKEN_TRANSACTIONS: Readonly<Record<string, FindTransaction>> = {
  "gap: a height is skipped": wholeBlock,
  "duplicate sequence": firstUpdate,
  "gap in a sequence": firstUpdate,
  "a child anchored twice in one block": (transactions) =>
    (firstUpdate(transactions) as number) + 1,
  "a post that its chain has not signed": firstUpdate,
  "a post that was signed for another place": firstUpdate,
  "a backdated map entry": wholeBlock,
  "the same id with another leaf": wholeBlock,
  "wrong parent root": wholeBlock,
  "another chain's root": wholeBlock,
  "a child sealed twice, to another anchor": (transactions) => transactions.length - 1,
  "overlap in the same root: one satoshi at the low edge": lastNew,
  "overlap in the same root: one satoshi at the high edge": lastNew,
  "overlap across roots: the same range sold again": lastNew,
  "overlap in one block": lastNew,
  "a contract one satoshi beyond the chain": lastNew,
  "a close without its successors": firstClose,
  "a close whose successor is a satoshi narrower": firstClose,
  "a close that its owner has not signed": firstClose,
  "a record of the very block that says so": () => 0,
  "what is said of records comes last": (transactions) => transactions.length - 1,
  "a transaction from another network": firstUpdate,
};

/** The rule by which each of them is found, where it is told in the place of the truth. */
export const BROKEN_RULES: Readonly<Record<string, readonly string[]>> = {
  "gap: a height is skipped": ["WRONG_HEIGHT"],
  "gap: two blocks are left out": ["WRONG_HEIGHT"],
  "reorder: the next block comes first": ["WRONG_HEIGHT"],
  "duplicate: the block before comes again": ["WRONG_HEIGHT"],
  "duplicate sequence": ["SEQUENCE_GAP"],
  "gap in a sequence": ["SEQUENCE_GAP"],
  "a child anchored twice in one block": ["POSTED_TWICE"],
  "a post that its chain has not signed": ["BAD_SIGNATURE"],
  "a post that was signed for another place": ["OTHER_PLACE"],
  // Both blocks hold; what gives the fork away is the record of the other, or the block made upon it.
  "a fork": ["WITHHELD", "NOT_LINKED"],
  "a fork under a close": ["WITHHELD", "NOT_LINKED"],
  "a backdated map entry": ["WRONG_STATE_AFTER"],
  "the same id with another leaf": ["WRONG_STATE_AFTER"],
  "wrong parent root": ["WRONG_STATE_BEFORE"],
  "another chain's root": ["WRONG_STATE_AFTER"],
  "another chain's block": ["OTHER_CHAIN"],
  "another chain's name": ["OTHER_CHAIN"],
  "a child sealed twice, to another anchor": ["SEALED"],
  "overlap in the same root: one satoshi at the low edge": ["OCCUPIED"],
  "overlap in the same root: one satoshi at the high edge": ["OCCUPIED"],
  "overlap across roots: the same range sold again": ["OCCUPIED"],
  "overlap in one block": ["OCCUPIED"],
  "a contract one satoshi beyond the chain": ["OUT_OF_SPACE"],
  "a close without its successors": ["SUCCESSOR_MISSING"],
  "a close whose successor is a satoshi narrower": ["SUCCESSOR_MISSING"],
  "a close that its owner has not signed": ["BAD_SIGNATURE"],
  "a record of the very block that says so": ["NOT_RECORDED"],
  "what is said of records comes last": ["NOT_FIRST"],
  "replay from another network": ["BAD_SIGNATURE"],
  "a transaction from another network": ["BAD_SIGNATURE"],
};
