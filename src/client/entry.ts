import { type Hop, readHops, writeHops } from "../blocks/hops.ts";
import type { Reader, Writer } from "../lib/codec.ts";
import {
  type ExistenceRecord,
  readExistenceRecord,
  writeExistenceRecord,
} from "../protocol/post.ts";

/**
 * An entry of a chain's history: a record on the main chain, or what such a record shows of a descendant.
 *
 * - `sequence`: of the chain's own post. - `record`: height and index of the main-chain record, and the hash of
 *   the chain's own block.
 * - `top`: sequence, key and hash of that main-chain record itself, which is the top chain's.
 * - `hops`: from the block recorded there down to the chain's own block; none where that is the same.
 */
export type Entry = {
  readonly sequence: number;
  readonly record: ExistenceRecord;
  readonly top: {
    readonly sequence: number;
    readonly key: Uint8Array;
    readonly hash: Uint8Array;
  };
  readonly hops: readonly Hop[];
};

/** An entry as it is read in a chain's history. `hopsBefore`: `hops` under the main-chain record before; none where the top chain had none. */
export type HistoryEntry = Entry & { readonly hopsBefore: readonly Hop[] };

/** Encode: sequence u32, record, sequence u32, key 32 and hash 32 of the main chain's record, hops. */
export function writeEntry(writer: Writer, { sequence, record, top, hops }: Entry): void {
  writer.u32(sequence);
  writeExistenceRecord(writer, record);
  writer.u32(top.sequence).fixed(top.key, 32).fixed(top.hash, 32);
  writeHops(writer, hops);
}

export function readEntry(reader: Reader): Entry {
  return {
    sequence: reader.u32(),
    record: readExistenceRecord(reader),
    top: { sequence: reader.u32(), key: reader.fixed(32), hash: reader.fixed(32) },
    hops: readHops(reader),
  };
}
