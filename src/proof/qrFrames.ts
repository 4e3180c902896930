import { formatBase45, parseBase45 } from "../lib/base45.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, encode } from "../lib/codec.ts";
import { sha256 } from "../lib/hash.ts";
import { demand, insist, judge, Refusal, type Verdict } from "../lib/verdict.ts";

/**
 * One picture of a file that is shown as a row of QR codes, in any order and for as long as anybody looks. The first frames
 * carry a block of the file each; every later one the sum of about half of all blocks, so that whoever has missed some needs about as
 * many frames more, whichever they are.
 *
 * - `fileId`: first 8 bytes of the file's SHA-256. - `length`: of the file, in bytes. - `seed`: which frame.
 * - `block`: `BLOCK_BYTES` long.
 *
 * @see docs/PROTOCOL.md section 9
 */
export type QrFrame = {
  readonly fileId: Uint8Array;
  readonly length: number;
  readonly seed: number;
  readonly block: Uint8Array;
};

/** So much fits a QR code that a telephone reads off a screen. */
const BLOCK_BYTES = 512;
const FILE_ID_BYTES = 8;
const CHECK_BYTES = 4;
/** Longest file that is shown so: minutes of looking. */
export const QR_FILE_BYTES_MAX: number = 1024 * 1024;
/** What every frame's text begins with: which frames these are, and of which version. */
const PREFIX = "SQ1:";

/** A file's frames. @throws RangeError for one that is empty or too long. */
export function createFrames(file: Uint8Array): {
  /** Frames after which a file is whole, if none is missed. */
  readonly count: number;
  /** The text of frame `seed`, from 0, without end. */
  readonly textOf: (seed: number) => string;
} {
  if (file.length === 0 || file.length > QR_FILE_BYTES_MAX) {
    throw new RangeError(`expected 1 to ${QR_FILE_BYTES_MAX} bytes, got ${file.length}`);
  }
  const fileId = sha256(file).slice(0, FILE_ID_BYTES);
  const count = countBlocks(file.length);
  const padded = new Uint8Array(count * BLOCK_BYTES);
  padded.set(file);
  return {
    count,
    textOf(seed) {
      const block = new Uint8Array(BLOCK_BYTES);
      const mask = computeMask(fileId, count, seed);
      for (let index = 0; index < count; index++) {
        if (hasBit(mask, index)) addTo(block, padded.subarray(index * BLOCK_BYTES));
      }
      return formatFrame({ fileId, length: file.length, seed, block });
    },
  };
}

/** Encode: file id 8, length u32, seed u32, block 512, first 4 bytes of the SHA-256 of that; as text, in base 45. */
export function formatFrame({ fileId, length, seed, block }: QrFrame): string {
  const body = encode((writer) =>
    writer.fixed(fileId, FILE_ID_BYTES).u32(length).u32(seed).fixed(block, BLOCK_BYTES),
  );
  const check = sha256(body).subarray(0, CHECK_BYTES);
  const frame = encode((writer) => writer.fixed(body, body.length).fixed(check, CHECK_BYTES));
  return PREFIX + formatBase45(frame);
}

/** The frame of a text that a QR code was read as; most that are read are somebody else's. */
export function parseFrame(text: string): Verdict<QrFrame> {
  return judge(() => {
    demand(text.startsWith(PREFIX), "FOREIGN_FRAME", `the code does not begin with ${PREFIX}`);
    const bytes = parseBase45(text.slice(PREFIX.length));
    if (bytes === undefined) throw new Refusal("NOT_BASE45", "the code is not base 45");
    return insist(
      decode(bytes, (reader) => {
        const fileId = reader.fixed(FILE_ID_BYTES);
        const length = reader.u32();
        const seed = reader.u32();
        const block = reader.fixed(BLOCK_BYTES);
        const check = reader.fixed(CHECK_BYTES);
        demand(
          length > 0 && length <= QR_FILE_BYTES_MAX,
          "TOO_LONG",
          `expected a file of 1 to ${QR_FILE_BYTES_MAX} bytes, got ${length}`,
        );
        const body = bytes.subarray(0, bytes.length - CHECK_BYTES);
        const isWhole = equalBytes(sha256(body).subarray(0, CHECK_BYTES), check);
        demand(isWhole, "BAD_CHECKSUM", "the code was misread");
        return { fileId, length, seed, block };
      }),
    );
  });
}

/** How many frames a file of this length has at least. */
export function countBlocks(length: number): number {
  return Math.ceil(length / BLOCK_BYTES);
}

/**
 * Which blocks are summed up in a frame: a bit for each. The first `count` frames have one each; the others what the
 * hash of file and seed says.
 */
export function computeMask(fileId: Uint8Array, count: number, seed: number): Uint8Array {
  const mask = new Uint8Array(Math.ceil(count / 8));
  if (seed < count) {
    mask[seed >> 3] = 1 << (seed & 7);
    return mask;
  }
  for (let part = 0; part * 32 < mask.length; part++) {
    const bits = sha256(encode((writer) => writer.fixed(fileId, 8).u32(seed).u32(part)));
    mask.set(bits.subarray(0, Math.min(32, mask.length - part * 32)), part * 32);
  }
  const used = count & 7;
  if (used > 0) mask[mask.length - 1] = (mask.at(-1) as number) & ((1 << used) - 1);
  return mask;
}

export function hasBit(mask: Uint8Array, index: number): boolean {
  return (((mask[index >> 3] as number) >> (index & 7)) & 1) === 1;
}

/** Add bytes to bytes, which is the same as taking them away: bit by bit, without carry. */
export function addTo(sum: Uint8Array, bytes: Uint8Array): void {
  for (let index = 0; index < sum.length; index++) {
    sum[index] = (sum[index] as number) ^ (bytes[index] as number);
  }
}
