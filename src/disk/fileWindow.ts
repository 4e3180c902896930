import type { DiskFile } from "./fileSystem.ts";

export const WINDOW_BYTES = 1024 * 1024;

/** Reads of a file mostly one behind the other, each large piece fetched once. */
export class FileWindow {
  readonly #file: DiskFile;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(file: DiskFile) {
    this.#file = file;
  }

  /** As `DiskFile.read`; the bytes are shared with the window. */
  async read(offset: number, length: number): Promise<Buffer> {
    const from = offset - this.#start;
    if (from < 0 || from + length > this.#bytes.length) {
      this.#bytes = await this.#file.read(offset, Math.max(length, WINDOW_BYTES));
      this.#start = offset;
      return this.#bytes.subarray(0, length);
    }
    return this.#bytes.subarray(from, from + length);
  }
}
