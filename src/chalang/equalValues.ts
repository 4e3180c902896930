import { equalBytes } from "../lib/bytes.ts";
import type { Budget } from "./budget.ts";
import { List, type Value } from "./value.ts";

/** Whether two values have the same structure and bytes. Shared lists are walked as trees, for work. */
export function equalValues(a: Value, b: Value, budget: Budget): boolean {
  if (!(a instanceof List && b instanceof List)) return equalLeaves(a, b, budget);
  const left: List[] = [a];
  const right: List[] = [b];
  for (;;) {
    const x = left.pop();
    const y = right.pop();
    if (x === undefined || y === undefined) return true;
    budget.pay(1);
    if (x === y) continue;
    if (x.memory !== y.memory || x.length !== y.length || x.cells !== y.cells) return false;
    if (x.tail === undefined || y.tail === undefined) continue;
    left.push(x.tail);
    right.push(y.tail);
    if (x.head instanceof List && y.head instanceof List) {
      left.push(x.head);
      right.push(y.head);
    } else if (!equalLeaves(x.head, y.head, budget)) return false;
  }
}

/** As `equalValues`, where at most one of the two is a list. */
function equalLeaves(a: Value, b: Value, budget: Budget): boolean {
  if (a === b) return true;
  if (!(a instanceof Uint8Array && b instanceof Uint8Array)) return false;
  budget.pay(a.length);
  return equalBytes(a, b);
}
