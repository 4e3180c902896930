import { DiskError } from "./diskError.ts";
import type { DiskFile } from "./fileSystem.ts";
import { FileWindow, WINDOW_BYTES } from "./fileWindow.ts";
import {
  FRAME_HEAD_LENGTH,
  HEAD_LENGTH,
  isIntactFrame,
  readBody,
  readFrameHead,
  readHead,
  SALT_LENGTH,
} from "./logFormat.ts";
import { LogIndex } from "./logIndex.ts";

/** What a log file holds, and where its whole frames end. */
export type LoadedLog = { readonly salt: Buffer; readonly end: number; readonly index: LogIndex };

/**
 * Read a log file, cut off a last frame that a crash left unfinished, and see that what was read is on
 * disk: a commit that nobody was told of may so far be in the system's memory only.
 * Throws DAMAGED if anything else than the last frame is not whole.
 */
export async function loadLog(file: DiskFile): Promise<LoadedLog> {
  const size = await file.size();
  const window = new FileWindow(file);
  const head = readHead(await window.read(0, HEAD_LENGTH));
  if (head === undefined) throw new DiskError("DAMAGED", "the head of the log is damaged");
  const { salt, snapshotEnd } = head;

  const index = new LogIndex();
  let end = HEAD_LENGTH;
  let lastStart: number | undefined;
  while (end < size) {
    const frame = await readFrame(window, salt, end, size);
    if (frame === undefined) break;
    for (const operation of readBody(frame.subarray(FRAME_HEAD_LENGTH), end + FRAME_HEAD_LENGTH)) {
      index.apply(operation);
    }
    if (end >= snapshotEnd) lastStart = end;
    end += frame.length;
  }

  if (end < snapshotEnd || (await hasFrame(window, salt, end + 1, size))) {
    throw new DiskError("DAMAGED", `the log is damaged at byte ${end}`);
  }
  if (end < size) await file.truncate(end);
  // If a sync has failed, the system may hold this frame in memory and believe that it is on disk.
  if (lastStart !== undefined) {
    await file.write(lastStart, await file.read(lastStart, end - lastStart));
  }
  await file.sync();
  return { salt, end, index };
}

/** The whole frame at `offset`, if there is one. */
async function readFrame(
  window: FileWindow,
  salt: Buffer,
  offset: number,
  size: number,
): Promise<Buffer | undefined> {
  const length = readFrameHead(salt, await window.read(offset, FRAME_HEAD_LENGTH));
  if (length === undefined || offset + FRAME_HEAD_LENGTH + length > size) return undefined;
  const frame = await window.read(offset, FRAME_HEAD_LENGTH + length);
  if (frame.length < FRAME_HEAD_LENGTH + length) return undefined;
  return isIntactFrame(salt, offset, frame) ? frame : undefined;
}

/** Whether a whole frame begins anywhere from `start` on. */
async function hasFrame(
  window: FileWindow,
  salt: Buffer,
  start: number,
  size: number,
): Promise<boolean> {
  let from = start;
  while (from < size) {
    const piece = await window.read(from, Math.min(WINDOW_BYTES, size - from));
    const found = piece.indexOf(salt);
    if (found === -1) {
      from += Math.max(1, piece.length - SALT_LENGTH + 1);
      continue;
    }
    if ((await readFrame(window, salt, from + found, size)) !== undefined) return true;
    from += found + 1;
  }
  return false;
}
