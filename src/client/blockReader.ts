import type { ChainFacts } from "../blocks/applyTransactions.ts";
import type { Header } from "../chain/header/header.ts";
import { assert } from "../lib/assert.ts";
import type { CheckAhead } from "./checkAhead.ts";
import type { BlockVerifier, OperatorSource, PendingCheck } from "./ports.ts";

/** Bytes of blocks that may be under check at once; one block always may. */
const IN_HAND_BYTES_MAX = 2 * 1024 * 1024;

type Server = Pick<OperatorSource, "blocks">;

/** Blocks of a server from a height on. */
type Question = { readonly server: Server; readonly from: number; readonly count: number };

/** A served block with what was found of it ahead, if anything was. */
export type ReadBlock = { readonly bytes: Uint8Array; readonly ahead: CheckAhead | undefined };

/**
 * Reads blocks for one who takes them in order: while he takes some, the next are under check and the page
 * after is on its way. What is held is bounded: two pages, and under check no more than the verifier has use for.
 */
export type BlockReader = {
  /**
   * Ask a server for blocks; those it has then wait to be taken. Rejects as the server does.
   *
   * @param nextCount - blocks that will be asked for after these, if these are all there; 0 for none.
   * @returns how many it has.
   */
  read(question: Question, nextCount: number): Promise<number>;
  take(): Promise<ReadBlock>;
  /** Let go of all that was read and not taken. Nothing is on its way when it resolves. */
  drop(): Promise<void>;
};

/** @param mainHeader - a main-chain header of the best chain, by its hash. */
export function createBlockReader(
  verifier: BlockVerifier,
  chain: ChainFacts,
  mainHeader: (hash: Uint8Array) => Header | undefined,
): BlockReader {
  /** Read and not under check yet; and under check, in the order in which they are taken. */
  let waiting: Uint8Array[] = [];
  let inHand: { readonly bytes: Uint8Array; readonly check: PendingCheck }[] = [];
  let asked: (Question & { readonly page: Promise<readonly Uint8Array[]> }) | undefined;

  function fill(): void {
    let bytesInHand = inHand.reduce((sum, { bytes }) => sum + bytes.length, 0);
    for (const bytes of waiting.slice(0, verifier.inHandMax - inHand.length)) {
      bytesInHand += bytes.length;
      if (inHand.length > 0 && bytesInHand > IN_HAND_BYTES_MAX) return;
      waiting.shift();
      const isAlone = inHand.length === 0 && waiting.length === 0;
      inHand.push({ bytes, check: verifier.check({ bytes, chain, mainHeader }, isAlone) });
    }
  }

  /** Ask for a page, whose blocks are under check as soon as they come. */
  function ask(question: Question): NonNullable<typeof asked> {
    const page = question.server.blocks(question.from, question.count).then((blocks) => {
      if (asked !== own) return blocks;
      waiting.push(...blocks);
      fill();
      return blocks;
    });
    const own = { ...question, page };
    // Whoever reads it hears of a failure; a page that is not wanted any more may fail unheard.
    page.catch(() => undefined);
    return own;
  }

  async function drop(): Promise<void> {
    const unwanted = asked;
    for (const { check } of inHand) check.cancel();
    waiting = [];
    inHand = [];
    asked = undefined;
    await unwanted?.page.catch(() => undefined);
  }

  return {
    async read(question, nextCount) {
      const { server, from, count } = question;
      const isAsked = asked?.server === server && asked.from === from && asked.count === count;
      if (!isAsked) await drop();
      asked ??= ask(question);
      try {
        let { length } = await asked.page;
        if (isAsked && length === 0) {
          // What was not there when it was asked for ahead may be there now.
          asked = ask(question);
          ({ length } = await asked.page);
        }
        asked = undefined;
        const isMore = length === count && nextCount > 0 && verifier.inHandMax > 1;
        if (isMore) asked = ask({ server, from: from + count, count: nextCount });
        return length;
      } catch (error) {
        asked = undefined;
        throw error;
      }
    },

    async take() {
      fill();
      const [first] = inHand;
      assert(first !== undefined, "a block is taken that was read");
      const ahead = await first.check.answer;
      inHand.shift();
      return { bytes: first.bytes, ahead };
    },

    drop,
  };
}
