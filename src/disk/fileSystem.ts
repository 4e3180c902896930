/** An open file. Nothing is sure to be on disk before `sync` resolves. */
export type DiskFile = {
  /** The bytes at `offset`, fewer than `length` only where the file ends. */
  read(offset: number, length: number): Promise<Buffer>;
  write(offset: number, bytes: Uint8Array): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  sync(): Promise<void>;
  close(): Promise<void>;
};

/** One directory. New names, renames and removals are sure to be on disk only after `syncDirectory`. */
export type FileSystem = {
  list(): Promise<readonly string[]>;
  /** For reading and writing; an empty file if there was none. */
  open(name: string): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  /** No error if there is no such file. */
  remove(name: string): Promise<void>;
  syncDirectory(): Promise<void>;
};
