import { describe, expect, it } from "vitest";
import { encodeMainBlock } from "../../../src/chain/block.ts";
import { draftBlock } from "../../../src/chain/draftBlock.ts";
import { HEADER_BYTES } from "../../../src/chain/header/header.ts";
import { mineHeader } from "../../../src/chain/header/proofOfWork.ts";
import { createLocalGenesis, LOCAL_FAUCET_PRIVATE_KEY } from "../../../src/chain/localNetwork.ts";
import { readAccountRecord } from "../../../src/chain/state/accountRecord.ts";
import { computeMapRoots, type MainState } from "../../../src/chain/state/mainState.ts";
import { encodeUnsigned, type SignedTransaction } from "../../../src/chain/transaction.ts";
import { decode } from "../../../src/lib/codec.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { entries } from "../../../src/lib/map/merkleMap.ts";
import {
  addBlock,
  type BlockTree,
  createBlockTree,
  createWorkHashes,
  findBlock,
  type TreeNode,
  tipOf,
} from "../../../src/node/engine/blockTree.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { computeDigest, computePublicKey, signDigest } from "../../../src/protocol/signature.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

const TREES = 60;
const BLOCKS = 25;
/** Signatures are not the subject here, but their place in the bytes is. */
const rules = createRules(LOCAL_NETWORK, () => true);
const genesis = createLocalGenesis(rules);
const faucet = computePublicKey(LOCAL_FAUCET_PRIVATE_KEY);
const NOW = Number.MAX_SAFE_INTEGER;
const bytesMax = LOCAL_NETWORK.blockBytesMax;

function keyOf(number: number): Uint8Array {
  return computePublicKey(sha256(Uint8Array.of(number, 1)));
}

function spend(nonce: number, to: Uint8Array): SignedTransaction {
  const body = { kind: "spend", to, amount: BigInt(1_000 + nonce) } as const;
  const transaction = { from: faucet, nonce, fee: BigInt(nonce), body };
  const digest = computeDigest("signTransaction", rules.networkId, encodeUnsigned(transaction));
  return { transaction, signature: signDigest(digest, LOCAL_FAUCET_PRIVATE_KEY) };
}

/** A block on `parent`, with what of the faucet's spends is next there. */
function grow(tree: BlockTree, parent: TreeNode, random: SeededRandom): Uint8Array {
  if (parent.state === undefined) throw new Error("the parent's state is kept");
  const { height } = parent.header.header;
  const candidates = random.below(3) === 0 ? [] : [spend(height + 1, keyOf(random.below(5)))];
  const { block } = draftBlock(candidates, {
    rules,
    parent: parent.header,
    state: parent.state,
    getHeader: (hash) => findBlock(tree, hash)?.header.header,
    workHashAt: createWorkHashes(parent),
    time: parent.header.header.time + 20 + random.below(5),
    miner: keyOf(10 + random.below(3)),
  });
  for (let start = 0n; ; start += 10_000n) {
    const header = mineHeader(block.header, start, 10_000, rules.parameters);
    if (header !== undefined) return encodeMainBlock({ ...block, header }, bytesMax);
  }
}

/** Random blocks on random parents, in the order in which they were made. */
function growTree(random: SeededRandom): Uint8Array[] {
  const tree = createBlockTree(genesis, rules);
  const nodes: TreeNode[] = [...tree.nodes.values()];
  const blocks: Uint8Array[] = [];
  while (blocks.length < BLOCKS) {
    // Mostly near the end, so that branches grow long enough to overtake each other.
    const back = random.below(3) === 0 ? random.below(nodes.length) : random.below(3);
    const parent = nodes[Math.max(0, nodes.length - 1 - back)] as TreeNode;
    const bytes = grow(tree, parent, random);
    const added = addBlock(tree, bytes, NOW);
    if (!added.ok) {
      if (added.code === "KNOWN") continue;
      throw new Error(`an honest block is refused: ${added.code} ${added.message}`);
    }
    nodes.push(added.value.node);
    blocks.push(bytes);
  }
  return blocks;
}

/** Deliver in random order, with repeats and damaged blocks between, until all are in. */
function deliver(blocks: readonly Uint8Array[], random: SeededRandom): BlockTree {
  const tree = createBlockTree(genesis, rules);
  const missing = [...blocks];
  while (missing.length > 0) {
    const index = random.below(missing.length);
    const bytes = missing[index] as Uint8Array;
    if (random.below(4) === 0) {
      const damaged = Uint8Array.from(bytes);
      // Behind the header: at this difficulty a header with another nonce may be an honest sibling.
      const at = HEADER_BYTES + random.below(damaged.length - HEADER_BYTES);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8));
      const judged = addBlock(tree, damaged, NOW);
      expect(judged.ok).toBe(false);
    }
    const added = addBlock(tree, bytes, NOW);
    if (!added.ok && added.code === "UNKNOWN_PARENT") continue;
    expect(added.ok).toBe(true);
    missing.splice(index, 1);
    expect(addBlock(tree, bytes, NOW)).toMatchObject({ code: "KNOWN" });
  }
  return tree;
}

function dump(state: MainState): string {
  const rows = Object.entries(state).flatMap(([map, content]) =>
    [...entries(content)].map(([key, value]) => `${map} ${formatHex(key)} ${formatHex(value)}`),
  );
  return [...computeMapRoots(state).map(formatHex), ...rows].join("\n");
}

function supply(state: MainState): bigint {
  let total = 0n;
  for (const [, bytes] of entries(state.accounts)) {
    const account = decode(bytes, readAccountRecord);
    total += account.ok ? account.value.balance : 0n;
  }
  return total;
}

describe("block tree", () => {
  it(`ends on one tip and one state, however ${TREES} random trees are delivered`, () => {
    let reorgs = 0;
    for (let seed = 1; seed <= TREES; seed++) {
      const random = new SeededRandom(seed);
      const blocks = growTree(random);
      const [first, second] = [deliver(blocks, random), deliver(blocks, random)];
      const [one, other] = [tipOf(first), tipOf(second)];
      expect(formatHex(one.header.hash), `seed ${seed}`).toBe(formatHex(other.header.hash));
      expect(dump(one.state), `seed ${seed}`).toBe(dump(other.state));
      const heaviest = [...first.nodes.values()].reduce((best, node) =>
        node.header.work > best.header.work ? node : best,
      );
      expect(one.header.work).toBe(heaviest.header.work);
      reorgs += first.nodes.size - first.best.length;
      for (const node of first.nodes.values()) {
        if (node.state === undefined) throw new Error("no state is old enough to be forgotten");
        const { height } = node.header.header;
        const minted = BigInt(height) * LOCAL_NETWORK.blockReward;
        expect(supply(node.state)).toBe(supply(genesis.state) + minted);
      }
    }
    expect(reorgs).toBeGreaterThan(TREES);
  });

  it("gives back the very state when a longer branch comes and goes", () => {
    const random = new SeededRandom(99);
    const tree = createBlockTree(genesis, rules);
    const root = tipOf(tree);
    const extend = (from: TreeNode, count: number): TreeNode => {
      let node = from;
      while (count-- > 0) {
        const added = addBlock(tree, grow(tree, node, random), NOW);
        if (!added.ok) throw new Error(added.message);
        node = added.value.node;
      }
      return node;
    };
    const short = extend(root, 40);
    const before = dump(tipOf(tree).state);
    const long = extend(root, 60);
    expect(formatHex(tipOf(tree).header.hash)).toBe(formatHex(long.header.hash));
    extend(short, 60);
    const again = findBlock(tree, short.header.hash);
    expect(dump(again?.state as MainState)).toBe(before);
    expect(tree.best[40]).toBe(again);
  });
});
