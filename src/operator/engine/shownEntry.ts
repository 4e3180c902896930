import { type Hop, readHops, writeHops } from "../../blocks/hops.ts";
import { type NamedPost, readPostPath, writePostPath } from "../../chain/requests/postPath.ts";
import { encode, type Reader } from "../../lib/codec.ts";

/**
 * How the main chain is shown a post of this chain: the record it stands under, and the hops from there down to it.
 *
 * - `hopsBefore`: the same under the record before, by which it is known what was posted first under this one.
 */
export type ShownEntry = NamedPost & {
  readonly hops: readonly Hop[];
  readonly hopsBefore: readonly Hop[];
};

/** Encode: sequence u32, switched flag, path, hops, hops before. */
export function encodeShownEntry(entry: ShownEntry): Uint8Array {
  return encode((writer) => {
    writePostPath(writer.u32(entry.sequence).flag(entry.isSwitched), entry.path);
    writeHops(writer, entry.hops);
    writeHops(writer, entry.hopsBefore);
  });
}

export function readShownEntry(reader: Reader): ShownEntry {
  const sequence = reader.u32();
  const isSwitched = reader.flag();
  const path = readPostPath(reader);
  const hops = readHops(reader);
  return { sequence, isSwitched, path, hops, hopsBefore: readHops(reader) };
}
