import { CAPS, Stop } from "./budget.ts";

/**
 * A value of the machine. A binary of exactly 4 bytes is always the unsigned integer it stands for,
 * any other binary a `Uint8Array` (whose length is never 4); these never change once made.
 *
 * @see CHALANG.md section 1
 */
export type Value = number | Uint8Array | List;

/** A proper list, front first; cells are shared and never change. The empty list is `EMPTY_LIST`. */
export class List {
  readonly head: Value;
  readonly tail: List | undefined;
  /** Elements. */
  readonly length: number;
  /** Ram by the original's count: 1, and 1 more than its own ram for each element. */
  readonly memory: number;
  /** Cells as a tree, this list's and those of the lists in it. */
  readonly cells: number;
  /** Bytes of the serialised elements. */
  readonly serialisedBytes: number;

  /** Use `cons`, which looks after the cap. */
  constructor(head: Value, tail: List | undefined) {
    this.head = head;
    this.tail = tail;
    if (tail === undefined) {
      this.length = 0;
      this.memory = 1;
      this.cells = 0;
      this.serialisedBytes = 0;
    } else {
      this.length = tail.length + 1;
      this.memory = tail.memory + 1 + memoryOf(head);
      this.cells = tail.cells + 1 + (head instanceof List ? head.cells : 0);
      this.serialisedBytes = tail.serialisedBytes + 5 + payloadBytes(head);
    }
  }

  /** The elements, front first. */
  *[Symbol.iterator](): Generator<Value> {
    let list: List = this;
    while (list.tail !== undefined) {
      yield list.head;
      list = list.tail;
    }
  }
}

/** The empty list, the only list without a tail. */
export const EMPTY_LIST: List = new List(0, undefined);

/** Kept by the engine as an array of anything, since it held a list once. */
const NO_VALUES: Value[] = [EMPTY_LIST];
NO_VALUES.length = 0;
const NO_NUMBERS: number[] = [];

/**
 * An empty array for values. Engines keep arrays of small integers, of doubles and of anything
 * apart, and code that meets all three is several times slower: these are all of the last kind. A copy,
 * not a literal: V8 learns from a long run that what a literal makes lives long, and then puts the
 * arrays of every short run where only a full collection frees them.
 */
export function createValues(): Value[] {
  return NO_VALUES.slice();
}

/** An empty array for small integers; a copy for the same reason. */
export function createNumbers(): number[] {
  return NO_NUMBERS.slice();
}

/** The list with `head` before `tail`; throws a `Stop` where it would have too many cells. */
export function cons(head: Value, tail: List): List {
  const list = new List(head, tail);
  if (list.cells > CAPS.listCells) throw new Stop("limit", "a list has too many cells");
  return list;
}

/** Ram of a value by the original's count: bytes of a binary, see `List.memory`. */
export function memoryOf(value: Value): number {
  if (typeof value === "number") return 4;
  return value instanceof List ? value.memory : value.length;
}

/** Bytes of a value's serialisation after its kind and length. */
export function payloadBytes(value: Value): number {
  if (typeof value === "number") return 4;
  return value instanceof List ? value.serialisedBytes : value.length;
}

/** The value that a binary is; the bytes are kept, not copied. */
export function binaryValue(bytes: Uint8Array): number | Uint8Array {
  return bytes.length === 4 ? readUint32(bytes, 0) : bytes;
}

/** The bytes of a binary or an integer. */
export function bytesOf(value: number | Uint8Array): Uint8Array {
  if (typeof value !== "number") return value;
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** The 4 bytes at `offset`, big-endian and unsigned; the caller has seen that they are there. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  );
}
