import type { ChainContent, ChainFacts } from "../../../src/blocks/applyTransactions.ts";
import { encodeBlock } from "../../../src/blocks/block.ts";
import { createHolding, encodeHolding, type HoldingQuestion } from "../../../src/blocks/holding.ts";
import type { Hop } from "../../../src/blocks/hops.ts";
import { postMapRoot, provePost } from "../../../src/blocks/postMap.ts";
import { createTipAfter } from "../../../src/blocks/validateBlock.ts";
import { createLocalGenesis } from "../../../src/chain/localNetwork.ts";
import { type ChainBook, createChainBook, type Scope } from "../../../src/client/chainBook.ts";
import { syncChain } from "../../../src/client/chainSync.ts";
import type { HistoryEntry } from "../../../src/client/entry.ts";
import type { EntrySource } from "../../../src/client/entrySource.ts";
import { createHeaderBook } from "../../../src/client/headerBook.ts";
import { createLocalVerifier } from "../../../src/client/localVerifier.ts";
import { syncShare } from "../../../src/client/shareSync.ts";
import { accept, insist, refuse } from "../../../src/lib/verdict.ts";
import { computeChainState } from "../../../src/protocol/blockHeader.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { treeRoot } from "../../../src/space/tree.ts";
import { alice, bob, CHAIN, ChainLab, cash, make } from "../blocks/chainLab.ts";
import { mainHash } from "./bookLab.ts";

export const RULES = createRules(LOCAL_NETWORK);
const GENESIS = createLocalGenesis(RULES).header;
const AT = { ...GENESIS, header: { ...GENESIS.header, height: 60 } };

/** An operator and the main chain that his posts stand on; what he serves can be withheld or bent. */
export class Served {
  readonly lab: ChainLab;
  /** Where its history is read: its posts are records of the main chain unless it posts elsewhere. */
  entries: EntrySource = { entry: async (index) => this.entryAt(index) };
  readonly contents = new Map<number, ChainContent>();
  readonly posts: { block: number; hash: Uint8Array }[] = [];
  servesBlocks = true;
  /** What he answers in place of a right answer. */
  bend = (bytes: Uint8Array, _: HoldingQuestion): Uint8Array | undefined => bytes;
  questions = 0;
  proofBytes = 0;
  hasSigned = false;

  constructor(facts: ChainFacts = CHAIN) {
    this.lab = new ChainLab(facts);
  }

  post(): void {
    const block = this.lab.blocks.length;
    this.posts.push({ block, hash: this.lab.tip.hash });
    this.contents.set(this.posts.length, this.lab.content);
  }

  entryAt(index: number): HistoryEntry | undefined {
    const post = this.posts[index];
    if (post === undefined) return undefined;
    const sequence = index + 1;
    const top = { sequence, key: post.hash, hash: post.hash };
    const record = { height: 2 + sequence, index: 0, hash: post.hash };
    return { sequence, record, top, hops: [], hopsBefore: [] };
  }

  /** What the map of posts after a post says at a key, with all that proves it. */
  showHop(sequence: number, key: Uint8Array): Hop {
    const block = this.lab.blocks[(this.posts[sequence - 1]?.block ?? 0) - 1];
    const content = this.contents.get(sequence);
    if (block === undefined || content === undefined) throw new Error("nothing is posted");
    const { header } = block;
    const roots = { contractsRoot: treeRoot(content.tree), rootsRoot: postMapRoot(content.posts) };
    return { header, ...roots, proof: provePost(content.posts, key) };
  }

  get tools() {
    const states = Array.from({ length: 61 }, (_, height) => ({
      ...GENESIS,
      hash: mainHash("a", height),
    }));
    return {
      rules: RULES,
      headers: { ...createHeaderBook(LOCAL_NETWORK, GENESIS), states },
      mainChain: { readAt: () => Promise.reject(new Error("no oracle is read here")) },
      entries: this.entries,
      mirrors: [],
      holders: [],
      verifier: createLocalVerifier(RULES),
      operator: {
        blocks: async (from: number, count: number) =>
          this.servesBlocks
            ? this.lab.blocks.slice(from - 1, from - 1 + count).map(encodeBlock)
            : [],
        holding: async (sequence: number, question: HoldingQuestion) => {
          const post = this.posts[sequence - 1];
          const block = post && this.lab.blocks[post.block - 1];
          const content = this.contents.get(sequence);
          if (block === undefined || content === undefined) return refuse("NO_SUCH_POST", "");
          const bytes = this.bend(
            encodeHolding(insist(createHolding(block, content, question))),
            question,
          );
          this.questions += 1;
          return bytes === undefined ? refuse("DOWN", "nothing is shown") : accept(bytes);
        },
      },
      hasSigned: async () => this.hasSigned,
      onProof: (bytes: number) => {
        this.proofBytes += bytes;
      },
    };
  }

  /** A book of it, still empty, of what Alice keeps. */
  begin(descendants: Scope["descendants"] = []): ChainBook {
    return createChainBook(this.lab.facts, { owner: alice.publicKey, descendants });
  }

  full(start = this.begin()) {
    return syncChain(start, AT, this.tools, 10_000);
  }

  share(start: ChainBook) {
    return syncShare(start, AT, this.tools, 1_000);
  }

  /** The operator posts a state that follows from no block: he changes something in it behind everybody's back. */
  postLie(change: (content: ChainContent) => ChainContent): void {
    const { lab } = this;
    const content = change(lab.content);
    const honest = insist(
      lab.build([make(cash(bob, lab.facts.hi - 50n, lab.facts.hi - 49n))]),
    ).block;
    const stateAfter = computeChainState(treeRoot(content.tree), postMapRoot(content.posts));
    const lie = lab.lie(honest, { header: { stateAfter } });
    lab.blocks.push(lie);
    lab.content = content;
    lab.tip = createTipAfter(lie.header);
    this.post();
  }

  /** Trade of others, and a post above it. */
  trade(): void {
    const [sold] = this.lab.sell([bob, 500n, 600n]);
    if (sold === undefined) throw new Error("nothing was sold");
    this.lab.take([this.lab.close(sold, [])]);
    this.post();
  }
}
