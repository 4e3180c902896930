import { equalBytes } from "../lib/bytes.ts";
import { formatHex } from "../lib/hex.ts";
import { emptyMap, mapRoot } from "../lib/map/merkleMap.ts";
import { listRoot } from "../lib/merkleList.ts";
import { demand, insist, judge, type Verdict } from "../lib/verdict.ts";
import {
  type BlockHeader,
  computeChainState,
  encodeBlockHeader,
  hashBlockHeader,
} from "../protocol/blockHeader.ts";
import { hashCondition } from "../protocol/condition.ts";
import { isSignedBy } from "../protocol/rules.ts";
import { hashScript, TRUE_SCRIPT_HASH } from "../protocol/script.ts";
import { createTree, treeRoot } from "../space/tree.ts";
import { decodeWitness } from "../space/witness.ts";
import {
  applyTransactions,
  type BlockEffects,
  type ChainFacts,
  type CheckerContext,
  type TransactionFailure,
} from "./applyTransactions.ts";
import type { SortitionBlock } from "./block.ts";
import { postMapRoot } from "./postMap.ts";
import { encodeBlockTransaction, namedConditions } from "./transaction.ts";

/**
 * All that a checker keeps of a chain between two blocks: 32-byte hashes and two heights.
 * `hash` is the block's, or the chain's id before the first block.
 */
export type ChainTip = {
  readonly hash: Uint8Array;
  readonly height: number;
  readonly state: Uint8Array;
  readonly mainHeight: number;
};

/** The tip of a chain that has no block yet: all free, no posts of descendants. */
export function createChainTip(chain: ChainFacts): ChainTip {
  const contractsRoot = treeRoot(createTree(chain.lo, chain.hi));
  return {
    hash: chain.id,
    height: 0,
    state: computeChainState(contractsRoot, mapRoot(emptyMap())),
    mainHeight: 0,
  };
}

/** A block that holds: the tip after it, and what it changed. */
export type ValidBlock = { readonly tip: ChainTip; readonly effects: BlockEffects };

/**
 * Why a block does not hold, and who is to blame. `operator`: what he has signed breaks the rule, whoever
 * shows it. `nobody`: the bytes do not show what he signed, because whoever served them may have cut or
 * changed them, or the checker does not know enough; the block is not taken, and nobody is accused.
 */
export type BlockFailure = TransactionFailure & { readonly blame: "operator" | "nobody" };

/** Refusals of transactions that no signature stands behind: a witness may be cut, a header be unknown here only. */
const UNPROVEN = new Set(["MISSING_WITNESS", "BAD_POST_PROOF", "UNKNOWN_MAIN_HEADER"]);

/** The tip that a block leaves, from its header alone. */
export function createTipAfter(header: BlockHeader): ChainTip {
  const { height, stateAfter: state, mainHeight } = header;
  return { hash: hashBlockHeader(header), height, state, mainHeight };
}

/** The tip that a block's header claims to follow. A block that holds after it holds after every tip that it links to. */
export function createClaimedTip(header: BlockHeader): ChainTip {
  const { previousHash: hash, height, stateBefore: state, mainHeight } = header;
  return { hash, height: height - 1, state, mainHeight };
}

/** Whether a block follows on `tip`: all that a block's validity asks of the tip before it. */
export function judgeLink(header: BlockHeader, tip: ChainTip): Verdict<null> {
  return judge(() => {
    demand(
      header.height === tip.height + 1,
      "WRONG_HEIGHT",
      `expected block ${tip.height + 1}, got ${header.height}`,
    );
    demand(
      equalBytes(header.previousHash, tip.hash),
      "NOT_LINKED",
      `expected previous block ${formatHex(tip.hash)}, got ${formatHex(header.previousHash)}`,
    );
    demand(
      equalBytes(header.stateBefore, tip.state),
      "WRONG_STATE_BEFORE",
      "the state before is not the state after the block before",
    );
    demand(
      header.mainHeight >= tip.mainHeight,
      "MAIN_HEIGHT_FELL",
      `expected main height ${tip.mainHeight} or more, got ${header.mainHeight}`,
    );
    return null;
  });
}

/**
 * Check a block with the tip before it alone: its operator's signature, its links, its multi-proof,
 * every transaction, and the state after. Memory is bounded by the block.
 *
 * @returns the tip after, or the rule that broke and, where one did, the transaction at fault.
 * @see docs/PROTOCOL.md section 4
 */
export function validateBlock(
  block: SortitionBlock,
  tip: ChainTip,
  context: CheckerContext,
): { readonly ok: true; readonly value: ValidBlock } | BlockFailure {
  const { header } = block;
  const opened = openBlock(block, tip, context);
  if (!opened.ok) return opened;
  const applied = applyTransactions(opened.value, block.transactions, {
    ...context,
    height: header.height,
    previousHash: tip.hash,
    mainHeight: header.mainHeight,
  });
  if (!applied.ok) {
    return { ...applied, blame: UNPROVEN.has(applied.code) ? "nobody" : "operator" };
  }
  const closing = judge(() => {
    const { tree, posts } = applied.value;
    demand(
      equalBytes(computeChainState(treeRoot(tree), postMapRoot(posts)), header.stateAfter),
      "WRONG_STATE_AFTER",
      "the state after the transactions is not the one the header names",
    );
  });
  if (!closing.ok) return { ...closing, transactionIndex: undefined, blame: "operator" };
  return { ok: true, value: { tip: createTipAfter(header), effects: applied.value } };
}

/** Everything about a block but its transactions: signature, links, commitments, witness. */
function openBlock(block: SortitionBlock, tip: ChainTip, context: CheckerContext) {
  const { header } = block;
  const { rules, chain } = context;
  let blame: BlockFailure["blame"] = "nobody";
  const opened = judge(() => {
    demand(equalBytes(header.chainId, chain.id), "OTHER_CHAIN", "the block is of another chain");
    demand(
      isSignedBy(rules, "signBlock", encodeBlockHeader(header), block.signature, chain.operator),
      "BAD_SIGNATURE",
      "the block is not signed by the chain's operator",
    );
    // A block of another height may be as it should, and only served in a wrong place; not if it names this tip.
    const isLinked = equalBytes(header.previousHash, tip.hash);
    if (isLinked || header.height === tip.height + 1) blame = "operator";
    insist(judgeLink(header, tip));
    // What follows is not signed itself, only committed to: other bytes may be served than were signed for.
    blame = "nobody";
    demand(
      equalBytes(listRoot(block.transactions.map(encodeBlockTransaction)), header.updatesRoot),
      "WRONG_UPDATES_ROOT",
      "the transactions are not those the header commits to",
    );
    insist(judgeBodies(block));
    const tree = insist(decodeWitness(block.witness, chain.lo, chain.hi));
    const { rootsRoot: root, postProofs: proofs } = block;
    demand(
      equalBytes(computeChainState(treeRoot(tree), root), header.stateBefore),
      "WRONG_WITNESS",
      "the multi-proof is not of the state before",
    );
    const updates = block.transactions.filter(({ kind }) => kind === "root-update");
    demand(
      updates.length === proofs.length,
      "WRONG_POST_PROOFS",
      `expected ${updates.length} map proofs, one for each post, got ${proofs.length}`,
    );
    return { tree, posts: { kind: "proven", root, proofs } as const };
  });
  return opened.ok ? opened : { ...opened, transactionIndex: undefined, blame };
}

/** Whether the block carries exactly the scripts and conditions that its contract-news and matches name. */
function judgeBodies(block: SortitionBlock): Verdict<null> {
  return judge(() => {
    const scripts = new Set<string>();
    const conditions = new Set<string>();
    for (const transaction of block.transactions) {
      for (const { level, hash } of namedConditions(transaction)) {
        conditions.add(`${level}:${formatHex(hash)}`);
      }
      if (transaction.kind !== "contract-new") continue;
      const { scriptHash } = transaction.contract;
      if (!equalBytes(scriptHash, TRUE_SCRIPT_HASH)) scripts.add(formatHex(scriptHash));
    }
    const shownScripts = block.scripts.map((script) => formatHex(hashScript(script)));
    const shownConditions = block.conditions.map(
      (condition) => `${condition.level}:${formatHex(hashCondition(condition))}`,
    );
    demand(isExactly(shownScripts, scripts), "WRONG_SCRIPTS", describeBodies("scripts"));
    demand(
      isExactly(shownConditions, conditions),
      "WRONG_CONDITIONS",
      describeBodies("conditions"),
    );
    return null;
  });
}

function isExactly(shown: readonly string[], named: ReadonlySet<string>): boolean {
  return (
    shown.length === named.size &&
    new Set(shown).size === named.size &&
    shown.every((each) => named.has(each))
  );
}

function describeBodies(what: string): string {
  return `expected each of the ${what} that the block's new contracts name, once, and no other`;
}
