import { encodeBlock } from "../../../src/blocks/block.ts";
import { type ChainBook, createChainBook, takeBlock } from "../../../src/client/chainBook.ts";
import type { HistoryEntry } from "../../../src/client/entry.ts";
import { takeRecord } from "../../../src/client/takeRecord.ts";
import { insist } from "../../../src/lib/verdict.ts";
import { type ChainLab, hashName, oscar } from "../blocks/chainLab.ts";

/** The hash of a made-up main-chain block. */
export function mainHash(branch: string, height: number): Uint8Array {
  return hashName(`main ${branch} ${height}`);
}

/** What a checker keeps of a lab's chain, from its blocks' bytes and made-up records alone. */
export class BookKeeper {
  book: ChainBook;
  readonly #lab: ChainLab;

  constructor(lab: ChainLab, owner: Uint8Array | undefined) {
    this.#lab = lab;
    this.book = createChainBook(lab.facts, { owner, descendants: [] });
  }

  /** Take every block that the lab has made since, or those up to a height. */
  takeBlocks(to = this.#lab.blocks.length): void {
    for (const block of this.#lab.blocks.slice(this.book.tip.height, to)) {
      const { rules } = this.#lab.context;
      const context = { rules, mainHeader: () => undefined };
      this.book = insist(takeBlock(this.book, encodeBlock(block), context));
    }
  }

  /** Take a record of the block of this height. */
  record(blockHeight: number, height: number, branch = "a"): void {
    const child = this.#lab.blocks[blockHeight];
    const hash = child === undefined ? this.#lab.tip.hash : child.header.previousHash;
    const sequence = this.book.postCount + 1;
    const key = hashName(`${oscar.name} ${sequence}`);
    const top = { sequence, key, hash };
    const entry: HistoryEntry = {
      sequence,
      record: { height, index: 0, hash },
      top,
      hops: [],
      hopsBefore: [],
    };
    this.book = insist(takeRecord(this.book, entry, mainHash(branch, height), () => 0));
  }
}
