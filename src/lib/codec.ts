import { taggedHash } from "./hash.ts";
import { judge, Refusal, type Verdict } from "./verdict.ts";

const U64_MAX = 2n ** 64n - 1n;
/** Fewest bytes after which a writer is let go, with its large buffer. */
const REUSED_BYTES_MAX = 64 * 1024;

/**
 * Canonical bytes: fixed-width big-endian unsigned integers and byte strings with a length prefix.
 * Every value has exactly one encoding.
 */
export class Writer {
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  #reserve(count: number): number {
    const start = this.#length;
    const needed = start + count;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
      grown.set(this.#buffer);
      this.#buffer = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return start;
  }

  /** Room for an integer; the buffer may be replaced by it, so it comes before the view is looked at. */
  #reserveUint(value: number, width: number): number {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * width)) {
      throw new RangeError(`expected an unsigned integer of ${width} bytes, got ${value}`);
    }
    return this.#reserve(width);
  }

  u8(value: number): this {
    const start = this.#reserveUint(value, 1);
    this.#view.setUint8(start, value);
    return this;
  }

  u16(value: number): this {
    const start = this.#reserveUint(value, 2);
    this.#view.setUint16(start, value);
    return this;
  }

  u32(value: number): this {
    const start = this.#reserveUint(value, 4);
    this.#view.setUint32(start, value);
    return this;
  }

  u64(value: bigint): this {
    if (value < 0n || value > U64_MAX) {
      throw new RangeError(`expected an unsigned integer of 8 bytes, got ${value}`);
    }
    const start = this.#reserve(8);
    this.#view.setBigUint64(start, value);
    return this;
  }

  flag(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  /** `length` bytes as they are. */
  fixed(bytes: Uint8Array, length: number): this {
    if (bytes.length !== length) {
      throw new RangeError(`expected ${length} bytes, got ${bytes.length}`);
    }
    // Reserving may replace the buffer, so it comes before the buffer is looked at.
    const start = this.#reserve(length);
    this.#buffer.set(bytes, start);
    return this;
  }

  /** A u32 length, then the bytes. */
  bytes(bytes: Uint8Array, lengthMax: number): this {
    if (bytes.length > lengthMax) {
      throw new RangeError(`expected at most ${lengthMax} bytes, got ${bytes.length}`);
    }
    return this.u32(bytes.length).fixed(bytes, bytes.length);
  }

  /** A u16 count, then the items. */
  list<Item>(
    items: readonly Item[],
    countMax: number,
    write: (writer: this, item: Item) => void,
  ): this {
    if (items.length > countMax) {
      throw new RangeError(`expected at most ${countMax} items, got ${items.length}`);
    }
    this.u16(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  get length(): number {
    return this.#length;
  }

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  /** `taggedHash` of what is written. */
  hash(tag: number): Uint8Array {
    return taggedHash(tag, this.#buffer.subarray(0, this.#length));
  }

  /** Begin anew, in the same buffer. */
  restart(): this {
    this.#length = 0;
    return this;
  }
}

/** Reads what `Writer` wrote, from a stranger. Every method throws a `Refusal`; use `decode`. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  #take(count: number): number {
    const start = this.#offset;
    if (count > this.remaining) {
      throw new Refusal("TRUNCATED", `expected ${count} bytes at ${start}, got ${this.remaining}`);
    }
    this.#offset = start + count;
    return start;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  flag(): boolean {
    const value = this.u8();
    if (value > 1) throw new Refusal("NOT_CANONICAL", `expected a flag of 0 or 1, got ${value}`);
    return value === 1;
  }

  fixed(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.slice(start, start + length);
  }

  bytes(lengthMax: number): Uint8Array {
    const length = this.u32();
    if (length > lengthMax) {
      throw new Refusal("TOO_LONG", `expected at most ${lengthMax} bytes, got ${length}`);
    }
    return this.fixed(length);
  }

  /**
   * A list of at most `countMax` items, each at least `itemBytesMin` long: a count that the rest of
   * the message cannot hold is refused before anything is allocated for it.
   */
  list<Item>(countMax: number, itemBytesMin: number, read: (reader: this) => Item): Item[] {
    const count = this.u16();
    if (count > countMax) {
      throw new Refusal("TOO_MANY", `expected at most ${countMax} items, got ${count}`);
    }
    if (count * itemBytesMin > this.remaining) {
      throw new Refusal("TRUNCATED", `expected ${count} items, got ${this.remaining} bytes`);
    }
    return Array.from({ length: count }, () => read(this));
  }
}

/** Decode the whole of `bytes` with `read`; trailing bytes are refused. Never throws on bad input. */
export function decode<Value>(bytes: Uint8Array, read: (reader: Reader) => Value): Verdict<Value> {
  return judge(() => {
    const reader = new Reader(bytes);
    const value = read(reader);
    if (reader.remaining !== 0) {
      throw new Refusal("TRAILING_BYTES", `expected the end, got ${reader.remaining} more bytes`);
    }
    return value;
  });
}

/** A writer that nobody writes with: what is encoded is mostly small, and a new buffer for each would cost more than the writing. */
let spare: Writer | undefined;

/** Encode a value with `write`. */
export function encode(write: (writer: Writer) => void): Uint8Array {
  return writeThen(write, (writer) => writer.finish());
}

/** `taggedHash` of a value as `encode` gives it, where nothing else is wanted of its bytes. */
export function hashEncoded(tag: number, write: (writer: Writer) => void): Uint8Array {
  return writeThen(write, (writer) => writer.hash(tag));
}

function writeThen(
  write: (writer: Writer) => void,
  finish: (writer: Writer) => Uint8Array,
): Uint8Array {
  // Who encodes while something is encoded gets a writer of his own.
  const writer = spare ?? new Writer();
  spare = undefined;
  write(writer);
  const bytes = finish(writer);
  if (writer.length < REUSED_BYTES_MAX) spare = writer.restart();
  return bytes;
}
