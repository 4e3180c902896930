import { afterEach, describe, expect, it, vi } from "vitest";
import type * as ApplyBlocks from "../../../src/chain/applyBlock.ts";
import type * as Blocks from "../../../src/chain/block.ts";
import { decodeMainBlock } from "../../../src/chain/block.ts";
import type * as ForkChoice from "../../../src/chain/header/forkChoice.ts";
import { hashHeader } from "../../../src/chain/header/header.ts";
import type { HeaderState } from "../../../src/chain/header/headerState.ts";
import type * as ProofOfWork from "../../../src/chain/header/proofOfWork.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { accept } from "../../../src/lib/verdict.ts";
import * as realTree from "../../../src/node/engine/blockTree.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { growTree, type TreeCode, tryHeavierBranch, tryTree } from "./treePlay.ts";

const SOURCE = "../../../src";
/** A planted bug must fall within this many trees: a third of what the property plays. */
const TREES = 20;
const BLOCKS = 28;
/** Of the play in which fewer blocks have more work: random trees this small have no such branch. */
const HEAVIER_SEED = 7;

/** Grown once, by the chain's own code: every bug is shown the same blocks. */
const grown = Array.from({ length: TREES }, (_, index) =>
  growTree(realTree, new SeededRandom(index + 1), BLOCKS),
);

/** Modules that some bug has put another in the place of. */
const mocked = new Set<string>();

/** What a bug is behind: a module put in the place of the real one, or a wrong tree around the real one. */
type Bug = { readonly mock?: () => void; readonly wrap?: (code: TreeCode) => TreeCode };

/** Put what `change` makes of a real module in its place, for whoever imports it next. */
function replace<Module extends object>(
  path: string,
  change: (real: Module) => Partial<Module>,
): void {
  mocked.add(path);
  vi.doMock(`${SOURCE}/${path}`, async (original) => {
    const real = await original<Module>();
    return { ...real, ...change(real) };
  });
}

const chooseBy = (isBetterTip: (a: HeaderState, b: HeaderState) => boolean): Bug => ({
  mock: () => replace<typeof ForkChoice>("chain/header/forkChoice.ts", () => ({ isBetterTip })),
});

/** The real tree, whose every addition is followed by something that should not be done. */
const afterwards =
  (
    meddle: (
      tree: realTree.BlockTree,
      added: { readonly node: realTree.TreeNode; readonly change: realTree.TipChange },
      before: realTree.TreeNode,
    ) => void,
  ): NonNullable<Bug["wrap"]> =>
  (code) => ({
    ...code,
    addBlock(tree, bytes, now) {
      const before = tree.best.at(-1) as realTree.TreeNode;
      const added = code.addBlock(tree, bytes, now);
      if (added.ok) meddle(tree, added.value, before);
      return added;
    },
  });

/** A node for bytes that no honest tree takes: on `parent`, with its state. */
function forgeNode(bytes: Uint8Array, parent: realTree.TreeNode): realTree.TreeNode | undefined {
  const block = decodeMainBlock(bytes, LOCAL_NETWORK.blockBytesMax);
  if (!block.ok) return undefined;
  const { header } = block.value;
  const state = {
    ...parent.header,
    header,
    hash: hashHeader(header),
    work: parent.header.work + 1n,
  };
  return { ...parent, header: state, block: block.value, parent };
}

/** Each plants one bug; everything else stays the node's own. */
const BUGS: Record<string, Bug> = {
  "who came first wins between branches of equal work": chooseBy((a, b) => a.work > b.work),
  "who came last wins between branches of equal work": chooseBy((a, b) => a.work >= b.work),
  "height is taken for work": chooseBy((a, b) => a.header.height > b.header.height),
  "the higher hash wins": chooseBy((a, b) =>
    a.work === b.work ? Buffer.compare(a.hash, b.hash) > 0 : a.work > b.work,
  ),
  "undoing forgets one map": {
    wrap: afterwards((_, { node, change }, before) => {
      if (change.removed.length === 0 || !node.state || !before.state) return;
      node.state = { ...node.state, secrets: before.state.secrets };
    }),
  },
  "what the abandoned branch had above the new tip stays": {
    wrap: afterwards((tree, { change: { removed } }) => {
      const tip = tree.best.at(-1);
      const above = removed.filter(
        ({ header }) => header.header.height > (tip?.header.header.height ?? 0),
      );
      tree.best.push(...above.toReversed());
    }),
  },
  "a block that breaks a rule is kept as valid": {
    mock: () =>
      replace<typeof ApplyBlocks>("chain/applyBlock.ts", (real) => ({
        applyBlock: (state, block, place) => {
          const applied = real.applyBlock(state, block, place);
          return applied.ok ? applied : accept(state);
        },
      })),
  },
  "transactions are not held to the header": {
    mock: () =>
      replace<typeof Blocks>("chain/block.ts", () => ({
        // The whole block is handed in where it is judged.
        computeTxsHash: (block) => (block as Blocks.MainBlock).header.txsProofHash,
      })),
  },
  "work is not checked": {
    mock: () =>
      replace<typeof ProofOfWork>("chain/header/proofOfWork.ts", () => ({ hasWork: () => true })),
  },
  "the child of a block that broke a rule is taken": {
    wrap: (code) => ({
      ...code,
      addBlock(tree, bytes, now) {
        const added = code.addBlock(tree, bytes, now);
        if (added.ok || added.code !== "OTHER_STATE") return added;
        const parent = code.findBlock(tree, bytes.slice(0, 32));
        const node = parent && forgeNode(bytes, parent);
        if (node !== undefined) tree.nodes.set(formatHex(node.header.hash), node);
        return added;
      },
    }),
  },
  "a block is connected before its parent came": {
    wrap: (code) => ({
      ...code,
      addBlock(tree, bytes, now) {
        const added = code.addBlock(tree, bytes, now);
        if (added.ok || added.code !== "UNKNOWN_PARENT") return added;
        const node = forgeNode(bytes, tree.best.at(-1) as realTree.TreeNode);
        if (node === undefined) return added;
        tree.nodes.set(formatHex(node.header.hash), node);
        return accept({ node, change: { removed: [], added: [] } });
      },
    }),
  },
  "a block that is known is taken once more": {
    wrap: (code) => ({
      ...code,
      addBlock(tree, bytes, now) {
        const added = code.addBlock(tree, bytes, now);
        if (added.ok || added.code !== "KNOWN") return added;
        return accept({ node: code.tipOf(tree), change: { removed: [], added: [] } });
      },
    }),
  },
};

/** The tree's code loaded anew, so that the planted module is the one it uses. */
async function findFirstWrong({ mock, wrap }: Bug): Promise<string | undefined> {
  vi.resetModules();
  mock?.();
  const real: TreeCode = await import(`${SOURCE}/node/engine/blockTree.ts`);
  const code = wrap?.(real) ?? real;
  for (const [index, each] of grown.entries()) {
    const wrong = tryTree(index + 1, each, code);
    if (wrong !== undefined) return `seed ${index + 1}: ${wrong}`;
  }
  const wrong = tryHeavierBranch(HEAVIER_SEED, code);
  return wrong === undefined ? undefined : `seed ${HEAVIER_SEED}: ${wrong}`;
}

describe("planted bugs", () => {
  afterEach(() => {
    vi.resetModules();
    for (const path of mocked) vi.doUnmock(`${SOURCE}/${path}`);
  });

  it.each(Object.entries(BUGS))("catches it when %s", async (_, bug) => {
    expect(await findFirstWrong(bug)).toMatch(/^seed \d+: /);
  });

  it("has nothing to say where no bug is planted", async () => {
    expect(await findFirstWrong({})).toBeUndefined();
  });
});
