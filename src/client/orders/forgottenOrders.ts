import type { RestingOrder } from "./orderRows.ts";
import { sumFills } from "./readOutcome.ts";

/** Orders of one chain that have ended and are still kept, the newest: a program that quotes ends some with every block. */
export const ENDED_MAX = 256;

/** Whether an order may still be signed, as far as the order itself says. */
export function isOpen(order: RestingOrder): boolean {
  return order.end === undefined && sumFills(order).quantity < order.limits.quantity;
}

/**
 * The orders of one chain whose rows are dropped: those that ended before the newest `ENDED_MAX` did, as soon as nothing of them
 * may change any more. What they have filled is in the contracts that are held, each with its cost.
 *
 * @param orders - by id, which grow from one to the next.
 * @param isSigned - whether anything that is signed of an order is still kept.
 */
export function listForgotten(
  orders: readonly (readonly [id: string, order: RestingOrder])[],
  isSigned: (id: string) => boolean,
): string[] {
  const ended = orders
    .filter(([, order]) => !isOpen(order))
    .toSorted(([a], [b]) => (a < b ? 1 : -1));
  return ended
    .slice(ENDED_MAX)
    .filter(([id, { fills }]) => fills.length === 0 && !isSigned(id))
    .map(([id]) => id);
}
