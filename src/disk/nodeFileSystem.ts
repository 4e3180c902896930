import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { DiskFile, FileSystem } from "./fileSystem.ts";

/** The files of one directory of this machine. */
export function createNodeFileSystem(directory: string): FileSystem {
  return {
    list: () => readdir(directory),
    open: async (name) =>
      createNodeFile(
        await open(join(directory, name), constants.O_RDWR | constants.O_CREAT, 0o600),
      ),
    rename: (from, to) => rename(join(directory, from), join(directory, to)),
    remove: (name) => rm(join(directory, name), { force: true }),
    syncDirectory: () => syncDirectory(directory),
  };
}

/** Make a directory and those above it, and see that their names are on disk. */
export async function makeDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = dirname(resolve(first));
  for (let made = resolve(directory); made !== top; made = dirname(made)) {
    await syncDirectory(dirname(made));
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function createNodeFile(handle: FileHandle): DiskFile {
  return {
    async read(offset, length) {
      const bytes = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    },
    async write(offset, bytes) {
      let done = 0;
      while (done < bytes.length) {
        const left = bytes.length - done;
        done += (await handle.write(bytes, done, left, offset + done)).bytesWritten;
      }
    },
    truncate: (length) => handle.truncate(length),
    size: async () => (await handle.stat()).size,
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}
