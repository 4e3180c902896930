import { concatBytes } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import { encodeUtf8 } from "../lib/utf8.ts";

/** A number from 0 up to, not including, 1. */
export type Chance = () => number;

const WHOLE = 2 ** 32;

/** What falls at one place of a seed's row: the same for everybody who asks. */
export function chanceAt(seed: string, index: number): number {
  const place = new Uint8Array(8);
  new DataView(place.buffer).setBigUint64(0, BigInt(index));
  const hash = sha256(concatBytes(place, encodeUtf8(seed)));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0) / WHOLE;
}

/** The row of a seed, one after another. */
export function createChance(seed: string): Chance {
  let index = 0;
  return () => {
    index += 1;
    return chanceAt(seed, index);
  };
}
