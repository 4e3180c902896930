import type { Reader, Writer } from "../lib/codec.ts";
import { type Entry, readEntry, writeEntry } from "./entry.ts";

/**
 * A checked entry, the height of the chain's block that it records, and the hash of the main-chain
 * block that it stands in: the entry stands as long as that block does.
 */
export type CheckedPost = Entry & { readonly blockHeight: number; readonly under: Uint8Array };

/** An entry that was checked, without what only its history needs. */
export function toCheckedPost(
  { sequence, record, top, hops }: Entry,
  blockHeight: number,
  under: Uint8Array,
): CheckedPost {
  return { sequence, record, top, hops, blockHeight, under };
}

/** Encode: entry, block height u32, main-chain block 32. */
export function writeCheckedPost(writer: Writer, post: CheckedPost): void {
  writeEntry(writer, post);
  writer.u32(post.blockHeight).fixed(post.under, 32);
}

export function readCheckedPost(reader: Reader): CheckedPost {
  return { ...readEntry(reader), blockHeight: reader.u32(), under: reader.fixed(32) };
}
