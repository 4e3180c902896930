import { formatHex } from "../../lib/hex.ts";
import type { SignedOrder } from "../../market/batch.ts";

/** An order that waits for the next batch, in its newest version. `name` (of all versions), `bookId` and `contractIds`: hex. */
export type RestingOrder = {
  readonly signed: SignedOrder;
  readonly hash: Uint8Array;
  readonly name: string;
  readonly owner: Uint8Array;
  readonly bookId: string;
  readonly contractIds: readonly string[];
};

/**
 * The orders on one tip: they all end with it. By their names.
 *
 * - `byContract`: the name of the order that a contract backs. - `counts`: how many each owner has, by hex of his key.
 * - `cancelled`: owners of orders that were taken back; those do not come again, in no version.
 */
export type RestingOrders = {
  readonly resting: Map<string, RestingOrder>;
  readonly byContract: Map<string, string>;
  readonly counts: Map<string, number>;
  readonly cancelled: Map<string, Uint8Array>;
};

export function createRestingOrders(): RestingOrders {
  return { resting: new Map(), byContract: new Map(), counts: new Map(), cancelled: new Map() };
}

export function addOrder(orders: RestingOrders, order: RestingOrder): void {
  const owner = formatHex(order.owner);
  orders.resting.set(order.name, order);
  for (const id of order.contractIds) orders.byContract.set(id, order.name);
  orders.counts.set(owner, (orders.counts.get(owner) ?? 0) + 1);
}

export function removeOrder(orders: RestingOrders, order: RestingOrder): void {
  const owner = formatHex(order.owner);
  orders.resting.delete(order.name);
  for (const id of order.contractIds) orders.byContract.delete(id);
  const rest = (orders.counts.get(owner) ?? 1) - 1;
  if (rest > 0) orders.counts.set(owner, rest);
  else orders.counts.delete(owner);
}

/** End them all with their tip. */
export function clearOrders({ resting, byContract, counts, cancelled }: RestingOrders): void {
  for (const map of [resting, byContract, counts, cancelled]) map.clear();
}
