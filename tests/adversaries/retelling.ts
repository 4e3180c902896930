import type { ChainContent } from "../../src/blocks/applyTransactions.ts";
import { encodeBlock, type SortitionBlock } from "../../src/blocks/block.ts";
import { buildBlock } from "../../src/blocks/buildBlock.ts";
import type { BlockTransaction } from "../../src/blocks/transaction.ts";
import { createTipAfter } from "../../src/blocks/validateBlock.ts";
import { getRecord } from "../../src/chain/state/mainState.ts";
import type { SignedTransaction } from "../../src/chain/transaction.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { formatHex } from "../../src/lib/hex.ts";
import { encodeBlockHeader, hashBlockHeader } from "../../src/protocol/blockHeader.ts";
import { LOCAL_NETWORK } from "../../src/protocol/network.ts";
import { computePostKey, readExistenceRecord, type SignedPost } from "../../src/protocol/post.ts";
import { RULES } from "../story/localWorld.ts";
import type { Story } from "./campaign.ts";
import { contentAfter, findSpot, leavesOf, postIn, sign } from "./forging.ts";
import type { Truth } from "./judge.ts";
import { MainBranch } from "./mainBranch.ts";
import {
  LEVELS,
  type Level,
  type Moment,
  type RecordedChain,
  type Recording,
} from "./recording.ts";

const PERIOD_MS = LOCAL_NETWORK.periodTenths * 100;

/** A chain as it goes on in a retelling: what is served of it, and which of that is honest. */
type Retold = {
  readonly bytes: Uint8Array[];
  readonly blocks: SortitionBlock[];
  /** After block number `index`. */
  readonly contents: ChainContent[];
};

/**
 * A recorded story that goes on in another way from one of its moments: what operators publish and post from there
 * on really stands on the main chain, whose rules it has to meet, and those of honest chains meet theirs.
 */
export class Retelling {
  readonly recording: Recording;
  readonly #truths: Map<Moment, Readonly<Partial<Record<Level, Truth>>>>;
  readonly #moments: Moment[];
  readonly #chains: Record<Level, Retold>;
  readonly #waiting: SignedTransaction[] = [];
  #branch: MainBranch;
  #nowMs: number;

  /** @param published - what is published at that moment, where that is less than it was. */
  constructor(
    { recording, truths }: Story,
    at: number,
    published: Partial<Record<Level, number>> = {},
  ) {
    const moment = recording.moments[at] as Moment;
    this.recording = recording;
    this.#truths = new Map(truths);
    this.#moments = recording.moments.slice(0, at);
    this.#branch = MainBranch.from(recording.node, moment.height);
    this.#nowMs = moment.nowMs;
    const upTo = { ...moment.published, ...published };
    const begin = (level: Level) => takeUpTo(recording, recording.chains[level], upTo[level]);
    this.#chains = {
      exchange: begin("exchange"),
      sports: begin("sports"),
      syndicate: begin("syndicate"),
    };
  }

  get branch(): MainBranch {
    return this.#branch;
  }

  get moments(): readonly Moment[] {
    return this.#moments;
  }

  /** The whole content of a chain after its last honest block. */
  content(level: Level): ChainContent {
    const content = this.#chains[level].contents.at(-1);
    if (content === undefined) throw new Error(`the ${level} has not begun`);
    return content;
  }

  /** Honest blocks of a chain so far. */
  height(level: Level): number {
    return this.#chains[level].blocks.length;
  }

  tipHash(level: Level): Uint8Array {
    const last = this.#chains[level].blocks.at(-1);
    if (last === undefined) throw new Error(`the ${level} has not begun`);
    return hashBlockHeader(last.header);
  }

  /** The hashes that a chain has posted, in their order, whether or not they are under a record yet. */
  postedBy(level: Level): readonly Uint8Array[] {
    const anchor = this.recording.anchors[level];
    if (anchor === "mainChain") return this.#records(level);
    return this.#updates(level, this.#chains[anchor].blocks).map(({ post }) => post.blockHash);
  }

  /** Height of the last block that a chain has posted. */
  postedHeight(level: Level): number {
    const last = this.postedBy(level).at(-1);
    const { blocks } = this.#chains[level];
    const isIt = ({ header }: SortitionBlock) =>
      last !== undefined && equalBytes(hashBlockHeader(header), last);
    return blocks.findIndex(isIt) + 1;
  }

  /** An operator serves other bytes from now on in the place of a block that he has served. */
  replace(level: Level, height: number, bytes: Uint8Array): void {
    const served = (each: Level) => [...this.#chains[each].bytes];
    const before = {
      exchange: served("exchange"),
      sports: served("sports"),
      syndicate: served("syndicate"),
    };
    for (const [index, moment] of this.#moments.entries()) {
      this.#moments[index] = this.#rename(moment, { served: before, ...moment });
    }
    this.#chains[level].bytes[height - 1] = bytes;
  }

  /** An operator serves these bytes as his next block, whatever they are. */
  serve(level: Level, bytes: Uint8Array): void {
    this.#chains[level].bytes.push(bytes);
  }

  /** An honest operator makes his next block. */
  make(level: Level, transactions: readonly BlockTransaction[]): SortitionBlock {
    const { chain, key } = this.recording.chains[level];
    const { blocks, bytes, contents } = this.#chains[level];
    const last = blocks.at(-1);
    if (last === undefined) throw new Error(`the ${level} has not begun`);
    const draft = { transactions, scripts: [], conditions: [], time: BigInt(this.#nowMs) };
    const built = buildBlock(this.content(level), createTipAfter(last.header), draft, {
      rules: RULES,
      chain,
      mainHeight: this.#branch.height,
      mainHeader: () => undefined,
    });
    if (!built.ok) throw new Error(`an honest block does not hold: ${built.code}`);
    const { block, effects } = built.value;
    const signed = { ...block, signature: sign(key, "signBlock", encodeBlockHeader(block.header)) };
    blocks.push(signed);
    bytes.push(encodeBlock(signed));
    contents.push(effects);
    return signed;
  }

  /** A post of a chain in the next main-chain block; it is paid for by whoever `key` belongs to. */
  record(level: Level, blockHash: Uint8Array, sequence = this.#recorded(level) + 1): void {
    const { chain, key } = this.recording.chains[level];
    const signed = postIn({ kind: "mainChain" }, key, { chainId: chain.id, sequence, blockHash });
    this.#send(key, signed);
  }

  /** What a chain posts in the chain that takes its posts, or on the main chain: the honest blocks above it carry it there. */
  post(level: Level, blockHash: Uint8Array): void {
    const anchor = this.recording.anchors[level];
    if (anchor === "mainChain") {
      this.record(level, blockHash);
      return;
    }
    const signed = this.signPost(level, blockHash, anchor);
    const block = this.make(anchor, [{ kind: "root-update", signed }]);
    this.post(anchor, hashBlockHeader(block.header));
  }

  /** A chain's next post in a chain above it. */
  signPost(level: Level, blockHash: Uint8Array, anchor: Level): SignedPost {
    const { chain, key } = this.recording.chains[level];
    const id = this.recording.chains[anchor].chain.id;
    const last = this.#updates(level, this.#chains[anchor].blocks).at(-1)?.post.sequence ?? 0;
    const post = { chainId: chain.id, sequence: last + 1, blockHash };
    return postIn({ kind: "chain", id }, key, post);
  }

  /** The client may look now, before the next main-chain block. */
  pause(): void {
    const { exchange, sports, syndicate } = this.#chains;
    const moment: Moment = {
      height: this.#branch.height,
      nowMs: this.#nowMs,
      published: {
        exchange: exchange.bytes.length,
        sports: sports.bytes.length,
        syndicate: syndicate.bytes.length,
      },
    };
    this.#moments.push(moment);
    const known: Partial<Record<Level, Truth>> = {};
    for (const level of LEVELS) {
      if (this.#chains[level].blocks.length > 0) known[level] = this.#truth(level);
    }
    this.#truths.set(moment, known);
  }

  /** The next main-chain blocks, the first with all that waits for it; the client may look after each. */
  mine(count = 1): void {
    for (let made = 0; made < count; made++) {
      this.#nowMs += PERIOD_MS;
      this.#branch = this.#branch.mine(this.#waiting.splice(0), this.#nowMs);
      this.pause();
    }
  }

  /**
   * The newest `depth` main-chain blocks give way to one more than they were. What stood in them is recorded again
   * in the first, but for what `isKept` says no to.
   *
   * @param before - what is done before the first of the new blocks is mined.
   */
  reorganise(
    depth: number,
    isKept: (transaction: SignedTransaction) => boolean = () => true,
    before: () => void = () => undefined,
  ): void {
    const old = this.#branch;
    for (const [index, moment] of this.#moments.entries()) {
      this.#moments[index] = this.#rename(moment, { ...moment, node: moment.node ?? old });
    }
    const heights = Array.from({ length: depth }, (_, index) => old.height - depth + 1 + index);
    const undone = heights.flatMap((height) => old.headerAt(height)?.block.transactions ?? []);
    this.#branch = MainBranch.from(old, old.height - depth);
    before();
    const again = [...undone.filter(isKept), ...this.#waiting.splice(0)];
    for (let made = 0; made <= depth; made++) {
      this.#nowMs += PERIOD_MS;
      this.#branch = this.#branch.mine(made === 0 ? again : [], this.#nowMs);
    }
    this.pause();
  }

  /** The story as it is told now. */
  tell(): Story {
    const retold = (level: Level): RecordedChain => {
      const { bytes, blocks, contents } = this.#chains[level];
      const chain = this.recording.chains[level];
      const before = [...chain.before.slice(0, 1), ...contents];
      return { ...chain, bytes, blocks, before };
    };
    const recording: Recording = {
      ...this.recording,
      node: this.#branch,
      moments: this.#moments,
      chains: {
        exchange: retold("exchange"),
        sports: retold("sports"),
        syndicate: retold("syndicate"),
      },
    };
    return { recording, truths: this.#truths };
  }

  #rename(moment: Moment, next: Moment): Moment {
    const truth = this.#truths.get(moment);
    if (truth !== undefined) this.#truths.set(next, truth);
    return next;
  }

  #send(key: Uint8Array, signed: SignedPost): void {
    const ahead = this.#waiting.filter(({ transaction }) =>
      equalBytes(transaction.from, signed.signer),
    ).length;
    const entry = { kind: "post", ...signed } as const;
    this.#waiting.push(this.#branch.sign(key, { kind: "existence", entry }, ahead));
  }

  /** Posts of a chain that stand on the main chain itself. */
  #recorded(level: Level): number {
    return this.#records(level).length;
  }

  #records(level: Level): Uint8Array[] {
    const { chain } = this.recording.chains[level];
    const hashes: Uint8Array[] = [];
    for (;;) {
      const key = computePostKey(chain.operator, chain.id, hashes.length + 1);
      const record = getRecord(this.#branch.state, "existence", key, readExistenceRecord);
      if (record === undefined) return hashes;
      hashes.push(record.hash);
    }
  }

  /** A chain's posts among blocks of the one that takes them. */
  #updates(level: Level, blocks: readonly SortitionBlock[]): SignedPost[] {
    const { id } = this.recording.chains[level].chain;
    return blocks.flatMap(({ transactions }) =>
      transactions.flatMap((each) =>
        each.kind === "root-update" && equalBytes(each.signed.post.chainId, id)
          ? [each.signed]
          : [],
      ),
    );
  }

  /** Entries of a chain's history that honest blocks stand behind. */
  #entries(level: Level): number {
    const anchor = this.recording.anchors[level];
    if (anchor === "mainChain") return this.#recorded(level);
    const { blocks } = this.#chains[anchor];
    const hashes = blocks.map(({ header }) => formatHex(hashBlockHeader(header)));
    let entries = 0;
    let from = 0;
    for (const hash of this.#records(anchor)) {
      const to = hashes.indexOf(formatHex(hash)) + 1;
      if (to <= from) break;
      entries += Math.min(1, this.#updates(level, blocks.slice(from, to)).length);
      from = to;
    }
    return entries;
  }

  #truth(level: Level): Truth {
    const standing = leavesOf(this.content(level)).map(({ id }) => formatHex(id));
    return {
      posts: this.#entries(level),
      blocks: this.#chains[level].blocks.length,
      standing: new Set(standing),
    };
  }
}

function takeUpTo(recording: Recording, chain: RecordedChain, height: number): Retold {
  const blocks = chain.blocks.slice(0, height);
  const contents = blocks.map((_, index) => {
    const after = chain.before[index + 1] ?? contentAfter(findSpot(recording, chain, index + 1));
    if (after === undefined) throw new Error("a recorded block does not hold");
    return after;
  });
  return { blocks, bytes: chain.bytes.slice(0, height), contents };
}
