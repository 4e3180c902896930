import { decode, encode } from "../lib/codec.ts";
import type { Verdict } from "../lib/verdict.ts";
import { BLOCK_BYTES_MAX } from "../protocol/limits.ts";
import { BLOCKS_AT_ONCE_MAX } from "./operatorApi.ts";

/** Several encoded blocks in one answer: list (u16 count) of bytes (u32 length). */
export function encodeBlockFrames(blocks: readonly Uint8Array[]): Uint8Array {
  return encode((writer) =>
    writer.list(blocks, BLOCKS_AT_ONCE_MAX, (each, block) => each.bytes(block, BLOCK_BYTES_MAX)),
  );
}

/** The blocks of an answer; what is inside each is not looked at. */
export function decodeBlockFrames(bytes: Uint8Array): Verdict<Uint8Array[]> {
  return decode(bytes, (reader) =>
    reader.list(BLOCKS_AT_ONCE_MAX, 4, (each) => each.bytes(BLOCK_BYTES_MAX)),
  );
}
