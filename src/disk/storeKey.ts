import { assert } from "../lib/assert.ts";

const KEY_LENGTH_MAX = 1024;
const PRINTABLE = /^[\x20-\x7e]+$/;

/** Greater than every character of a key. */
export const AFTER_EVERY_KEY = "\x7f";

/** Keys are ASCII, so that the order of their characters and of their bytes is the same everywhere. */
export function assertKey(key: string): void {
  assert(
    key.length <= KEY_LENGTH_MAX && PRINTABLE.test(key),
    `a key may be ${JSON.stringify(key)}`,
  );
}
