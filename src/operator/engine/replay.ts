import { applyTransactions } from "../../blocks/applyTransactions.ts";
import { decodeBlock, type SortitionBlock } from "../../blocks/block.ts";
import { postMapRoot } from "../../blocks/postMap.ts";
import { assert } from "../../lib/assert.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { decode, type Reader } from "../../lib/codec.ts";
import { formatHex, parseHex } from "../../lib/hex.ts";
import type { Verdict } from "../../lib/verdict.ts";
import { computeChainState } from "../../protocol/blockHeader.ts";
import { readSignedState } from "../../protocol/contractState.ts";
import { treeRoot } from "../../space/tree.ts";
import { content } from "./blockQueue.ts";
import { offerMarket } from "./books.ts";
import type { EngineState } from "./engineState.ts";
import { readMarketsRow } from "./openMarket.ts";
import { restoreOrders } from "./orders.ts";
import { keepContent, readPostEntry, readSentPost } from "./posts.ts";
import { readJudged } from "./records.ts";
import { rowKey } from "./rowKey.ts";
import { takeOwnBlock } from "./sealBlock.ts";
import { restoreSwitch } from "./switchOver.ts";

/** One row of the operator's database. */
export type Row = readonly [key: string, value: Uint8Array];

/**
 * Bring a fresh state to where its rows say that it stood. Every block is applied again and its root
 * compared; signatures are not checked a second time, because nothing but our own blocks was kept.
 * Throws if the rows are damaged: an operator must not go on from another state than he has posted.
 */
export function replay(state: EngineState, rows: Iterable<Row>): void {
  const blocks: Uint8Array[] = [];
  const orders: Uint8Array[] = [];
  let draft: Uint8Array | undefined;
  for (const [key, value] of rows) {
    const [kind, name = ""] = key.split(":");
    if (kind === "block") {
      assert(key === rowKey.block(blocks.length + 1), `block ${blocks.length + 1} is on disk`);
      blocks.push(value);
    } else if (kind === "state") {
      const signed = intact(key, decode(value, readSignedState));
      state.states.set(formatHex(signed.state.contractId), signed);
    } else if (kind === "post") {
      const post = intact(key, decode(value, readPostEntry));
      assert(post.sequence === state.posts.length + 1, `post ${post.sequence} follows the others`);
      state.posts.push(post);
    } else if (kind === "sent") {
      const sent = intact(key, decode(value, readSentPost));
      state.sent.set(sent.nonce, sent);
    } else if (kind === "header") {
      const header = intact(key, decode(value, readHeaderFact));
      state.headers.set(formatHex(parseHex(name)), header);
    } else if (kind === "markets") {
      for (const market of intact(key, decode(value, readMarketsRow))) {
        intact(key, offerMarket(state, market));
      }
    } else if (kind === "order") {
      orders.push(value);
    } else if (kind === "switch") {
      restoreSwitch(state, value);
    } else if (kind === "judged") {
      state.judged = intact(key, decode(value, readJudged));
    } else if (kind === "draft") {
      draft = value;
    }
  }
  const posted = new Map(state.posts.map(({ height, sequence }) => [height, sequence]));
  for (const [index, bytes] of blocks.entries()) {
    const block = intact(rowKey.block(index + 1), decodeBlock(bytes));
    takeOwnBlock(state, block, apply(state, block));
    const sequence = posted.get(state.tip.height);
    if (sequence !== undefined) keepContent(state, sequence);
  }
  if (draft !== undefined) {
    const block = intact(rowKey.draft, decodeBlock(draft));
    state.sealing = { block, effects: apply(state, block), requests: [], trades: [] };
  }
  restoreOrders(state, orders);
  const last = state.posts.at(-1);
  assert(last === undefined || last.height <= state.tip.height, "every posted block is on disk");
  if (state.tip.height > (last?.height ?? 0)) state.unpostedSinceMs = 0;
}

function apply(state: EngineState, block: SortitionBlock) {
  const { header, transactions } = block;
  const { chain, tip } = state;
  assert(equalBytes(header.previousHash, tip.hash), `block ${header.height} links to the tip`);
  const applied = applyTransactions(content(state), transactions, {
    rules: { ...state.rules, verify: () => true },
    chain,
    height: header.height,
    previousHash: tip.hash,
    mainHeight: header.mainHeight,
    mainHeader: (hash) => state.headers.get(formatHex(hash)),
  });
  assert(applied.ok, `our own block ${header.height} holds`);
  const { tree, posts } = applied.value;
  const root = computeChainState(treeRoot(tree), postMapRoot(posts));
  assert(equalBytes(root, header.stateAfter), `block ${header.height} leads to its root`);
  return applied.value;
}

function readHeaderFact(reader: Reader): { height: number; treesHash: Uint8Array } {
  return { height: reader.u32(), treesHash: reader.fixed(32) };
}

function intact<Value>(key: string, decoded: Verdict<Value>): Value {
  assert(decoded.ok, `row ${key} is intact`);
  return decoded.value;
}
