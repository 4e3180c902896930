import { equalBytes } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import { formatHex } from "../lib/hex.ts";
import { addTo, computeMask, countBlocks, hasBit, parseFrame, type QrFrame } from "./qrFrames.ts";

/**
 * What came of a code that was read.
 *
 * - `foreign`: it is none of ours, or was misread. - `more`: of the `count` blocks of its file, so many are known.
 * - `whole`: the file.
 */
export type Collected =
  | { readonly kind: "foreign" }
  | { readonly kind: "more"; readonly known: number; readonly count: number }
  | { readonly kind: "whole"; readonly file: Uint8Array };

/** Files that are put together at the same time: a screen may show another while the first is not whole. */
const FILES_MAX = 3;

/** Put files together from the texts of QR codes, in whatever order they come, with some missing, some twice, and others between. */
export function createFrameCollector(): { take(text: string): Collected } {
  const files = new Map<string, Unfinished>();
  return {
    take(text) {
      const parsed = parseFrame(text);
      if (!parsed.ok) return { kind: "foreign" };
      const frame = parsed.value;
      const name = `${formatHex(frame.fileId)} ${frame.length}`;
      const file = files.get(name) ?? beginFile(frame);
      // Who was seen last stays.
      files.delete(name);
      files.set(name, file);
      const [oldest] = files.keys();
      if (files.size > FILES_MAX && oldest !== undefined) files.delete(oldest);
      if (addFrame(file, frame) < file.count) {
        return { kind: "more", known: file.known, count: file.count };
      }
      files.delete(name);
      const whole = finish(file, frame.length);
      // Frames that somebody has mixed with others of his own sum up to nothing.
      const isIt = equalBytes(sha256(whole).subarray(0, frame.fileId.length), frame.fileId);
      return isIt ? { kind: "whole", file: whole } : { kind: "foreign" };
    },
  };
}

/** Sums of blocks, none of which can be made of the others. `rows`: by the first block that is in each. */
type Unfinished = { readonly count: number; readonly rows: Map<number, Row>; known: number };
type Row = { readonly mask: Uint8Array; readonly block: Uint8Array };

function beginFile({ length }: QrFrame): Unfinished {
  return { count: countBlocks(length), rows: new Map(), known: 0 };
}

/** Take a frame in, less all that the rows say already; returns how many blocks' worth is known. */
function addFrame(file: Unfinished, { fileId, seed, block }: QrFrame): number {
  const row = { mask: computeMask(fileId, file.count, seed), block: block.slice() };
  for (let index = 0; index < file.count; index++) {
    if (!hasBit(row.mask, index)) continue;
    const known = file.rows.get(index);
    if (known === undefined) {
      file.rows.set(index, row);
      file.known += 1;
      break;
    }
    addTo(row.mask, known.mask);
    addTo(row.block, known.block);
  }
  return file.known;
}

/** The file, once there are as many rows as blocks: from the last block up each row is freed of those below. */
function finish({ count, rows }: Unfinished, length: number): Uint8Array {
  const [{ block: first }] = [...rows.values()] as [Row];
  const whole = new Uint8Array(count * first.length);
  for (let index = count - 1; index >= 0; index--) {
    const { mask, block } = rows.get(index) as Row;
    for (let below = index + 1; below < count; below++) {
      if (hasBit(mask, below)) addTo(block, whole.subarray(below * block.length));
    }
    whole.set(block, index * block.length);
  }
  return whole.slice(0, length);
}
