import { applyBlock } from "../../chain/applyBlock.ts";
import { decodeMainBlock, encodeMainBlock, type MainBlock } from "../../chain/block.ts";
import type { Genesis } from "../../chain/genesis.ts";
import { isBetterTip } from "../../chain/header/forkChoice.ts";
import type { HeaderState } from "../../chain/header/headerState.ts";
import { proofOfWorkHash } from "../../chain/header/proofOfWork.ts";
import { validateHeader } from "../../chain/header/validateHeader.ts";
import type { MainState } from "../../chain/state/mainState.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import type { Rules } from "../../protocol/rules.ts";

/** How far below the tip a branch may part: older states are forgotten. Bitcoin Core's test reorg is 1,088. */
export const REORG_MAX = 1_100;

/** How far ahead of our clock a header's time may be, in tenths of a second: AMOVEO.md section 3. */
const AHEAD_TENTHS_MAX = 20;

/** A valid block in the tree. `state` is undefined once it lies too deep to be built on. */
export type TreeNode = {
  readonly header: HeaderState;
  readonly block: MainBlock;
  readonly workHash: Uint8Array;
  readonly parent: TreeNode | undefined;
  state: MainState | undefined;
};

/** All valid blocks from the genesis, and which branch is best: the most work, then the lower hash. */
export type BlockTree = {
  readonly rules: Rules;
  readonly nodes: Map<string, TreeNode>;
  /** The best branch by height. */
  best: TreeNode[];
};

/** What adding a block did to the best branch: the blocks that left it, newest first, and those that came. */
export type TipChange = {
  readonly removed: readonly TreeNode[];
  readonly added: readonly TreeNode[];
};

export function createBlockTree(genesis: Genesis, rules: Rules): BlockTree {
  const { header, block, state } = genesis;
  const workHash = proofOfWorkHash(header.header, rules.parameters);
  const root: TreeNode = { header, block, workHash, parent: undefined, state };
  return { rules, nodes: new Map([[formatHex(header.hash), root]]), best: [root] };
}

export function tipOf(tree: BlockTree): TreeNode & { state: MainState } {
  const tip = tree.best.at(-1);
  if (tip?.state === undefined) throw new Error("the tip's state is kept");
  return { ...tip, state: tip.state };
}

/** The block of this hash, on any branch. */
export function findBlock(tree: BlockTree, hash: Uint8Array): TreeNode | undefined {
  return tree.nodes.get(formatHex(hash));
}

/**
 * Judge a stranger's block against the tree, which stays as it is. `KNOWN` if it is there already,
 * `UNKNOWN_PARENT` if its parent is not.
 *
 * @param now - header time, tenths of a second.
 */
export function judgeBlock(tree: BlockTree, bytes: Uint8Array, now: number): Verdict<TreeNode> {
  return judge(() => {
    const { rules } = tree;
    const block = insist(decodeMainBlock(bytes, rules.parameters.blockBytesMax));
    const parent = findBlock(tree, block.header.previousHash);
    if (parent === undefined) {
      throw new Refusal("UNKNOWN_PARENT", "the block's parent is not known here");
    }
    demand(
      block.header.time < now + AHEAD_TENTHS_MAX,
      "FROM_THE_FUTURE",
      "the block's time is ahead of this node's clock",
    );
    const header = insist(
      validateHeader(
        block.header,
        parent.header,
        rules.parameters,
        (hash) => findBlock(tree, hash)?.header.header,
      ),
    );
    demand(!tree.nodes.has(formatHex(header.hash)), "KNOWN", "the block is known already");
    if (parent.state === undefined) {
      throw new Refusal("TOO_DEEP", `the block parts more than ${REORG_MAX} blocks below the tip`);
    }
    const workHashAt = createWorkHashes(parent);
    const state = insist(applyBlock(parent.state, block, { rules, workHashAt }));
    const workHash = proofOfWorkHash(block.header, rules.parameters);
    return { header, block, workHash, parent, state };
  });
}

/** Put a block into the tree that was judged against it. */
export function insertBlock(tree: BlockTree, node: TreeNode): TipChange {
  tree.nodes.set(formatHex(node.header.hash), node);
  return chooseBest(tree, node);
}

/** Judge a block and put it into the tree: the node, and what became of the best branch. */
export function addBlock(
  tree: BlockTree,
  bytes: Uint8Array,
  now: number,
): Verdict<{ readonly node: TreeNode; readonly change: TipChange }> {
  const judged = judgeBlock(tree, bytes, now);
  if (!judged.ok) return judged;
  return accept({ node: judged.value, change: insertBlock(tree, judged.value) });
}

/** `proofOfWorkHash` by height on the branch that ends in `last`. */
export function createWorkHashes(last: TreeNode): (height: number) => Uint8Array | undefined {
  return (height) => {
    let node: TreeNode | undefined = last;
    while (node !== undefined && node.header.header.height > height) node = node.parent;
    return node?.header.header.height === height ? node.workHash : undefined;
  };
}

export function encodeNode(tree: BlockTree, node: TreeNode): Uint8Array {
  return encodeMainBlock(node.block, tree.rules.parameters.blockBytesMax);
}

function chooseBest(tree: BlockTree, node: TreeNode): TipChange {
  const tip = tree.best.at(-1) as TreeNode;
  if (!isBetterTip(node.header, tip.header)) return { removed: [], added: [] };
  const added: TreeNode[] = [];
  let common: TreeNode = node;
  while (tree.best[common.header.header.height] !== common) {
    added.unshift(common);
    if (common.parent === undefined) throw new Error("every branch begins at the genesis");
    common = common.parent;
  }
  const removed = tree.best.slice(common.header.header.height + 1).toReversed();
  tree.best.length = common.header.header.height + 1;
  tree.best.push(...added);
  forgetStates(tree);
  return { removed, added };
}

/** Drop the states of what lies too deep, and the branches that part there. */
function forgetStates(tree: BlockTree): void {
  const depth = tree.best.length - 1 - REORG_MAX;
  for (let height = depth; height >= 0; height--) {
    const deep = tree.best[height];
    if (deep?.state === undefined) break;
    deep.state = undefined;
  }
  if (depth < 1 || tree.nodes.size === tree.best.length) return;
  const gone = new Set<TreeNode>();
  // Parents were put in before their children.
  for (const [key, node] of tree.nodes) {
    const { height } = node.header.header;
    const isDeep = height <= depth && tree.best[height] !== node;
    if (!isDeep && (node.parent === undefined || !gone.has(node.parent))) continue;
    gone.add(node);
    tree.nodes.delete(key);
  }
}
