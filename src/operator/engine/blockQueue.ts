import {
  applyTransactions,
  type BlockContext,
  type ChainContent,
} from "../../blocks/applyTransactions.ts";
import { type BlockTransaction, encodeBlockTransaction } from "../../blocks/transaction.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, type Failure, refuse, type Verdict } from "../../lib/verdict.ts";
import type { Condition } from "../../protocol/condition.ts";
import type { ContractNew } from "../../protocol/contractNew.ts";
import type { EngineState, QueueItem } from "./engineState.ts";

/** Why no new work is taken now; undefined if it is. */
export function findObstacle(state: EngineState): Failure | undefined {
  const { main, chain, policy, posts } = state;
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
  return undefined;
}

/** What the next block's transactions are judged by. */
export function blockContext(state: EngineState): BlockContext {
  return {
    rules: state.rules,
    chain: state.chain,
    previousHash: state.tip.hash,
    mainHeight: Math.max(state.main?.height ?? 0, state.tip.mainHeight),
    mainHeader: (hash) => state.headers.get(formatHex(hash)),
  };
}

/** What the state at the tip commits to. */
export function content({ tree, descendants }: EngineState): ChainContent {
  return { tree, posts: descendants };
}

/** The transactions of items in the order of the block: every close, then every contract-new. */
export function orderTransactions(items: readonly QueueItem[]): BlockTransaction[] {
  return [
    ...items.flatMap(({ closes }) =>
      closes.map((close) => ({ kind: "contract-close", close }) as const),
    ),
    ...items.flatMap(({ contracts }) =>
      contracts.map((contract) => ({ kind: "contract-new", contract }) as const),
    ),
  ];
}

/** Whether a contract is given up by something that waits for the next block. */
export function isQueued(state: EngineState, contractId: Uint8Array): boolean {
  const id = formatHex(contractId);
  return state.queue.some(({ closes }) =>
    closes.some((close) => formatHex(close.contractId) === id),
  );
}

/** Put an item into the next block, after trying it alone on the tip. */
export function enqueue(state: EngineState, item: QueueItem): Verdict<null> {
  const obstacle = findObstacle(state);
  if (obstacle !== undefined) return obstacle;
  for (const { contractId } of item.closes) {
    if (isQueued(state, contractId)) {
      return refuse("CLOSE_QUEUED", `contract ${formatHex(contractId)} is closed already`);
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

function countBytes(transactions: readonly BlockTransaction[]): number {
  let count = 0;
  for (const transaction of transactions) count += encodeBlockTransaction(transaction).length;
  return count;
}
