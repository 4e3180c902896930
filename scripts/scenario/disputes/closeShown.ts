import type { CloseProof } from "../../../src/blocks/closeProof.ts";
import { postMapRoot } from "../../../src/blocks/postMap.ts";
import { buildCloseProof } from "../../../src/chain/settlement/buildCloseProof.ts";
import { insist } from "../../../src/lib/verdict.ts";
import type { Condition } from "../../../src/protocol/condition.ts";
import type { ForgedBlock, Forger } from "./forger.ts";

/**
 * The proof of a close in a block, under the chain's newest post on the main chain.
 *
 * @param forged - the block with the close, as a transaction of index `close`. @param postedBefore - the last block under the post before.
 */
export function showClose(
  { blocks }: Forger,
  forged: ForgedBlock,
  options: {
    readonly close: number;
    readonly sequence: number;
    readonly postedBefore: ForgedBlock;
    readonly conditions?: readonly Condition[];
    /** The state that is shown after it, in place of the one that its header names. */
    readonly stateAfter?: ForgedBlock["after"];
  },
): CloseProof {
  const { close, sequence, postedBefore, conditions = [], stateAfter = forged.after } = options;
  const run = blocks.slice(blocks.indexOf(postedBefore) + 1);
  const provable = ({ tree, posts }: ForgedBlock["after"]) => ({
    tree,
    rootsRoot: postMapRoot(posts),
  });
  return insist(
    buildCloseProof({
      sequence,
      hops: [],
      hopsBefore: [],
      before: postedBefore.block.header,
      run: run.map(({ block }) => block.header),
      at: run.indexOf(forged),
      transactions: forged.block.transactions,
      close,
      conditions,
      stateBefore: provable(forged.before),
      stateAfter: provable(stateAfter),
    }),
  );
}
