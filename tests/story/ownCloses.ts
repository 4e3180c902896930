import { applyTransactions, type ChainContent } from "../../src/blocks/applyTransactions.ts";
import { decodeBlock, type SortitionBlock } from "../../src/blocks/block.ts";
import type { CloseProof } from "../../src/blocks/closeProof.ts";
import { createPostMap, postMapRoot } from "../../src/blocks/postMap.ts";
import { buildCloseProof, type ProvableState } from "../../src/chain/settlement/buildCloseProof.ts";
import { equalBytes } from "../../src/lib/bytes.ts";
import { insist } from "../../src/lib/verdict.ts";
import type { Operator } from "../../src/operator/operator.ts";
import { createTree } from "../../src/space/tree.ts";
import { RULES } from "./localWorld.ts";

/** The proof of a contract's close, from the blocks of the operator of a chain on the main chain. */
export async function proveClose(operator: Operator, contractId: Uint8Array): Promise<CloseProof> {
  const { chain, posts, tip } = operator.state;
  const blocks: SortitionBlock[] = [];
  for (let height = 1; height <= tip.height; height++) {
    blocks.push(insist(decodeBlock((await operator.block(height)) ?? new Uint8Array())));
  }
  const at = blocks.findIndex(({ transactions }) =>
    transactions.some(
      (each) => each.kind === "contract-close" && equalBytes(each.close.contractId, contractId),
    ),
  );
  const block = blocks[at];
  const post = posts.find(({ height }) => height > at);
  if (block === undefined || post === undefined) throw new Error("no recorded close of it");
  const before = posts.find(({ sequence }) => sequence === post.sequence - 1);
  const first = before?.height ?? 0;
  const run = blocks.slice(first, post.height).map(({ header }) => header);
  return insist(
    buildCloseProof({
      sequence: post.sequence,
      hops: [],
      hopsBefore: [],
      before: first === 0 ? undefined : blocks[first - 1]?.header,
      run,
      at: at - first,
      transactions: block.transactions,
      close: block.transactions.findIndex(
        (each) => each.kind === "contract-close" && equalBytes(each.close.contractId, contractId),
      ),
      conditions: blocks.flatMap(({ conditions }) => conditions),
      stateBefore: replay(chain, blocks.slice(0, at)),
      stateAfter: replay(chain, blocks.slice(0, at + 1)),
    }),
  );
}

function replay(
  chain: Operator["state"]["chain"],
  blocks: readonly SortitionBlock[],
): ProvableState {
  let content: ChainContent = { tree: createTree(chain.lo, chain.hi), posts: createPostMap() };
  for (const { header, transactions } of blocks) {
    content = insist(
      applyTransactions(content, transactions, {
        rules: { ...RULES, verify: () => true },
        chain,
        height: header.height,
        previousHash: header.previousHash,
        mainHeight: header.mainHeight,
        mainHeader: "believed",
      }),
    );
  }
  return { rootsRoot: postMapRoot(content.posts), tree: content.tree };
}
