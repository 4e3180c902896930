import type { AnchoredProof } from "../../../src/blocks/anchoredProof.ts";
import {
  applyTransactions,
  type ChainContent,
  type ChainFacts,
} from "../../../src/blocks/applyTransactions.ts";
import { decodeBlock, encodeBlock, type SortitionBlock } from "../../../src/blocks/block.ts";
import { buildBlock } from "../../../src/blocks/buildBlock.ts";
import { createPostMap, postMapRoot } from "../../../src/blocks/postMap.ts";
import type { BlockTransaction } from "../../../src/blocks/transaction.ts";
import {
  type ChainTip,
  createChainTip,
  createTipAfter,
} from "../../../src/blocks/validateBlock.ts";
import type { ClaimLevel } from "../../../src/chain/settlement/draftClaim.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { computeChainState, encodeBlockHeader } from "../../../src/protocol/blockHeader.ts";
import type { Condition } from "../../../src/protocol/condition.ts";
import {
  type ContractNew,
  computeContractId,
  createLeaf,
} from "../../../src/protocol/contractNew.ts";
import type { Rules } from "../../../src/protocol/rules.ts";
import { TRUE_SCRIPT_HASH } from "../../../src/protocol/script.ts";
import { computeDigest, signDigest } from "../../../src/protocol/signature.ts";
import { proveLeaf } from "../../../src/space/proof.ts";
import { createTree, treeRoot } from "../../../src/space/tree.ts";
import { encodeWitness } from "../../../src/space/witness.ts";

/** A block with the state that it begins from, and the one that its header claims to end in. */
export type ForgedBlock = {
  readonly block: SortitionBlock;
  readonly bytes: Uint8Array;
  readonly before: ChainContent;
  readonly after: ChainContent;
};

/** What is wrong with a block. `conditions`: bodies that its transactions need. */
export type Lie = {
  readonly from?: ChainContent;
  readonly seen?: ChainTip;
  readonly after?: ChainContent;
  readonly conditions?: readonly Condition[];
};

/**
 * Whoever has an operator's key, and goes on from his blocks with whatever he wants to: a block's transactions, and a
 * state after it that need not follow from them.
 */
export class Forger {
  readonly chain: ChainFacts;
  readonly blocks: ForgedBlock[] = [];
  tip: ChainTip;
  content: ChainContent;
  readonly #rules: Rules;
  readonly #privateKey: Uint8Array;

  /** @param blocks - all of the chain's so far, as they were served. */
  constructor(
    rules: Rules,
    chain: ChainFacts,
    privateKey: Uint8Array,
    blocks: readonly Uint8Array[] = [],
  ) {
    this.#rules = rules;
    this.chain = chain;
    this.#privateKey = privateKey;
    this.tip = createChainTip(chain);
    this.content = { tree: createTree(chain.lo, chain.hi), posts: createPostMap() };
    for (const bytes of blocks) this.#replay(bytes);
  }

  /** A state in which nothing stands, as a liar may claim that it is so. */
  get emptied(): ChainContent {
    return { ...this.content, tree: createTree(this.chain.lo, this.chain.hi) };
  }

  /**
   * Make and sign the next block.
   *
   * @param lie.from - the state that its transactions are applied to, in place of the one that the block before ended in.
   *   `lie.seen`: the block that its closes name, in place of the one before. `lie.after`: the state that its header names.
   */
  make(
    transactions: readonly BlockTransaction[],
    { mainHeight, nowMs }: { readonly mainHeight: number; readonly nowMs: number },
    { from = this.content, seen = this.tip, after, conditions = [] }: Lie = {},
  ): ForgedBlock {
    const { block: unsigned, effects } = this.#build(transactions, mainHeight, nowMs, {
      from,
      seen,
      conditions,
    });
    const claimed = after ?? effects;
    const header = {
      ...unsigned.header,
      height: this.tip.height + 1,
      previousHash: this.tip.hash,
      stateBefore: this.tip.state,
      stateAfter: computeChainState(treeRoot(claimed.tree), postMapRoot(claimed.posts)),
    };
    const digest = computeDigest("signBlock", this.#rules.networkId, encodeBlockHeader(header));
    const signature = signDigest(digest, this.#privateKey);
    // Shown is all of the state before, so that whoever checks the block sees which rule it breaks.
    const witness = encodeWitness(this.content.tree);
    const rootsRoot = postMapRoot(this.content.posts);
    const block = { ...unsigned, header, signature, witness, rootsRoot };
    return this.#take({
      block,
      bytes: encodeBlock(block),
      before: this.content,
      after: claimed,
    });
  }

  /** The state that transactions would lead to in the next block. */
  stateAfter(
    transactions: readonly BlockTransaction[],
    { from = this.content, conditions = [] }: Pick<Lie, "from" | "conditions">,
  ): ChainContent {
    const { mainHeight } = this.tip;
    return this.#build(transactions, mainHeight, 0, { from, seen: this.tip, conditions }).effects;
  }

  #build(
    transactions: readonly BlockTransaction[],
    mainHeight: number,
    nowMs: number,
    { from, seen, conditions }: Required<Omit<Lie, "after">>,
  ) {
    const context = { rules: this.#rules, chain: this.chain, mainHeight };
    const draft = { transactions, scripts: [], conditions, time: BigInt(nowMs) };
    const built = buildBlock(from, seen, draft, { ...context, mainHeader: "believed" });
    if (!built.ok) throw new Error(`${built.code}: ${built.message}`);
    return built.value;
  }

  /** A level of a line that ends in a contract which a block made under no condition, as its transaction `index`. */
  prove(forged: ForgedBlock, contract: ContractNew, sequence: number, index = 0): ClaimLevel {
    const { header } = forged.block;
    const leaf = createLeaf(
      computeContractId(this.chain.id, header.previousHash, index, contract),
      contract,
      header.height,
    );
    const path = insist(proveLeaf(forged.after.tree, contract.place));
    const rootsRoot = postMapRoot(forged.after.posts);
    const headers = this.blocks.slice(this.blocks.indexOf(forged)).map(({ block }) => block.header);
    const proof: AnchoredProof = { sequence, hops: [], headers, rootsRoot, path };
    return { leaf, proof, conditions: [] };
  }

  #take(forged: ForgedBlock): ForgedBlock {
    this.blocks.push(forged);
    this.content = forged.after;
    this.tip = createTipAfter(forged.block.header);
    return forged;
  }

  #replay(bytes: Uint8Array): void {
    const block = insist(decodeBlock(bytes));
    const { height, mainHeight } = block.header;
    const context = { rules: this.#rules, chain: this.chain, height, mainHeight };
    const previousHash = this.tip.hash;
    const applied = applyTransactions(this.content, block.transactions, {
      ...context,
      previousHash,
      mainHeader: "believed",
    });
    if (!applied.ok) throw new Error(`${applied.code}: ${applied.message}`);
    this.#take({ block, bytes, before: this.content, after: applied.value });
  }
}

/** All of a range for one owner, without conditions. */
export function plainContract(
  { lo, hi }: Pick<ChainFacts, "lo" | "hi">,
  owner: Uint8Array,
): ContractNew {
  return { place: { lo, hi, conditions: [] }, owner, depositBps: 0, scriptHash: TRUE_SCRIPT_HASH };
}
