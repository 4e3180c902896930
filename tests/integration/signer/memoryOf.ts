import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const CHUNK_BYTES = 4 * 1024 * 1024;
/** V8 reserves far more than it uses; a region above this is not one that holds data. */
const REGION_BYTES_MAX = 512 * 1024 * 1024;

/** Whether any of the byte strings stands in the memory that a process can write to. Linux only. */
export function holdsInMemory(pid: number, wanted: readonly Uint8Array[]): boolean {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const overlap = Math.max(...wanted.map(({ length }) => length));
  const chunk = Buffer.alloc(CHUNK_BYTES + overlap);
  const needles = wanted.map((bytes) => Buffer.from(bytes));
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const named = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (named === null) continue;
      const end = Number.parseInt(named[2] ?? "", 16);
      let at = Number.parseInt(named[1] ?? "", 16);
      if (end - at > REGION_BYTES_MAX) continue;
      for (; at < end; at += CHUNK_BYTES) {
        const length = readOrNothing(memory, chunk, Math.min(chunk.length, end - at), at);
        const seen = chunk.subarray(0, length);
        if (needles.some((bytes) => seen.includes(bytes))) return true;
      }
    }
    return false;
  } finally {
    closeSync(memory);
  }
}

/** Pages that the process itself may not read have nothing to be found in. */
function readOrNothing(file: number, into: Buffer, length: number, at: number): number {
  try {
    return readSync(file, into, 0, length, at);
  } catch {
    return 0;
  }
}
