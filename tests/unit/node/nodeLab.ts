import { encodeMainBlock } from "../../../src/chain/block.ts";
import { draftBlock } from "../../../src/chain/draftBlock.ts";
import { createGenesis } from "../../../src/chain/genesis.ts";
import { mineHeader } from "../../../src/chain/header/proofOfWork.ts";
import {
  encodeTransaction,
  encodeUnsigned,
  type SignedTransaction,
  type TransactionBody,
} from "../../../src/chain/transaction.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import {
  type BlockTree,
  createBlockTree,
  createWorkHashes,
  findBlock,
  insertBlock,
  judgeBlock,
  type TipChange,
  type TreeNode,
  tipOf,
} from "../../../src/node/engine/blockTree.ts";
import { LOCAL_NETWORK } from "../../../src/protocol/network.ts";
import { createRules } from "../../../src/protocol/rules.ts";
import { computeDigest, computePublicKey, signDigest } from "../../../src/protocol/signature.ts";

const RULES = createRules(LOCAL_NETWORK);
const NOW = Number.MAX_SAFE_INTEGER;
const PEOPLE = 12;

/** Someone with coins at the beginning. */
export type Person = { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array };

export const people: readonly Person[] = Array.from({ length: PEOPLE }, (_, index) => {
  const privateKey = sha256(Uint8Array.of(7, index));
  return { privateKey, publicKey: computePublicKey(privateKey) };
});

export const GENESIS = createGenesis(
  RULES,
  people.map(({ publicKey: owner }) => ({ owner, amount: 1_000_000n })),
  250_000_000,
);

export function createTree(): BlockTree {
  return createBlockTree(GENESIS, RULES);
}

export function sign(
  { privateKey, publicKey }: Person,
  nonce: number,
  fee: bigint,
  body: TransactionBody = spendTo(people[11] as Person),
): SignedTransaction {
  const transaction = { from: publicKey, nonce, fee, body };
  const digest = computeDigest("signTransaction", RULES.networkId, encodeUnsigned(transaction));
  return { transaction, signature: signDigest(digest, privateKey) };
}

export function spendTo({ publicKey }: Person, amount = 1n): TransactionBody {
  return { kind: "spend", to: publicKey, amount };
}

export function bytesOf(signed: SignedTransaction): Uint8Array {
  return encodeTransaction(signed);
}

/** Mine a block of those transactions that hold on a parent, and put it into the tree. */
export function grow(
  tree: BlockTree,
  transactions: readonly SignedTransaction[] = [],
  parent: TreeNode = tipOf(tree),
  spacing = 20,
): { readonly node: TreeNode; readonly change: TipChange; readonly bytes: Uint8Array } {
  if (parent.state === undefined) throw new Error("the parent's state is kept");
  const { block } = draftBlock(transactions, {
    rules: RULES,
    parent: parent.header,
    state: parent.state,
    getHeader: (hash) => findBlock(tree, hash)?.header.header,
    workHashAt: createWorkHashes(parent),
    time: parent.header.header.time + spacing,
    miner: (people[10] as Person).publicKey,
  });
  const header = mineHeader(block.header, 0n, 1_000_000, LOCAL_NETWORK);
  if (header === undefined) throw new Error("no nonce found");
  const bytes = encodeMainBlock({ ...block, header }, LOCAL_NETWORK.blockBytesMax);
  const judged = judgeBlock(tree, bytes, NOW);
  if (!judged.ok) throw new Error(`an honest block is refused: ${judged.code} ${judged.message}`);
  return { node: judged.value, change: insertBlock(tree, judged.value), bytes };
}
