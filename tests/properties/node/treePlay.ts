import { encodeMainBlock } from "../../../src/chain/block.ts";
import { draftBlock } from "../../../src/chain/draftBlock.ts";
import { HEADER_BYTES, type Header } from "../../../src/chain/header/header.ts";
import { hasWork, mineHeader } from "../../../src/chain/header/proofOfWork.ts";
import { createLocalGenesis, LOCAL_FAUCET_PRIVATE_KEY } from "../../../src/chain/localNetwork.ts";
import { readAccountRecord } from "../../../src/chain/state/accountRecord.ts";
import {
  computeMapRoots,
  computeStateHash,
  type MainState,
} from "../../../src/chain/state/mainState.ts";
import {
  encodeUnsigned,
  type SignedTransaction,
  type TransactionBody,
} from "../../../src/chain/transaction.ts";
import { decode } from "../../../src/lib/codec.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { entries } from "../../../src/lib/map/merkleMap.ts";
import type * as BlockTrees from "../../../src/node/engine/blockTree.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { computeDigest, computePublicKey, signDigest } from "../../../src/protocol/signature.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

/** Signatures are not the subject here, but their place in the bytes is. */
const rules = createRules(LOCAL_NETWORK, () => true);
const genesis = createLocalGenesis(rules);
const faucet = computePublicKey(LOCAL_FAUCET_PRIVATE_KEY);
const NOW = Number.MAX_SAFE_INTEGER;
const bytesMax = LOCAL_NETWORK.blockBytesMax;

/** The tree under test: the chain's own, or one with a bug planted. */
export type TreeCode = typeof BlockTrees;
type BlockTree = BlockTrees.BlockTree;
type TreeNode = BlockTrees.TreeNode;

function keyOf(number: number): Uint8Array {
  return computePublicKey(sha256(Uint8Array.of(number, 1)));
}

/** Something for each of several maps, different with each number. */
function transact(nonce: number, number: number): SignedTransaction {
  const bodies: readonly TransactionBody[] = [
    { kind: "spend", to: keyOf(number % 5), amount: BigInt(1_000 + nonce) },
    { kind: "existence", entry: { kind: "plain", hash: sha256(Uint8Array.of(nonce, number)) } },
    { kind: "existence", entry: { kind: "secret", secret: Uint8Array.of(nonce, number) } },
    { kind: "oracle-new", reporter: keyOf(number % 5), question: `${number}?` },
  ];
  const body = bodies[number % bodies.length] as TransactionBody;
  const transaction = { from: faucet, nonce, fee: BigInt(nonce), body };
  const digest = computeDigest("signTransaction", rules.networkId, encodeUnsigned(transaction));
  return { transaction, signature: signDigest(digest, LOCAL_FAUCET_PRIVATE_KEY) };
}

/** What a wrong tree code does that this play found; a mistake of the play itself is another error. */
class Wrong extends Error {}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Wrong(what);
}

/** A block on `parent`, with what of the faucet's transactions is next there. */
function grow(
  code: TreeCode,
  tree: BlockTree,
  parent: TreeNode,
  random: SeededRandom,
  spacing: number,
): Uint8Array {
  if (parent.state === undefined) throw new Error("the parent's state is kept");
  const { height } = parent.header.header;
  const isEmpty = random.below(3) === 0;
  const { block } = draftBlock(isEmpty ? [] : [transact(height + 1, random.below(200))], {
    rules,
    parent: parent.header,
    state: parent.state,
    getHeader: (hash) => code.findBlock(tree, hash)?.header.header,
    workHashAt: code.createWorkHashes(parent),
    time: parent.header.header.time + spacing,
    miner: keyOf(10 + random.below(3)),
  });
  return mine(block);
}

function mine(block: Parameters<typeof encodeMainBlock>[0]): Uint8Array {
  for (let start = 0n; ; start += 10_000n) {
    const header = mineHeader(block.header, start, 10_000, rules.parameters);
    if (header !== undefined) return encodeMainBlock({ ...block, header }, bytesMax);
  }
}

/** Blocks of a random tree in the order in which they were made, and some with work that break a rule. */
type Grown = { readonly blocks: readonly Uint8Array[]; readonly bad: readonly Uint8Array[] };

/** Grown with the chain's own code: a bug must not change what is delivered. */
export function growTree(code: TreeCode, random: SeededRandom, count: number): Grown {
  const tree = code.createBlockTree(genesis, rules);
  const nodes: TreeNode[] = [...tree.nodes.values()];
  const blocks: Uint8Array[] = [];
  const bad: Uint8Array[] = [];
  while (blocks.length < count) {
    // Mostly near the end, so that branches grow long enough to overtake each other.
    const back = random.below(3) === 0 ? random.below(nodes.length) : random.below(3);
    const parent = nodes[Math.max(0, nodes.length - 1 - back)] as TreeNode;
    // A branch mostly keeps its pace: the fast ones get heavier than longer ones.
    const pace = (parent.header.header.time - (parent.parent?.header.header.time ?? 0)) % 100;
    const spacing = pace > 0 && random.below(8) > 0 ? pace : random.below(2) === 0 ? 3 : 50;
    const bytes = grow(code, tree, parent, random, spacing);
    const added = code.addBlock(tree, bytes, NOW);
    if (!added.ok) {
      if (added.code === "KNOWN") continue;
      throw new Error(`an honest block is refused: ${added.code} ${added.message}`);
    }
    nodes.push(added.value.node);
    blocks.push(bytes);
    if (random.below(4) === 0) bad.push(...growBad(added.value.node, random));
  }
  return { blocks, bad };
}

/** A block of good work that commits to another state, an empty one on top of it, and one without work. */
function growBad({ header, block, parent }: TreeNode, random: SeededRandom): Uint8Array[] {
  if (parent === undefined) return [];
  const treesHash = sha256(header.header.treesHash);
  const wrong = mine({ ...block, header: { ...header.header, treesHash } });
  const child = {
    ...header.header,
    previousHash: sha256(wrong.subarray(0, HEADER_BYTES)),
    height: header.header.height + 1,
    time: header.header.time + 20 + random.below(5),
  };
  return [
    wrong,
    mine({ ...block, header: child, transactions: [] }),
    encodeMainBlock({ ...block, header: withoutWork(header.header) }, bytesMax),
  ];
}

function withoutWork(header: Header): Header {
  for (let tried = 0; ; tried++) {
    const nonce = new Uint8Array(32);
    nonce.set([tried >> 8, tried & 0xff], 30);
    if (!hasWork({ ...header, nonce }, rules.parameters)) return { ...header, nonce };
  }
}

/** Deliver in random order, with repeats, gaps and bad blocks between, until all are in. */
function deliver(code: TreeCode, { blocks, bad }: Grown, random: SeededRandom): BlockTree {
  const tree = code.createBlockTree(genesis, rules);
  const missing = [...blocks];
  const known = new Set([formatHex(genesis.header.hash)]);
  while (missing.length > 0) {
    const index = random.below(missing.length);
    const bytes = missing[index] as Uint8Array;
    if (random.below(4) === 0) judgeBad(code, tree, damage(bytes, random), "a damaged block");
    const wrong = bad[random.below(Math.max(1, bad.length))];
    if (wrong !== undefined) judgeBad(code, tree, wrong, "a block that breaks a rule");
    const isDue = known.has(formatHex(bytes.subarray(0, 32)));
    const added = code.addBlock(tree, bytes, NOW);
    if (!isDue) {
      check(!added.ok && added.code === "UNKNOWN_PARENT", "a block came before its parent");
      continue;
    }
    check(added.ok, `an honest block is refused: ${added.ok ? "" : added.code}`);
    missing.splice(index, 1);
    known.add(formatHex(sha256(bytes.subarray(0, HEADER_BYTES))));
    const again = code.addBlock(tree, bytes, NOW);
    check(!again.ok && again.code === "KNOWN", "a block was taken twice");
    check(tree.best.at(-1) !== undefined, "there is a tip");
  }
  return tree;
}

function damage(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const damaged = Uint8Array.from(bytes);
  // Behind the header: at this difficulty a header with another nonce may be an honest sibling.
  const at = HEADER_BYTES + random.below(damaged.length - HEADER_BYTES);
  damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8));
  return damaged;
}

function judgeBad(code: TreeCode, tree: BlockTree, bytes: Uint8Array, what: string): void {
  const size = tree.nodes.size;
  check(!code.addBlock(tree, bytes, NOW).ok, `${what} was taken`);
  check(tree.nodes.size === size, `${what} was kept`);
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

/** Every state is that of its own header, and holds what was made and no more. */
function checkStates(tree: BlockTree): void {
  for (const node of tree.nodes.values()) {
    if (node.state === undefined) throw new Error("no state is old enough to be forgotten");
    const { height, treesHash } = node.header.header;
    const minted = BigInt(height) * LOCAL_NETWORK.blockReward;
    check(supply(node.state) === supply(genesis.state) + minted, "money came from nowhere");
    check(formatHex(computeStateHash(node.state)) === formatHex(treesHash), "a state is another's");
  }
}

/** The best tip said once more: the greatest work, then the lowest hash. */
function findBestHash(tree: BlockTree): string {
  const [best] = [...tree.nodes.values()].toSorted((a, b) => {
    if (a.header.work !== b.header.work) return a.header.work > b.header.work ? -1 : 1;
    return formatHex(a.header.hash) < formatHex(b.header.hash) ? -1 : 1;
  });
  return best === undefined ? "" : formatHex(best.header.hash);
}

/** What the play with this seed finds wrong with the code; undefined if nothing. `onTree` sees the tree. */
export function tryTree(
  seed: number,
  grown: Grown,
  code: TreeCode,
  onTree: (tree: BlockTree) => void = () => undefined,
): string | undefined {
  const random = new SeededRandom(seed);
  try {
    const [first, second] = [deliver(code, grown, random), deliver(code, grown, random)];
    const [one, other] = [code.tipOf(first), code.tipOf(second)];
    check(formatHex(one.header.hash) === formatHex(other.header.hash), "two tips");
    check(dump(one.state) === dump(other.state), "two states under one tip");
    check(formatHex(one.header.hash) === findBestHash(first), "the tip is not the best");
    for (const [height, node] of first.best.entries()) {
      check(node.header.header.height === height, "the best branch has a gap");
      check(height === 0 || node.parent === first.best[height - 1], "the best branch is none");
    }
    checkStates(first);
    onTree(first);
    return undefined;
  } catch (error) {
    if (error instanceof Wrong) return error.message;
    throw error;
  }
}

/** `count` blocks on `from`, `spacing` tenths apart; the last of them. */
function extend(
  code: TreeCode,
  tree: BlockTree,
  from: TreeNode,
  count: number,
  spacing: () => number,
  random: SeededRandom,
): TreeNode {
  let node = from;
  while (count-- > 0) {
    const added = code.addBlock(tree, grow(code, tree, node, random, spacing()), NOW);
    if (!added.ok) throw new Error(added.message);
    node = added.value.node;
  }
  return node;
}

/**
 * A branch of `length` blocks, left for a longer one, and come back to. What of it is not as before;
 * undefined if all is.
 */
export function tryLongReorg(seed: number, length: number, code: TreeCode): string | undefined {
  const random = new SeededRandom(seed);
  const tree = code.createBlockTree(genesis, rules);
  const root = code.tipOf(tree);
  const grown = (from: TreeNode, count: number) =>
    extend(code, tree, from, count, () => 20 + random.below(5), random);
  const start = [...tree.nodes.values()][0] as TreeNode;
  const short = grown(start, length);
  const before = dump(code.tipOf(tree).state);
  const long = grown(start, length + 20);
  if (code.tipOf(tree).header.hash !== long.header.hash) return "the longer branch is not the best";
  if (dump(code.tipOf(tree).state) === before) return "the longer branch has the same state";
  grown(short, 40);
  const again = code.findBlock(tree, short.header.hash);
  if (tree.best[length] !== again) return "the first branch is not the best again";
  if (dump(again?.state as MainState) !== before) return "the state is another than before";
  return dump(root.state) === dump(genesis.state) ? undefined : "the genesis has another state";
}

/** Tenths between blocks: at the first nothing gets harder, at the second each block is, a little. */
const EASY = 40;
const HARD = 7;

/** A long branch of easy blocks, left for one of fewer that have more work. What of it is wrong; undefined if nothing. */
export function tryHeavierBranch(seed: number, code: TreeCode): string | undefined {
  const random = new SeededRandom(seed);
  const tree = code.createBlockTree(genesis, rules);
  const start = [...tree.nodes.values()][0] as TreeNode;
  // Blocks get harder one by one only from the fork at which the network's rule does.
  const common = extend(code, tree, start, LOCAL_NETWORK.fork7Height, () => HARD, random);
  const long = extend(code, tree, common, 60, () => EASY, random);
  let short = common;
  while (short.header.work <= long.header.work) {
    short = extend(code, tree, short, 1, () => HARD, random);
  }
  const { height } = short.header.header;
  if (height >= long.header.header.height) throw new Error("the heavier branch is not shorter");
  const tip = tree.best.at(-1);
  if (tip?.header.hash !== short.header.hash) return "the heavier branch is not the best";
  if (tree.best.length !== height + 1) return "blocks of the longer branch stand above the tip";
  return dump(code.tipOf(tree).state) === dump(short.state as MainState)
    ? undefined
    : "the tip's state is another's";
}
