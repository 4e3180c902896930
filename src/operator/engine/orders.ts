import { encodeCancel, type OrderReceipt } from "../../api/marketApi.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { decode, encode, type Reader } from "../../lib/codec.ts";
import { formatHex } from "../../lib/hex.ts";
import { accept, demand, insist, judge, Refusal, type Verdict } from "../../lib/verdict.ts";
import { hashOrder, judgeTerms, nameOrder, type SignedOrder } from "../../market/batch.ts";
import { isOfYes, placeOf } from "../../market/piece.ts";
import type { Leaf } from "../../protocol/leaf.ts";
import { encodeOrder, type Order, readOrder, writeOrder } from "../../protocol/order.ts";
import { isSignedBy } from "../../protocol/rules.ts";
import { readSignature, writeSignature } from "../../protocol/signature.ts";
import { findLeaf } from "../../space/tree.ts";
import { blockContext, findObstacle } from "./blockQueue.ts";
import { findOpenBook } from "./books.ts";
import { isInFavour } from "./contractStates.ts";
import type { Effect, RowOperation, TraderRequest } from "./engineEvent.ts";
import type { EngineState } from "./engineState.ts";
import { isBusy } from "./proposals.ts";
import { addOrder, clearOrders, type RestingOrder, removeOrder } from "./restingOrders.ts";
import { rowKey } from "./rowKey.ts";

/**
 * Take an order for the next batch, after everything that a block could refuse about it has been looked at. It is
 * on disk before its receipt is given. The same order again gets the same receipt. A version that is good for longer takes the
 * place of the one before it; one that is not changes nothing.
 *
 * @see docs/PROTOCOL.md section 7, orders and matches
 */
export function handleOrder(
  state: EngineState,
  { request, signed }: TraderRequest & { kind: "order" },
): Effect[] {
  const receipt: OrderReceipt = {
    orderHash: hashOrder(signed.order),
    height: state.tip.height + 1,
  };
  const answer = accept({ kind: "order", receipt } as const);
  const before = state.orders.resting.get(formatHex(nameOrder(signed.order)));
  if (before !== undefined && !isLater(signed, before.signed)) {
    return [{ kind: "reply", request, answer }];
  }
  // It is judged as if the version before it were gone, which stays if it is refused.
  if (before !== undefined) removeOrder(state.orders, before);
  const judged = judge(() => judgeOrder(state, signed));
  if (!judged.ok) {
    if (before !== undefined) addOrder(state.orders, before);
    return [{ kind: "reply", request, answer: judged }];
  }
  const order = judged.value;
  addOrder(state.orders, order);
  // A version crosses nothing that the one before it did not: nothing is to be cleared for it.
  if (before === undefined) state.orderedAtMs ??= state.nowMs;
  const value = encode((writer) => {
    writeOrder(writer, signed.order);
    writeSignature(writer, signed.signature);
  });
  return [
    { kind: "commit", operations: [{ kind: "put", key: rowKey.order(order.name), value }] },
    { kind: "book", bookId: order.bookId },
    { kind: "reply", request, answer },
  ];
}

/** Take an order back, in all its versions, unless its batch has begun to be cleared. */
export function handleCancel(
  state: EngineState,
  { request, orderName, signature }: TraderRequest & { kind: "cancel" },
): Effect[] {
  const key = formatHex(orderName);
  const order = state.orders.resting.get(key);
  const owner = order?.owner ?? state.orders.cancelled.get(key);
  const isOwn = (by: Uint8Array) => {
    const body = encodeCancel(state.chain.id, orderName);
    return isSignedBy(state.rules, "signRequest", body, signature, by);
  };
  if (owner === undefined) return reply(request, accept({ kind: "cancel", isCancelled: false }));
  if (!isOwn(owner)) {
    const message = "the request is not signed by the owner of the order";
    return reply(request, { ok: false, code: "BAD_SIGNATURE", message });
  }
  state.orders.cancelled.set(key, owner);
  const left = dropOrders(state, (other) => other === order);
  return [...left, ...reply(request, accept({ kind: "cancel", isCancelled: true }))];
}

/** Take orders out, and their rows off the disk. */
export function dropOrders(state: EngineState, isOver: (order: RestingOrder) => boolean): Effect[] {
  const operations: RowOperation[] = [];
  const bookIds = new Set<string>();
  for (const order of [...state.orders.resting.values()].filter(isOver)) {
    removeOrder(state.orders, order);
    bookIds.add(order.bookId);
    operations.push({ kind: "delete", key: rowKey.order(order.name) });
  }
  if (state.orders.resting.size === 0) state.orderedAtMs = undefined;
  if (operations.length === 0) return [];
  return [
    { kind: "commit", operations },
    ...[...bookIds].map((bookId) => ({ kind: "book", bookId }) as const),
  ];
}

/** Take out the orders that can no longer count: of a market whose question is answered, or about to lapse. */
export function dropLapsed(state: EngineState): Effect[] {
  return dropOrders(
    state,
    ({ signed: { order } }) =>
      !findOpenBook(state, order.market).ok || !isGoodForLong(state, order),
  );
}

/** End all orders with their tip: the operations belong into the commit of the block that ends them. */
export function endOrders(state: EngineState): RowOperation[] {
  const rows = [...state.orders.resting.values()].map(({ name }) => rowKey.order(name));
  clearOrders(state.orders);
  state.orderedAtMs = undefined;
  return rows.map((key) => ({ kind: "delete", key }));
}

/**
 * Bring orders back that were acknowledged before a restart. What is bound to another tip, or to a market that is not open
 * any more, is over: its row goes.
 */
export function restoreOrders(state: EngineState, rows: readonly Uint8Array[]): void {
  for (const value of rows) {
    const signed = insist(decode(value, readSignedOrder));
    const isOfTip = equalBytes(signed.order.seenBlock, state.tip.hash);
    const isKept = isOfTip && state.sealing === undefined && hasBook(state, signed.order);
    if (isKept) addOrder(state.orders, place(state, signed));
    else state.overRows.push(rowKey.order(formatHex(nameOrder(signed.order))));
  }
  if (state.orders.resting.size > 0) state.orderedAtMs = state.nowMs;
}

function readSignedOrder(reader: Reader): SignedOrder {
  return { order: readOrder(reader), signature: readSignature(reader) };
}

function hasBook(state: EngineState, { market }: Order): boolean {
  return state.books.has(formatHex(market.win));
}

function judgeOrder(state: EngineState, signed: SignedOrder): RestingOrder {
  const { policy, orders, tip } = state;
  const { order } = signed;
  const { terms } = order;
  const isCancelled = orders.cancelled.has(formatHex(nameOrder(order)));
  demand(!isCancelled, "CANCELLED", "the order was taken back");
  const obstacle = findObstacle(state);
  if (obstacle !== undefined) throw new Refusal(obstacle.code, obstacle.message);
  demand(
    equalBytes(order.seenBlock, tip.hash),
    "OTHER_BLOCK_SEEN",
    `the order names another block than the last one, of height ${tip.height}`,
  );
  demand(
    order.recorded === state.recorded,
    "OTHER_RECORD",
    `expected an order for what is recorded to block ${state.recorded}, got ${order.recorded}`,
  );
  const book = insist(findOpenBook(state, order.market));
  insist(judgeTerms(terms, book.market));
  demand(
    isGoodForLong(state, order),
    "TOO_SHORT",
    `expected an order good for ${policy.closeMargin} more main-chain blocks`,
  );
  demand(
    orders.resting.size < policy.ordersMax,
    "TOO_MANY_ORDERS",
    `the next batch has ${policy.ordersMax} orders already`,
  );
  const placed = place(state, signed);
  demand(
    (orders.counts.get(formatHex(placed.owner)) ?? 0) < policy.ordersPerOwnerMax,
    "TOO_MANY_ORDERS",
    `one owner may have ${policy.ordersPerOwnerMax} orders in a batch`,
  );
  demand(
    isSignedBy(state.rules, "signOrder", encodeOrder(order), signed.signature, placed.owner),
    "BAD_SIGNATURE",
    "the order is not signed by the owner of its contracts",
  );
  return placed;
}

/** An order with the contracts that stand where it says: all of one owner, and free to be given up. Throws a `Refusal`. */
function place(state: EngineState, signed: SignedOrder): RestingOrder {
  const { market, terms } = signed.order;
  const ids = new Set<string>();
  let owner: Uint8Array | undefined;
  for (const piece of terms.contracts) {
    const found = findLeaf(state.tree, placeOf(market, isOfYes(terms.side), piece));
    const leaf = found.ok ? found.value : undefined;
    const where = `[${piece.lo}, ${piece.hi})`;
    if (leaf === undefined) {
      throw new Refusal("NO_SUCH_CONTRACT", `no ${piece.kind} contract stands in ${where}`);
    }
    demand(
      owner === undefined || equalBytes(owner, leaf.owner),
      "OTHER_OWNER",
      "the contracts of one order have different owners",
    );
    owner = leaf.owner;
    const id = formatHex(leaf.id);
    demand(!ids.has(id), "NAMED_TWICE", `the contract in ${where} is named twice`);
    demandFree(state, leaf, where);
    ids.add(id);
  }
  if (owner === undefined) throw new Refusal("WRONG_CONTRACTS", "an order names no contract");
  const { order } = signed;
  return {
    signed,
    hash: hashOrder(order),
    name: formatHex(nameOrder(order)),
    owner,
    bookId: formatHex(market.win),
    contractIds: [...ids],
  };
}

function demandFree(state: EngineState, leaf: Leaf, where: string): void {
  demand(
    leaf.madeIn <= state.recorded,
    "NOT_RECORDED",
    `the contract in ${where} was made in block ${leaf.madeIn}, which is not known to be recorded`,
  );
  demand(!leaf.sealed, "SEALED", `the contract in ${where} is a chain for ever`);
  const isBacking = state.orders.byContract.has(formatHex(leaf.id));
  demand(!isBacking, "ORDER_STANDS", `the contract in ${where} backs another order`);
  demand(!isBusy(state, leaf.id), "CLOSE_QUEUED", `the contract in ${where} is being closed`);
  demand(
    isInFavour(state, leaf),
    "NOT_IN_FAVOUR",
    `the terms of the contract in ${where} leave its outcome open`,
  );
}

/** Whether a version of an order counts up to a later height than another. */
function isLater(signed: SignedOrder, before: SignedOrder): boolean {
  return signed.order.terms.heightMax > before.order.terms.heightMax;
}

function isGoodForLong(state: EngineState, { terms }: Order): boolean {
  return terms.heightMax - blockContext(state).mainHeight >= state.policy.closeMargin;
}

function reply(
  request: number,
  answer: Verdict<{ kind: "cancel"; isCancelled: boolean }>,
): Effect[] {
  return [{ kind: "reply", request, answer }];
}
