import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { accept, demand, insist, Refusal, refuse, type Verdict } from "../lib/verdict.ts";
import { hashCondition } from "../protocol/condition.ts";
import { type ContractClose, encodeExactClose } from "../protocol/contractClose.ts";
import {
  type ContractNew,
  computeContractId,
  createLeaf,
  encodeContractNew,
} from "../protocol/contractNew.ts";
import type { Leaf } from "../protocol/leaf.ts";
import type { Match } from "../protocol/match.ts";
import type { Place } from "../protocol/place.ts";
import type { SignedPost } from "../protocol/post.ts";
import type { LateSpace, RecordSeen } from "../protocol/recordSeen.ts";
import { isSignedBy, type Rules } from "../protocol/rules.ts";
import { TRUE_SCRIPT_HASH } from "../protocol/script.ts";
import { encodeSeal } from "../protocol/seal.ts";
import {
  contractsWithin,
  findLeaf,
  leavesWithin,
  type PlacedLeaf,
  releaseSpace,
  replaceLeaf,
  type SpaceTree,
  type TouchSet,
  takeSpace,
} from "../space/tree.ts";
import { judgeMatch } from "./judgeMatch.ts";
import { type PostMap, takePost } from "./postMap.ts";
import { successorsOf } from "./successors.ts";
import type { BlockTransaction, SignedSeal } from "./transaction.ts";
import { type MainHeaderFact, verifyFactEvidence } from "./verifyFactEvidence.ts";

/**
 * The chain whose blocks are made or checked: one on the main chain, or a sealed contract, whose
 * owner is its operator. `[lo, hi)` is its space, `expiry` the on-chain chain's original expiry height.
 */
export type ChainFacts = {
  readonly id: Uint8Array;
  readonly operator: Uint8Array;
  readonly lo: bigint;
  readonly hi: bigint;
  readonly expiry: number;
};

/** What a block's transactions are judged by, beside the state that they change. */
export type BlockContext = {
  readonly rules: Rules;
  readonly chain: ChainFacts;
  /** Height of the block. */
  readonly height: number;
  /** Hash of the block before, or the chain's id for the first. */
  readonly previousHash: Uint8Array;
  /** Main-chain height that the block's header names. */
  readonly mainHeight: number;
  /**
   * A main-chain header that the caller has verified; undefined if there is none of that hash. Or
   * `believed`: void closes are taken at their word, where only the bytes of a block are judged.
   */
  readonly mainHeader: ((hash: Uint8Array) => MainHeaderFact | undefined) | "believed";
};

/** What whoever checks a block brings with him: the rest is the block's own. */
export type CheckerContext = Omit<BlockContext, "height" | "previousHash" | "mainHeight">;

/** A leaf that a block made or closed: where it stands, and the index of the transaction. */
export type LeafChange = { readonly index: number; readonly place: Place; readonly leaf: Leaf };

/** A leaf that a block closed, and by what. */
export type ClosedLeaf = LeafChange & { readonly by: ContractClose | Match };

/** What a chain's state commits to: its space, and its descendants' last posts. */
export type ChainContent = { readonly tree: SpaceTree; readonly posts: PostMap };

/**
 * The content after a block's transactions, and what they did, in order. `sealed`: the leaves as
 * they stand now.
 */
export type BlockEffects = ChainContent & {
  readonly made: readonly LeafChange[];
  readonly closed: readonly ClosedLeaf[];
  readonly sealed: readonly LeafChange[];
  readonly updates: readonly SignedPost[];
  /** What the operator says of his records, and the leaves that it took out. */
  readonly seen: RecordSeen | undefined;
  readonly swept: readonly LeafChange[];
};

/** A refusal that may name the transaction at fault. */
export type TransactionFailure = {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  readonly transactionIndex: number | undefined;
};

/**
 * Apply a block's transactions to the state before it. The operator calls it with its whole tree
 * and `touched`, to learn what the witness must hold; everyone else with the witness.
 *
 * @returns the effects, or the rule that broke and the index of the transaction that broke it.
 * @see docs/PROTOCOL.md section 4
 */
export function applyTransactions(
  before: ChainContent,
  transactions: readonly BlockTransaction[],
  context: BlockContext,
  touched?: TouchSet,
): { readonly ok: true; readonly value: BlockEffects } | TransactionFailure {
  const made: LeafChange[] = [];
  const closed: ClosedLeaf[] = [];
  /** What matches make: after all closes, as every successor. */
  const matched: { readonly index: number; readonly contract: ContractNew }[] = [];
  /** Hex ids of what this block has made or sealed. */
  const changed = new Set<string>();
  const prices = new Map<string, number>();
  const sealed: LeafChange[] = [];
  const updates: SignedPost[] = [];
  let seen: RecordSeen | undefined;
  const swept: LeafChange[] = [];
  let { tree, posts } = before;
  let index = 0;
  try {
    for (; index < transactions.length; index++) {
      const transaction = transactions[index] as BlockTransaction;
      switch (transaction.kind) {
        case "contract-new": {
          const leaf = makeLeaf(transaction.contract, index, context);
          const { place } = transaction.contract;
          tree = insist(takeSpace(tree, place, leaf, touched));
          made.push({ index, place, leaf });
          changed.add(formatHex(leaf.id));
          break;
        }
        case "contract-close": {
          const { close } = transaction;
          const leaf = judgeClose(tree, close, changed, context, touched);
          tree = insist(releaseSpace(tree, close.place, leaf.id, touched));
          closed.push({ index, place: close.place, leaf, by: close });
          break;
        }
        case "match": {
          const { match } = transaction;
          demandOnePrice(match, prices);
          const standing = (place: Place) => findUnchanged(tree, place, changed, touched);
          const given = insist(
            judgeMatch(match, standing, { ...context, height: context.mainHeight }),
          );
          for (const { place, leaf } of given.closed) {
            tree = insist(releaseSpace(tree, place, leaf.id, touched));
            closed.push({ index, place, leaf, by: match });
          }
          for (const contract of given.contracts) matched.push({ index, contract });
          break;
        }
        case "contract-seal": {
          const leaf = judgeSeal(tree, transaction, changed, context, touched);
          tree = insist(replaceLeaf(tree, transaction.place, leaf, touched));
          sealed.push({ index, place: transaction.place, leaf });
          changed.add(formatHex(leaf.id));
          break;
        }
        case "root-update":
          demandFirst(transaction.signed, updates);
          posts = insist(takePost(posts, transaction.signed, context.chain.id, context.rules));
          updates.push(transaction.signed);
          break;
        case "record-seen":
          ({ seen } = transaction);
          demandSeenFirst(seen, index, context);
          for (const late of seen.late) {
            for (const change of insist(findLate(tree, late, touched))) {
              tree = insist(releaseSpace(tree, change.place, change.leaf.id, touched));
              swept.push({ index, ...change });
            }
          }
      }
    }
    for (const each of matched) {
      index = each.index;
      const { place } = each.contract;
      const leaf = makeLeaf(each.contract, index, context);
      tree = insist(takeSpace(tree, place, leaf, touched));
      made.push({ index, place, leaf });
    }
    // A block of matches alone names no successor, and has no need of names.
    const names = indexNames(closed.every(({ by }) => isMatch(by)) ? [] : made, closed);
    for (const { by, ...change } of closed) {
      index = change.index;
      if (!isMatch(by)) judgeSuccessors(tree, by, names, touched);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...refuse(error.code, error.message), transactionIndex: index };
  }
  return { ok: true, value: { tree, posts, made, closed, sealed, updates, seen, swept } };
}

/** A block begins with what is said of records, which can be of blocks before it only. */
function demandSeenFirst(seen: RecordSeen, index: number, { height }: BlockContext): void {
  demand(index === 0, "NOT_FIRST", "what is said of records stands first in a block");
  demand(
    seen.height < height,
    "NOT_RECORDED",
    `expected a record of a block below ${height}, got ${seen.height}`,
  );
}

/** What stands on a late space and was made there since. */
function findLate(
  tree: SpaceTree,
  { place, since }: LateSpace,
  touched?: TouchSet,
): Verdict<PlacedLeaf[]> {
  const standing = contractsWithin(tree, place, touched);
  if (!standing.ok) return standing;
  return accept(standing.value.filter(({ leaf }) => leaf.madeIn >= since));
}

/** One block records at most one post of a descendant. */
function demandFirst({ post, signer }: SignedPost, updates: readonly SignedPost[]): void {
  demand(
    !updates.some(
      (other) => equalBytes(other.post.chainId, post.chainId) && equalBytes(other.signer, signer),
    ),
    "POSTED_TWICE",
    "a descendant posts twice in one block",
  );
}

/** All matches of one market in a block are at one price: a batch has no two. */
function demandOnePrice({ market, price }: Match, prices: Map<string, number>): void {
  const key = `${formatHex(market.refund)}${formatHex(market.win)}`;
  const other = prices.get(key) ?? price;
  demand(
    other === price,
    "TWO_PRICES",
    `orders of one market trade at ${other} and at ${price} thousandths in one block`,
  );
  prices.set(key, price);
}

/** Whether a leaf was closed by a match of orders, not by a close of its own. */
export function isMatch(by: ContractClose | Match): by is Match {
  return "fills" in by;
}

function makeLeaf(contract: ContractNew, index: number, context: BlockContext): Leaf {
  const id = computeContractId(context.chain.id, context.previousHash, index, contract);
  return createLeaf(id, contract, context.height);
}

/** The contract of this id at its place; refuses one that this very block has made or sealed. */
function findStanding(
  tree: SpaceTree,
  place: Place,
  id: Uint8Array,
  changed: ReadonlySet<string>,
  touched: TouchSet | undefined,
): Leaf {
  const leaf = findUnchanged(tree, place, changed, touched);
  if (leaf === undefined || !equalBytes(leaf.id, id)) {
    throw new Refusal("NO_SUCH_CONTRACT", `no contract ${formatHex(id)} stands there`);
  }
  return leaf;
}

/** What stands at a place, if anything; refuses what this very block has made or sealed. */
function findUnchanged(
  tree: SpaceTree,
  place: Place,
  changed: ReadonlySet<string>,
  touched: TouchSet | undefined,
): Leaf | undefined {
  const leaf = insist(findLeaf(tree, place, touched));
  demand(
    leaf === undefined || !changed.has(formatHex(leaf.id)),
    "CLOSED_WHERE_MADE",
    "a contract cannot be closed or sealed in the block that made it, nor closed where it was sealed",
  );
  return leaf;
}

/** The chain that a contract becomes by its owner's signature. */
function judgeSeal(
  tree: SpaceTree,
  { place, seal, signature }: SignedSeal,
  changed: ReadonlySet<string>,
  { rules, previousHash }: BlockContext,
  touched: TouchSet | undefined,
): Leaf {
  const leaf = findStanding(tree, place, seal.contractId, changed, touched);
  demand(!leaf.sealed, "SEALED", "the contract is sealed already");
  demand(
    equalBytes(seal.seenBlock, previousHash),
    "OTHER_BLOCK_SEEN",
    "the signed seal names another block than the one before",
  );
  demand(
    isSignedBy(rules, "signSeal", encodeSeal(seal), signature, leaf.owner),
    "BAD_SIGNATURE",
    "the seal is not signed by the contract's owner",
  );
  return { ...leaf, sealed: true, anchor: seal.anchor, scriptHash: TRUE_SCRIPT_HASH };
}

/** The leaf that `close` may close now; refuses a close without authority. */
function judgeClose(
  tree: SpaceTree,
  close: ContractClose,
  changed: ReadonlySet<string>,
  context: BlockContext,
  touched: TouchSet | undefined,
): Leaf {
  const leaf = findStanding(tree, close.place, close.contractId, changed, touched);
  const by = close.authorisation;
  if (by.kind === "exact") {
    insist(judgeExactAuthority(close, leaf, context));
  } else {
    insist(judgeVoid(close.place, by, context));
  }
  return leaf;
}

/**
 * Whether an exact close is its owner's own word about this contract and the block just before.
 * Shared by blocks and by slashes on the main chain.
 */
export function judgeExactAuthority(
  close: ContractClose,
  leaf: Leaf,
  context: Pick<BlockContext, "rules" | "previousHash" | "mainHeight">,
): Verdict<null> {
  const by = close.authorisation;
  if (by.kind !== "exact") return refuse("NOT_EXACT", "expected an exact close");
  if (leaf.sealed) return refuse("SEALED", "a sealed contract is a chain for ever");
  if (!equalBytes(by.close.contractId, leaf.id)) {
    return refuse("OTHER_CONTRACT", "the signed close names another contract");
  }
  if (!equalBytes(by.close.seenBlock, context.previousHash)) {
    return refuse("OTHER_BLOCK_SEEN", "the signed close names another block than the one before");
  }
  if (by.close.heightMax < context.mainHeight) {
    return refuse(
      "CLOSE_TOO_LATE",
      `the close is good to height ${by.close.heightMax}, got ${context.mainHeight}`,
    );
  }
  const body = encodeExactClose(by.close);
  if (!isSignedBy(context.rules, "signClose", body, by.signature, leaf.owner)) {
    return refuse("BAD_SIGNATURE", "the close is not signed by the contract's owner");
  }
  return { ok: true, value: null };
}

function judgeVoid(
  place: Place,
  by: Extract<ContractClose["authorisation"], { kind: "void" }>,
  context: BlockContext,
): Verdict<null> {
  const named = place.conditions[by.conditionIndex];
  if (named === undefined) {
    return refuse("NO_SUCH_CONDITION", `no condition ${by.conditionIndex} on the contract's path`);
  }
  const isNamed =
    named.level === by.condition.level && equalBytes(named.hash, hashCondition(by.condition));
  if (!isNamed) return refuse("OTHER_CONDITION", "the condition shown is not the one on the path");
  if (context.mainHeader === "believed") return accept(null);
  const header = context.mainHeader(by.evidence.headerHash);
  if (header === undefined) {
    return refuse("UNKNOWN_MAIN_HEADER", "the facts are proven under an unknown main-chain header");
  }
  const height = header.height + context.rules.parameters.confirmations;
  if (height > context.mainHeight) {
    return refuse("NOT_CONFIRMED", `expected main height ${height}, got ${context.mainHeight}`);
  }
  const outcome = verifyFactEvidence(by.condition, by.evidence, header, context.chain.expiry);
  if (!outcome.ok) return outcome;
  if (!outcome.value.isFinal) return refuse("NOT_FINAL", "the condition can still change");
  if (outcome.value.isTrue === named.side) {
    return refuse("CONDITION_HOLDS", "the condition came out on the contract's side");
  }
  return { ok: true, value: null };
}

/** By the hex of a contract-new's bytes: the leaf first made of it, and the last close that names it. */
type SuccessorNames = {
  readonly made: ReadonlyMap<string, LeafChange>;
  readonly lastNamed: ReadonlyMap<string, number>;
};

function indexNames(made: readonly LeafChange[], closed: readonly ClosedLeaf[]): SuccessorNames {
  const byName = new Map<string, LeafChange>();
  for (const change of made) {
    const name = nameOf(asContractNew(change));
    if (!byName.has(name)) byName.set(name, change);
  }
  const lastNamed = new Map<string, number>();
  for (const { index, by } of closed) {
    if (isMatch(by)) continue;
    for (const successor of successorsOf(by)) lastNamed.set(nameOf(successor), index);
  }
  return { made: byName, lastNamed };
}

/**
 * Every successor is made after all closes that name it, and what the contract leaves is free: nobody
 * but a named successor stands on its space after the block.
 */
function judgeSuccessors(
  tree: SpaceTree,
  close: ContractClose,
  names: SuccessorNames,
  touched: TouchSet | undefined,
): void {
  if (close.authorisation.kind !== "exact") return;
  const ids = successorsOf(close).map((successor) => {
    const name = nameOf(successor);
    const change = names.made.get(name);
    if (change === undefined) {
      throw new Refusal("SUCCESSOR_MISSING", "a named successor is not made in the block");
    }
    demand(
      (names.lastNamed.get(name) ?? 0) < change.index,
      "SUCCESSOR_TOO_EARLY",
      "a successor is made before a close that names it",
    );
    return change.leaf.id;
  });
  for (const leaf of insist(leavesWithin(tree, close.place, touched))) {
    demand(
      ids.some((id) => equalBytes(id, leaf.id)),
      "SPACE_NOT_FREE",
      `the close leaves [${leaf.lo}, ${leaf.hi}) to contracts that it names, and another one stands there`,
    );
  }
}

function nameOf(contract: ContractNew): string {
  return formatHex(encodeContractNew(contract));
}

function asContractNew({ place, leaf }: LeafChange): ContractNew {
  return {
    place,
    owner: leaf.owner,
    depositBps: leaf.depositBps,
    scriptHash: leaf.scriptHash,
  };
}
