import type {
  BlockEffects,
  ChainContent,
  LeafChange,
} from "../../../../src/blocks/applyTransactions.ts";
import type { SortitionBlock } from "../../../../src/blocks/block.ts";
import type { PostedClose, ShownClose } from "../../../../src/blocks/closeProof.ts";
import { createPostMap, postMapRoot } from "../../../../src/blocks/postMap.ts";
import {
  type BlockTransaction,
  encodeBlockTransaction,
} from "../../../../src/blocks/transaction.ts";
import type {
  Challenge,
  ChallengeAnswer,
  ShownState,
} from "../../../../src/chain/challenges/challengeMessages.ts";
import { computeChallengeId } from "../../../../src/chain/challenges/challengeRecord.ts";
import { getAccount } from "../../../../src/chain/state/mainState.ts";
import { proveItem } from "../../../../src/lib/merkleList.ts";
import { insist } from "../../../../src/lib/verdict.ts";
import { type BlockHeader, computeChainState } from "../../../../src/protocol/blockHeader.ts";
import type { Condition } from "../../../../src/protocol/condition.ts";
import type { ContractNew } from "../../../../src/protocol/contractNew.ts";
import type { Place } from "../../../../src/protocol/place.ts";
import { proveLeaf, provePath } from "../../../../src/space/proof.ts";
import {
  type AskedPath,
  createTouchSet,
  createTree,
  findLeaf,
  pruneTree,
  treeRoot,
} from "../../../../src/space/tree.ts";
import { encodeWitness } from "../../../../src/space/witness.ts";
import { type Bodies, make, type Person } from "../../blocks/chainLab.ts";
import { TradeLab } from "../../market/tradeLab.ts";
import { DataWorld } from "../requests/dataWorld.ts";

/** A state of the chain: after which block, as a run under which post shows it. */
export type At = { readonly block: number; readonly post: number };

/** Oscar's chain with one market, whose every state can be shown to the main chain. */
export class ChallengeWorld extends DataWorld {
  declare readonly lab: TradeLab;
  /** What stood after each block, from the first. */
  readonly #contents: ChainContent[] = [];
  /** Which block of all that were made was posted, counted from 1, in order. */
  readonly postHeights: number[] = [];

  constructor() {
    super(1_000, (facts) => new TradeLab(facts));
  }

  /** Make a block, and what it did. */
  block(transactions: readonly BlockTransaction[], bodies?: Bodies): BlockEffects {
    const effects = this.lab.take(transactions, bodies);
    this.#contents.push(this.lab.content);
    return effects;
  }

  /** Make contracts in free space, and their leaves. */
  make(contracts: readonly ContractNew[], conditions: readonly Condition[] = []): LeafChange[] {
    const { made } = this.lab.take(contracts.map(make), { conditions });
    this.#contents.push(this.lab.content);
    return [...made];
  }

  /** Sell free space, and the leaves made. */
  sell(...ranges: readonly (readonly [Person, bigint, bigint])[]): LeafChange[] {
    const made = this.lab.sell(...ranges);
    this.#contents.push(this.lab.content);
    return made;
  }

  /** Oscar lies: from now on nothing of what stood does. His next block holds, but for its link to the one before. */
  forget(): void {
    const { lo, hi } = this.lab.facts;
    this.lab.content = { tree: createTree(lo, hi), posts: createPostMap() };
    const { tree, posts } = this.lab.content;
    const state = computeChainState(treeRoot(tree), postMapRoot(posts));
    this.lab.tip = { ...this.lab.tip, state };
  }

  override post(): number {
    this.postHeights.push(this.lab.blocks.length);
    return super.post();
  }

  header(height: number): BlockHeader {
    return (this.lab.blocks[height - 1] as SortitionBlock).header;
  }

  headers({ block, post }: At): BlockHeader[] {
    const posted = this.postHeights[post - 1] as number;
    return this.lab.blocks.slice(block - 1, posted).map(({ header }) => header);
  }

  content(block: number): ChainContent {
    return this.#contents[block - 1] as ChainContent;
  }

  /** The challenge that `place` had a contract at one state, and that at another something else is met on `asked`. */
  challenge(first: At, place: Place, second: At, asked: AskedPath): Challenge {
    const state = (at: At, path: Uint8Array): ShownState => ({
      sequence: at.post,
      isSwitched: false,
      hops: [],
      headers: this.headers(at),
      rootsRoot: postMapRoot(this.content(at.block).posts),
      path,
    });
    const { topId, operator } = this.top;
    return {
      topId,
      path: [{ id: topId, operator }],
      space: undefined,
      first: state(first, insist(proveLeaf(this.content(first.block).tree, place))),
      second: state(second, insist(provePath(this.content(second.block).tree, asked))),
      asked,
    };
  }

  raise(who: Person, challenge: Challenge): { said: string; id: Uint8Array } {
    const id = computeChallengeId(who.publicKey, getAccount(this.state, who.publicKey).nonce + 1);
    return { said: this.do(who, { kind: "challenge", challenge }), id };
  }

  explain(who: Person, challengeId: Uint8Array, answer: ChallengeAnswer): string {
    const response = { target: this.top, challengeId, answer };
    return this.do(who, { kind: "challenge-response", response });
  }

  giveUp(who: Person, challengeId: Uint8Array): string {
    const timeout = { target: this.top, challengeId };
    return this.do(who, { kind: "challenge-timeout", timeout });
  }

  shown(block: number, index: number): ShownClose {
    const { transactions } = this.lab.blocks[block - 1] as SortitionBlock;
    const encoded = transactions.map(encodeBlockTransaction);
    return { transaction: encoded[index] as Uint8Array, proof: proveItem(encoded, index) };
  }

  /** The answer that transaction `index` of a block is the owner's word. */
  closeAnswer(at: At, index: number): ChallengeAnswer & { kind: "close" } {
    const { topId, operator } = this.top;
    return {
      kind: "close",
      sequence: at.post,
      isSwitched: false,
      path: [{ id: topId, operator }],
      hops: [],
      headers: this.headers(at),
      close: this.shown(at.block, index),
    };
  }

  /** The answer that transaction `index` of a block, which closed something at `place`, came too late. */
  lateAnswer(
    at: At,
    index: number,
    place: Place,
    more: { readonly others?: readonly number[]; readonly conditions?: readonly Condition[] } = {},
  ): ChallengeAnswer & { kind: "late" } {
    const { topId, operator } = this.top;
    const before = this.postHeights[at.post - 2] ?? 0;
    const { tree, posts } = this.content(at.block - 1);
    const touched = createTouchSet();
    insist(findLeaf(tree, place, touched));
    const posted: PostedClose = {
      sequence: at.post,
      hops: [],
      hopsBefore: [],
      before: before === 0 ? undefined : this.header(before),
      run: this.headers({ block: before + 1, post: at.post }),
      at: at.block - before - 1,
      close: this.shown(at.block, index),
      others: (more.others ?? []).map((other) => this.shown(at.block, other)),
      conditions: more.conditions ?? [],
      stateBefore: {
        rootsRoot: postMapRoot(posts),
        witness: encodeWitness(pruneTree(tree, touched)),
      },
    };
    return {
      kind: "late",
      isSwitched: false,
      path: [{ id: topId, operator }],
      space: undefined,
      posted,
    };
  }
}
