import { Reader } from "../../../src/lib/codec.ts";

/** Counts what all `Reader`s do: a measure of a decoder's work that no machine's load changes. */
export type ReadCounter = {
  readonly reset: () => void;
  /** Whether more was read than a message of `length` bytes can be worth. */
  readonly isOver: (length: number) => boolean;
  readonly stop: () => void;
};

const METHODS = ["u8", "u16", "u32", "u64", "flag", "fixed", "bytes", "list"] as const;

/** Reads of a message: at most one for each byte, one for each that the others are made of, and a few. */
const READS_BEYOND = 32;

export function countReads(): ReadCounter {
  let reads = 0;
  const originals = METHODS.map((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(Reader.prototype, name);
    const original = descriptor?.value as (...args: unknown[]) => unknown;
    Object.defineProperty(Reader.prototype, name, {
      ...descriptor,
      value(this: Reader, ...args: unknown[]) {
        reads += 1;
        return original.apply(this, args);
      },
    });
    return { name, descriptor: descriptor as PropertyDescriptor };
  });
  return {
    reset: () => {
      reads = 0;
    },
    isOver: (length) => reads > 2 * length + READS_BEYOND,
    stop: () => {
      for (const { name, descriptor } of originals) {
        Object.defineProperty(Reader.prototype, name, descriptor);
      }
    },
  };
}
