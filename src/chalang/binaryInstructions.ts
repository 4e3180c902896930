import { concatBytes } from "../lib/bytes.ts";
import { type Budget, CAPS, Stop, WORK } from "./budget.ts";
import { binaryValue, bytesOf, cons, EMPTY_LIST, List, type Value } from "./value.ts";

/** The bitwise opcodes, by byte. */
const BITWISE: Readonly<Record<number, (x: number, y: number) => number>> = {
  84: (x, y) => x & y,
  85: (x, y) => x | y,
  86: (x, y) => x ^ y,
};

/** Opcodes 84 to 86: right-aligned, the shorter one extended by zeros on the left. */
export function combineBits(
  op: number,
  a: number | Uint8Array,
  b: number | Uint8Array,
  budget: Budget,
): Value {
  const combine = BITWISE[op] as (x: number, y: number) => number;
  if (typeof a === "number" && typeof b === "number") return combine(a, b) >>> 0;
  const x = bytesOf(a);
  const y = bytesOf(b);
  const length = Math.max(x.length, y.length);
  budget.pay(WORK.binary + length);
  const result = new Uint8Array(length);
  for (let i = 1; i <= length; i++) {
    result[length - i] = combine(x[x.length - i] ?? 0, y[y.length - i] ?? 0);
  }
  return binaryValue(result);
}

/** Opcode 57 for any binary: the big-endian number that it is, modulo `divisor` (not 0). */
export function remainderOf(bytes: Uint8Array, divisor: number, budget: Budget): number {
  budget.pay(bytes.length);
  let rest = 0;
  // Below 2^40 at each step, so exact.
  for (const byte of bytes) rest = (rest * 256 + byte) % divisor;
  return rest;
}

/** Opcode 56: x to the power of y modulo 2^32, with x^0 = 0 as the original has it. y is at most 31. */
export function power(x: number, y: number): number {
  if (y === 0) return 0;
  let result = 1;
  for (let i = 0; i < y; i++) result = Math.imul(result, x);
  return result >>> 0;
}

/** Opcode 134: two binaries or two lists, one behind the other. */
export function append(a: Value, b: Value, budget: Budget): Value {
  if (a instanceof List) {
    if (!(b instanceof List)) throw new Stop("error", "a list and a binary to append");
    budget.pay(a.length * WORK.cell);
    return reverseOnto(reverseOnto(a, EMPTY_LIST), b);
  }
  if (b instanceof List) throw new Stop("error", "a binary and a list to append");
  const x = bytesOf(a);
  const y = bytesOf(b);
  if (x.length + y.length > CAPS.binaryBytes) throw new Stop("limit", "a binary is too long");
  budget.pay(WORK.binary + x.length + y.length);
  return binaryValue(concatBytes(x, y));
}

/** Opcode 136: the elements of `list` in opposite order. */
export function reverseList(list: List, budget: Budget): List {
  budget.pay(list.length * WORK.cell);
  return reverseOnto(list, EMPTY_LIST);
}

/** The elements of `list` in opposite order, before those of `behind`. */
function reverseOnto(list: List, behind: List): List {
  let result = behind;
  for (let rest = list; rest.tail !== undefined; rest = rest.tail) {
    result = cons(rest.head, result);
  }
  return result;
}
