import { taggedHash } from "../lib/hash.ts";
import { TAGS } from "./tags.ts";

/** The 32-byte hash by which leaves name a script. */
export function hashScript(script: Uint8Array): Uint8Array {
  return taggedHash(TAGS.script, script);
}

/** The constant true, assembly `int4 0 int4 1`: nonce 0, result 1. Cash, positions and sealed leaves hold it. */
export const TRUE_SCRIPT: Uint8Array = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** `hashScript(TRUE_SCRIPT)`. */
export const TRUE_SCRIPT_HASH: Uint8Array = hashScript(TRUE_SCRIPT);
