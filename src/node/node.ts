import type { ProofRequest } from "../api/mainChainApi.ts";
import { encodeMainBlock } from "../chain/block.ts";
import { draftBlock, isForLater } from "../chain/draftBlock.ts";
import type { Genesis } from "../chain/genesis.ts";
import { computeHeaderTime } from "../chain/header/headerTime.ts";
import { mineHeader } from "../chain/header/proofOfWork.ts";
import { computeMapRoots } from "../chain/state/mainState.ts";
import type { KeyValueStore } from "../disk/keyValueStore.ts";
import { formatHex } from "../lib/hex.ts";
import { proveKey } from "../lib/map/mapProof.ts";
import { accept, refuse, type Verdict } from "../lib/verdict.ts";
import type { FactEvidence } from "../protocol/factEvidence.ts";
import type { Rules } from "../protocol/rules.ts";
import {
  addBlock,
  type BlockTree,
  createBlockTree,
  createWorkHashes,
  encodeNode,
  findBlock,
  insertBlock,
  judgeBlock,
  type TreeNode,
  tipOf,
} from "./engine/blockTree.ts";
import {
  addTransaction,
  createMempool,
  dropInvalid,
  followTip,
  nextNonce,
  selectCandidates,
} from "./engine/mempool.ts";

/** Nonces tried before others have their turn. */
const TRIES_AT_ONCE = 20_000;

/** A running main-chain node: the block tree with its disk. A block is on disk before it is spoken of. */
export type MainNode = {
  readonly rules: Rules;
  tip(): TreeNode;
  headerAt(height: number): TreeNode | undefined;
  find(hash: Uint8Array): TreeNode | undefined;
  encode(node: TreeNode): Uint8Array;
  prove(request: ProofRequest): Verdict<FactEvidence>;
  /** Judge a block of a peer. Resolves when it is on disk. */
  submitBlock(bytes: Uint8Array): Promise<Verdict<null>>;
  submitTransaction(bytes: Uint8Array): Verdict<Uint8Array>;
  nextNonce(owner: Uint8Array): number;
  /** Make the next block, paid to `miner`, at unix time `ms` or just after its parent. */
  mine(miner: Uint8Array, ms: number): Promise<Verdict<null>>;
  onTip(listener: () => void): () => void;
  close(): Promise<void>;
};

/** Start a node on its disk. Blocks kept there were judged before: their signatures are not checked again. */
export async function openNode(options: {
  readonly rules: Rules;
  readonly genesis: Genesis;
  readonly store: KeyValueStore;
  /** Unix milliseconds. */
  readonly now: () => number;
}): Promise<MainNode> {
  const { rules, genesis, store, now } = options;
  const tree: BlockTree = createBlockTree(genesis, { ...rules, verify: () => true });
  await loadBlocks(tree, store);
  const live: BlockTree = { rules, nodes: tree.nodes, best: tree.best };
  const pool = createMempool();
  const listeners = new Set<() => void>();
  let queue: Promise<unknown> = Promise.resolve();

  /** One block after another: each is judged on what the one before left, and kept before the next. */
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = queue.then(work);
    queue = done.catch(() => undefined);
    return done;
  }

  async function take(bytes: Uint8Array): Promise<Verdict<null>> {
    const judged = judgeBlock(live, bytes, computeHeaderTime(now()));
    if (!judged.ok) return judged.code === "KNOWN" ? accept(null) : judged;
    const { header, hash } = judged.value.header;
    await store.commit([{ kind: "put", key: blockKey(header.height, hash), value: bytes }]);
    const change = insertBlock(live, judged.value);
    if (change.added.length > 0) {
      followTip(pool, live, change);
      for (const listener of listeners) listener();
    }
    return accept(null);
  }

  return {
    rules,
    tip: () => tipOf(live),
    headerAt: (height) => live.best[height],
    find: (hash) => findBlock(live, hash),
    encode: (node) => encodeNode(live, node),
    submitBlock: (bytes) => inTurn(() => take(bytes)),
    submitTransaction: (bytes) => addTransaction(pool, live, bytes),
    nextNonce: (owner) => nextNonce(pool, live, owner),

    prove({ at, keys }) {
      const node = findBlock(live, at);
      if (node?.state === undefined) {
        return refuse("NO_SUCH_STATE", "the state of that header is not kept here");
      }
      const { state } = node;
      return accept({
        headerHash: at,
        mapRoots: computeMapRoots(state),
        proofs: keys.map(({ map, key }) => proveKey(state[map], key)),
      });
    },

    mine: (miner, ms) =>
      inTurn(async () => {
        const parent = tipOf(live);
        const time = Math.max(computeHeaderTime(ms), parent.header.header.time + 1);
        const { block, leftOut } = draftBlock(selectCandidates(pool, live), {
          rules,
          parent: parent.header,
          state: parent.state,
          getHeader: (hash) => findBlock(live, hash)?.header.header,
          workHashAt: createWorkHashes(parent),
          time,
          miner,
        });
        const invalid = leftOut.filter((each) => !isForLater(each));
        dropInvalid(
          pool,
          invalid.map(({ transaction }) => transaction),
        );
        for (let tried = 0; ; tried += TRIES_AT_ONCE) {
          const start = BigInt(tried);
          const header = mineHeader(block.header, start, TRIES_AT_ONCE, rules.parameters);
          if (header !== undefined) {
            return take(encodeMainBlock({ ...block, header }, rules.parameters.blockBytesMax));
          }
          await new Promise((resolve) => setImmediate(resolve));
        }
      }),

    onTip(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async close() {
      await queue;
      await store.close();
    },
  };
}

const BLOCK_PREFIX = "block:";
const HEIGHT_DIGITS = 10;

/** Keys ascend by height, so that parents are read before their children. */
function blockKey(height: number, hash: Uint8Array): string {
  return `${BLOCK_PREFIX}${String(height).padStart(HEIGHT_DIGITS, "0")}:${formatHex(hash)}`;
}

async function loadBlocks(tree: BlockTree, store: KeyValueStore): Promise<void> {
  const entries = await store.entries(BLOCK_PREFIX);
  const onDisk = new Set(entries.map(([key]) => key.slice(-64)));
  for (const [key, bytes] of entries) {
    const added = addBlock(tree, bytes, Number.MAX_SAFE_INTEGER);
    if (added.ok || added.code === "TOO_DEEP") continue;
    // A branch that parts too deep has been forgotten again, and what is kept of it with it.
    const parent = formatHex(bytes.slice(0, 32));
    if (added.code === "UNKNOWN_PARENT" && onDisk.has(parent)) continue;
    throw new Error(`the node's disk holds a block that does not hold, ${key}: ${added.message}`);
  }
}
