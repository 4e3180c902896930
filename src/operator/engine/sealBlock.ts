import type { BlockEffects } from "../../blocks/applyTransactions.ts";
import { encodeBlock, type SortitionBlock } from "../../blocks/block.ts";
import { buildBlock, type UnsignedBlock } from "../../blocks/buildBlock.ts";
import { assert } from "../../lib/assert.ts";
import { encode } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import { refuse, type Verdict } from "../../lib/verdict.ts";
import { encodeBlockHeader, hashBlockHeader } from "../../protocol/blockHeader.ts";
import { SIGNATURE_BYTES } from "../../protocol/signature.ts";
import { blockContext, content, findItem, findObstacle, orderTransactions } from "./blockQueue.ts";
import { indexBlock } from "./contractIndex.ts";
import type { Effect, RowOperation } from "./engineEvent.ts";
import type { EngineState, QueueItem } from "./engineState.ts";
import { endProposals, holdsTip, isTipAwaited } from "./proposals.ts";
import { dropRedemptions } from "./redemptions.ts";
import { rowKey } from "./rowKey.ts";
import { dropRounds } from "./sales.ts";

const OVERTAKEN = refuse("OVERTAKEN", "another block was made meanwhile; ask again on it");
const FULL = refuse("BUSY", "the next block is full");
const TIMED_OUT = refuse(
  "TIMED_OUT",
  "not all signatures or proofs came in time; nothing happened",
);

/**
 * Decide the next block if something waits for it and nothing keeps the tip. The decision is on disk
 * before it is signed, so that a crash can never lead to another block of this height.
 */
export function sealWhenReady(state: EngineState): Effect[] {
  if (state.sealing !== undefined) return [];
  const effects: Effect[] = [];
  if (state.frozenUntilMs !== undefined) {
    if (isTipAwaited(state) && state.nowMs < state.frozenUntilMs) return [];
    effects.push(...endProposals(state, holdsTip, TIMED_OUT), ...dropRedemptions(state, TIMED_OUT));
    state.frozenUntilMs = undefined;
  }
  if (state.queue.length === 0) return effects;
  if (!state.isUrgent && state.nowMs < state.queuedAtMs + state.policy.batchMs) return effects;
  const obstacle = findObstacle(state);
  if (obstacle !== undefined) {
    effects.push(...dropQueue(state, obstacle));
    return effects;
  }
  const { unsigned, items, dropped } = assemble(state);
  effects.push(...dropped);
  state.queue = [];
  state.isUrgent = false;
  if (unsigned === undefined) return effects;
  const { block } = unsigned;
  state.sealing = {
    block,
    effects: unsigned.effects,
    requests: items.flatMap(({ requests }) => requests),
  };
  const operations: RowOperation[] = [
    { kind: "put", key: rowKey.draft, value: encodeDraft(block) },
    ...headerOperations(state, block),
  ];
  return [...effects, { kind: "commit", operations }, signDraft(block)];
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
  indexBlock(state.index, block, effects);
  state.free = undefined;
}

/**
 * Build the block; an item at fault, which only meets the others here, is dropped and told. So is the later half of
 * them where all together with their proofs are more than a block holds: what is signed and posted and longer
 * than that could not be served to anybody who asks for it.
 */
function assemble(state: EngineState): {
  unsigned: UnsignedBlock | undefined;
  items: readonly QueueItem[];
  dropped: Effect[];
} {
  let items = state.queue;
  const dropped: Effect[] = [];
  while (items.length > 0) {
    const draft = {
      transactions: orderTransactions(items),
      scripts: knownScripts(state, items),
      conditions: items.flatMap(({ conditions }) => conditions),
      time: BigInt(state.nowMs),
    };
    const built = buildBlock(content(state), state.tip, draft, blockContext(state));
    if (built.ok) return { unsigned: built.value, items, dropped };
    const isTooLong = built.code === "BLOCK_TOO_LONG" && items.length > 1;
    const at = findItem(items, built.transactionIndex ?? 0);
    const isKept = (index: number) => (isTooLong ? index < items.length >> 1 : index !== at);
    const answer = isTooLong ? FULL : refuse(built.code, built.message);
    const left = items.filter((_, index) => !isKept(index));
    const requests = left.flatMap((item) => item.requests);
    dropped.push(...requests.map((request) => ({ kind: "reply", request, answer }) as const));
    items = items.filter((_, index) => isKept(index));
  }
  return { unsigned: undefined, items, dropped };
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
