import type { PublishedBatch } from "../../api/marketApi.ts";
import { encodePublishedBatch } from "../../api/publishedBatch.ts";
import type { BlockEffects } from "../../blocks/applyTransactions.ts";
import { encodeBlock, type SortitionBlock } from "../../blocks/block.ts";
import { buildBlock, type UnsignedBlock } from "../../blocks/buildBlock.ts";
import { assert } from "../../lib/assert.ts";
import { encode } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import { refuse, type Verdict } from "../../lib/verdict.ts";
import { encodeBlockHeader, hashBlockHeader } from "../../protocol/blockHeader.ts";
import { SIGNATURE_BYTES } from "../../protocol/signature.ts";
import {
  blockContext,
  content,
  countBytes,
  findItem,
  findObstacle,
  orderTransactions,
} from "./blockQueue.ts";
import { nextBlockAt } from "./blockTimes.ts";
import { clearBooks, createBatch, listTrades, type MatchItem } from "./clearBooks.ts";
import { indexBlock } from "./contractIndex.ts";
import type { Effect, RowOperation } from "./engineEvent.ts";
import type { EngineState, QueueItem } from "./engineState.ts";
import { dropLapsed, dropOrders, endOrders } from "./orders.ts";
import { endProposals, holdsTip, isTipAwaited } from "./proposals.ts";
import { noteBlock } from "./records.ts";
import { dropRedemptions } from "./redemptions.ts";
import { rowKey } from "./rowKey.ts";
import { dropRounds } from "./sales.ts";

/** Share of the matches that is tried next where all are too many for a block. */
const MATCHES_KEPT = 3 / 4;
const OVERTAKEN = refuse("OVERTAKEN", "another block was made meanwhile; ask again on it");
const FULL = refuse("BUSY", "the next block is full");
const TIMED_OUT = refuse(
  "TIMED_OUT",
  "not all signatures or proofs came in time; nothing happened",
);

/**
 * Decide the next block if something waits for it and nothing keeps the tip: what was asked for, and what
 * the orders come to. The decision is on disk before it is signed, so that a crash can never lead to another
 * block of this height; with it go the orders, which end with their tip, and what is published of them.
 */
export function sealWhenReady(state: EngineState): Effect[] {
  if (state.sealing !== undefined) return [];
  const effects: Effect[] = [];
  if (state.frozenUntilMs !== undefined) {
    if (isTipAwaited(state) && state.nowMs < state.frozenUntilMs) return [];
    effects.push(...endProposals(state, holdsTip, TIMED_OUT), ...dropRedemptions(state, TIMED_OUT));
    state.frozenUntilMs = undefined;
  }
  const dueMs = nextBlockAt(state);
  if (dueMs === undefined || state.nowMs < dueMs) return effects;
  const obstacle = findObstacle(state);
  if (obstacle !== undefined) {
    effects.push(...dropQueue(state, obstacle));
    // Orders outlast what is only a matter of time.
    if (obstacle.code === "CHAIN_CLOSED") effects.push(...dropOrders(state, () => true));
    else if (state.orderedAtMs !== undefined) state.orderedAtMs = state.nowMs;
    return effects;
  }
  effects.push(...dropLapsed(state));
  const { unsigned, items, matched, dropped } = assemble(state);
  effects.push(...dropped);
  state.queue = [];
  state.isUrgent = false;
  if (unsigned === undefined) {
    // Nothing crosses: the orders rest until there is another, or a block for something else.
    state.orderedAtMs = undefined;
    return effects;
  }
  const { block } = unsigned;
  const batch = createBatch(state, matched);
  const { height } = block.header;
  const bookIds = new Set([...state.orders.resting.values()].map(({ bookId }) => bookId));
  state.sealing = {
    block,
    effects: unsigned.effects,
    requests: items.flatMap(({ requests }) => requests),
    trades: listTrades(state, matched),
  };
  const operations: RowOperation[] = [
    { kind: "put", key: rowKey.draft, value: encodeDraft(block) },
    ...headerOperations(state, block),
    ...endOrders(state),
    ...batchOperations(state, height, batch),
  ];
  return [
    ...effects,
    { kind: "commit", operations },
    ...[...bookIds].map((bookId) => ({ kind: "book", bookId }) as const),
    signDraft(block),
  ];
}

/** The request to sign the decided block. */
export function signDraft({ header }: Omit<SortitionBlock, "signature">): Effect {
  const subject = { kind: "block", height: header.height } as const;
  return { kind: "sign", subject, body: encodeBlockHeader(header) };
}

/** Take the signature: the block is kept, then published, then everybody who waits is answered. */
export function handleSignedBlock(state: EngineState, signature: Verdict<Uint8Array>): Effect[] {
  const { sealing } = state;
  if (sealing === undefined) return [];
  // Only a second signer on the same key could have signed another block of this height.
  assert(signature.ok, `the signer signs the decided block ${sealing.block.header.height}`);
  const block: SortitionBlock = { ...sealing.block, signature: signature.value };
  const bytes = encodeBlock(block);
  takeOwnBlock(state, block, sealing.effects);
  state.sealing = undefined;
  state.unpostedSinceMs ??= state.nowMs;
  state.tipAtMs = state.nowMs;
  const { height } = block.header;
  const answer = { ok: true, value: { kind: "closes", blockHeight: height } } as const;
  return [
    {
      kind: "commit",
      operations: [
        { kind: "put", key: rowKey.block(height), value: bytes },
        {
          kind: "put",
          key: rowKey.blockHash(state.tip.hash),
          value: encode((writer) => writer.u32(height)),
        },
        { kind: "delete", key: rowKey.draft },
      ],
    },
    { kind: "publish", height, bytes },
    ...sealing.trades.map((trade) => ({ kind: "trade", trade }) as const),
    ...sealing.requests.map((request) => ({ kind: "reply", request, answer }) as const),
    ...endProposals(state, () => true, OVERTAKEN),
    ...dropRounds(state),
    ...dropRedemptions(state, OVERTAKEN),
  ];
}

/** Advance the state by a block of our own. */
export function takeOwnBlock(
  state: EngineState,
  block: SortitionBlock,
  effects: BlockEffects,
): void {
  const { header } = block;
  state.tree = effects.tree;
  state.descendants = effects.posts;
  state.tip = {
    hash: hashBlockHeader(header),
    height: header.height,
    state: header.stateAfter,
    mainHeight: header.mainHeight,
  };
  noteBlock(state, block, effects);
  indexBlock(state.index, block, effects);
  state.free = undefined;
}

/**
 * Build the block; an item at fault, which only meets the others here, is dropped and told. Where all together with
 * their proofs are more than a block holds, the last matches are left out, or, without any, the later half of what was
 * asked for: what is signed and posted and longer than that could not be served to anybody who asks for it. With a
 * match go all that follow it in its book.
 */
function assemble(state: EngineState): {
  unsigned: UnsignedBlock | undefined;
  items: readonly QueueItem[];
  matched: readonly MatchItem[];
  dropped: Effect[];
} {
  let items = state.queue;
  const queued = orderTransactions(items);
  let matched: readonly MatchItem[] = clearBooks(state, queued.length, countBytes(queued));
  const dropped: Effect[] = [];
  // Every signature was checked when it came in, on this tip.
  const context = blockContext(state);
  const checked = { ...context, rules: { ...context.rules, verify: () => true } };
  while (items.length + matched.length > 0) {
    const all = [...items, ...matched];
    const draft = {
      transactions: orderTransactions(all),
      scripts: knownScripts(state, items),
      conditions: all.flatMap(({ conditions }) => conditions),
      time: BigInt(state.nowMs),
    };
    const built = buildBlock(content(state), state.tip, draft, checked);
    if (built.ok) return { unsigned: built.value, items, matched, dropped };
    if (built.code === "BLOCK_TOO_LONG" && matched.length > 0) {
      matched = matched.slice(0, Math.floor(matched.length * MATCHES_KEPT));
      continue;
    }
    const at = findItem(all, built.transactionIndex ?? 0);
    const fault = matched[at - items.length];
    if (fault !== undefined) {
      const first = matched.indexOf(fault);
      matched = matched.filter(({ bookId }, index) => index < first || bookId !== fault.bookId);
      continue;
    }
    const isTooLong = built.code === "BLOCK_TOO_LONG" && items.length > 1;
    const isKept = (index: number) => (isTooLong ? index < items.length >> 1 : index !== at);
    const answer = isTooLong ? FULL : refuse(built.code, built.message);
    const left = items.filter((_, index) => !isKept(index));
    const requests = left.flatMap((item) => item.requests);
    dropped.push(...requests.map((request) => ({ kind: "reply", request, answer }) as const));
    items = items.filter((_, index) => isKept(index));
  }
  return { unsigned: undefined, items, matched, dropped };
}

/** What is published of the orders of a block, and the one of long ago that makes room for it. */
function batchOperations(
  { policy }: EngineState,
  height: number,
  batch: PublishedBatch | undefined,
): RowOperation[] {
  const operations: RowOperation[] = [];
  if (batch !== undefined) {
    const value = encodePublishedBatch(batch);
    operations.push({ kind: "put", key: rowKey.batch(height), value });
  }
  const old = height - policy.batchesKept;
  if (old > 0) operations.push({ kind: "delete", key: rowKey.batch(old) });
  return operations;
}

/** The bodies of the scripts that the items' new contracts name. */
function knownScripts(state: EngineState, items: readonly QueueItem[]): Uint8Array[] {
  const hashes = items.flatMap(({ contracts }) => contracts.map(({ scriptHash }) => scriptHash));
  const scripts = [...new Set(hashes.map(formatHex))].map((hash) => state.index.scripts.get(hash));
  return scripts.filter((script) => script !== undefined);
}

function dropQueue(state: EngineState, answer: ReturnType<typeof refuse>): Effect[] {
  const requests = state.queue.flatMap((item) => item.requests);
  state.queue = [];
  state.isUrgent = false;
  state.free = undefined;
  return requests.map((request) => ({ kind: "reply", request, answer }));
}

function encodeDraft(block: Omit<SortitionBlock, "signature">): Uint8Array {
  return encodeBlock({ ...block, signature: new Uint8Array(SIGNATURE_BYTES) });
}

/** Rows of the main-chain headers that the block's void closes lean on: a replay needs them. */
function headerOperations(
  state: EngineState,
  { transactions }: Omit<SortitionBlock, "signature">,
): RowOperation[] {
  const operations: RowOperation[] = [];
  for (const transaction of transactions) {
    if (transaction.kind !== "contract-close") continue;
    const by = transaction.close.authorisation;
    if (by.kind !== "void") continue;
    const header = state.headers.get(formatHex(by.evidence.headerHash));
    assert(header !== undefined, "the header of a void close is known");
    const value = encode((writer) => writer.u32(header.height).fixed(header.treesHash, 32));
    operations.push({ kind: "put", key: rowKey.header(by.evidence.headerHash), value });
  }
  return operations;
}
