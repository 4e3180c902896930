import {
  applyTransactions,
  type BlockContext,
  type ChainContent,
} from "../../blocks/applyTransactions.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../blocks/transaction.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, type Failure, refuse, type Verdict } from "../../lib/verdict.ts";
import type { Condition } from "../../protocol/condition.ts";
import type { ContractNew } from "../../protocol/contractNew.ts";
import { RUN_MAX } from "../../protocol/limits.ts";
import type { EngineState, QueueItem } from "./engineState.ts";

/** Why no new work is taken now; undefined if it is. */
export function findObstacle(state: EngineState): Failure | undefined {
  const { main, chain, policy, posts, tip } = state;
  if (main === undefined) {
    return refuse("NOT_READY", "the operator does not know the main chain's tip yet");
  }
  const closedFrom = chain.expiry - policy.lastCall;
  if (main.height >= closedFrom) {
    return refuse("CHAIN_CLOSED", `no block is made from main-chain height ${closedFrom} on`);
  }
  const onTheirWay = (posts.at(-1)?.sequence ?? 0) - main.recorded;
  if (onTheirWay >= policy.postsOnTheirWayMax) {
    return refuse("BEHIND", `${onTheirWay} posts wait for the main chain; try again later`);
  }
  // A record shows only the last post of a descendant, so all blocks since the one before are one run.
  const run = tip.height + 1 - (posts[main.recorded - 1]?.height ?? 0);
  if (main.anchored !== undefined && run > RUN_MAX) {
    return refuse("BEHIND", `${RUN_MAX} blocks wait for a record; try again later`);
  }
  return undefined;
}

/** What the next block's transactions are judged by. */
export function blockContext(state: EngineState): BlockContext {
  return {
    rules: state.rules,
    chain: state.chain,
    height: state.tip.height + 1,
    previousHash: state.tip.hash,
    mainHeight: Math.max(state.main?.height ?? 0, state.tip.mainHeight),
    mainHeader: (hash) => state.headers.get(formatHex(hash)),
  };
}

/** What the state at the tip commits to. */
export function content({ tree, descendants }: EngineState): ChainContent {
  return { tree, posts: descendants };
}

/** The kinds of transaction that an item may hold, in the order in which a block has them. */
const PARTS: readonly ((item: QueueItem) => readonly BlockTransaction[])[] = [
  ({ seen }) => (seen === undefined ? [] : [{ kind: "record-seen", seen }]),
  ({ closes }) => closes.map((close) => ({ kind: "contract-close", close })),
  ({ contracts }) => contracts.map((contract) => ({ kind: "contract-new", contract })),
  ({ matches = [] }) => matches.map((match) => ({ kind: "match", match })),
  ({ seals = [] }) => seals.map((seal) => ({ kind: "contract-seal", ...seal })),
  ({ updates = [] }) => updates.map((signed) => ({ kind: "root-update", signed })),
];

/** The transactions of items in the order of the block: what is seen of records, every close, every contract-new, matches, seals, then posts. */
export function orderTransactions(items: readonly QueueItem[]): BlockTransaction[] {
  return PARTS.flatMap((part) => items.flatMap(part));
}

/** Index of the item that a transaction of the block belongs to, in the order of `orderTransactions`. */
export function findItem(items: readonly QueueItem[], transactionIndex: number): number {
  let rest = transactionIndex;
  for (const part of PARTS) {
    for (const [index, item] of items.entries()) {
      const { length } = part(item);
      if (rest < length) return index;
      rest -= length;
    }
  }
  return items.length - 1;
}

/** Whether a contract is given up or sealed by something that waits for the next block, or backs an order. */
export function isQueued(state: EngineState, contractId: Uint8Array): boolean {
  if (state.orders.byContract.has(formatHex(contractId))) return true;
  return state.queue.some(
    ({ closes, seals = [] }) =>
      closes.some((close) => equalBytes(close.contractId, contractId)) ||
      seals.some(({ seal }) => equalBytes(seal.contractId, contractId)),
  );
}

/** Put an item into the next block, after trying it alone on the tip. */
export function enqueue(state: EngineState, item: QueueItem): Verdict<null> {
  const obstacle = findObstacle(state);
  if (obstacle !== undefined) return obstacle;
  for (const { contractId } of item.closes) {
    if (isQueued(state, contractId)) {
      return refuse(
        "CLOSE_QUEUED",
        `contract ${formatHex(contractId)} is closed already, or backs an order`,
      );
    }
  }
  const transactions = orderTransactions([item]);
  const queued = orderTransactions(state.queue);
  if (queued.length + transactions.length > state.policy.transactionsMax) {
    return refuse("BUSY", `the next block is full with ${queued.length} transactions`);
  }
  if (countBytes(queued) + countBytes(transactions) > state.policy.transactionBytesMax) {
    return refuse("BUSY", "the next block is full");
  }
  const tried = applyTransactions(content(state), transactions, blockContext(state));
  if (!tried.ok) return refuse(tried.code, tried.message);
  if (state.queue.length === 0) state.queuedAtMs = state.nowMs;
  state.queue.push(item);
  return accept(null);
}

/** The known bodies of the conditions that contracts stand under; a block picks those it needs. */
export function knownConditions(
  state: EngineState,
  contracts: readonly ContractNew[],
): Condition[] {
  const found = new Set<Condition>();
  for (const { hash } of contracts.flatMap(({ place }) => place.conditions)) {
    const condition = state.index.conditions.get(formatHex(hash));
    if (condition !== undefined) found.add(condition);
  }
  return [...found];
}

/** Bytes of encoded transactions. */
export function countBytes(transactions: readonly BlockTransaction[]): number {
  let count = 0;
  for (const transaction of transactions) count += encodeBlockTransaction(transaction).length;
  return count;
}
