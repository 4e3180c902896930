import { assert } from "../lib/assert.ts";
import { CommitQueue } from "./commitQueue.ts";
import { DiskError, toDiskError } from "./diskError.ts";
import type { DiskFile, FileSystem } from "./fileSystem.ts";
import { FileWindow } from "./fileWindow.ts";
import type { Entry, KeyValueStore, StoreOperation } from "./keyValueStore.ts";
import { loadLog } from "./loadLog.ts";
import {
  encodeBody,
  encodeFrame,
  encodeHead,
  entryBytes,
  FRAME_HEAD_LENGTH,
  HEAD_LENGTH,
  isIntactValue,
  type Place,
  readBody,
  SALT_LENGTH,
} from "./logFormat.ts";
import { LogIndex } from "./logIndex.ts";

export type LogOptions = {
  /** Chance, for the salt of a new file. */
  readonly randomBytes: (length: number) => Uint8Array;
  /** False where there has been a log before: it is then missing, which is damage. */
  readonly mayCreate: boolean;
  /** A log is written anew when it is longer than this and more than half of it is out of date. */
  readonly compactFromBytes?: number;
  /** About how long the frames of a snapshot are. */
  readonly snapshotFrameBytes?: number;
};

const LOG_NAME = "log";
const NEW_LOG_NAME = "log.new";
const COMPACT_FROM_BYTES = 64 * 1024 * 1024;
const SNAPSHOT_FRAME_BYTES = 4 * 1024 * 1024;
const BODY_BYTES_MAX = 1024 * 1024 * 1024;

/**
 * A store in one append-only file (docs in `logFormat.ts`). Keys and places are kept in memory, values
 * are read back from the file. A compaction holds up commits, not reads.
 */
export async function openLogStore(files: FileSystem, options: LogOptions): Promise<KeyValueStore> {
  try {
    return new LogStore(files, options, await openLog(files, options));
  } catch (error) {
    throw toDiskError(error);
  }
}

async function openLog(files: FileSystem, options: LogOptions): Promise<OpenLog> {
  const names = await files.list();
  // Left by a crash before it took the log's place.
  if (names.includes(NEW_LOG_NAME)) await files.remove(NEW_LOG_NAME);
  if (!names.includes(LOG_NAME)) {
    if (!options.mayCreate) throw new DiskError("DAMAGED", "the log is missing");
    return writeLog(files, options, []);
  }
  const file = await files.open(LOG_NAME);
  try {
    const { salt, end, index } = await loadLog(file);
    await files.syncDirectory();
    return new OpenLog(file, salt, index, end);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Write a new log that begins with the given operations, and put it in the log's place. */
async function writeLog(
  files: FileSystem,
  options: LogOptions,
  groups: Iterable<readonly StoreOperation[]> | AsyncIterable<readonly StoreOperation[]>,
): Promise<OpenLog> {
  const salt = Buffer.from(options.randomBytes(SALT_LENGTH));
  const file = await files.open(NEW_LOG_NAME);
  try {
    const log = new OpenLog(file, salt, new LogIndex(), HEAD_LENGTH);
    for await (const operations of groups) await log.append(operations, "atOnce");
    await file.write(0, encodeHead({ salt, snapshotEnd: log.end }));
    await file.sync();
    await files.rename(NEW_LOG_NAME, LOG_NAME);
    await files.syncDirectory();
    return log;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The file with its index; it is closed when it has been replaced and nobody reads from it. */
class OpenLog {
  readonly file: DiskFile;
  readonly index: LogIndex;
  readonly #salt: Buffer;
  #end: number;
  #users = 1;

  constructor(file: DiskFile, salt: Buffer, index: LogIndex, end: number) {
    this.file = file;
    this.index = index;
    this.#salt = salt;
    this.#end = end;
  }

  get end(): number {
    return this.#end;
  }

  /** Write one frame; what it holds is seen when the file has been synced, or at once. */
  async append(operations: readonly StoreOperation[], seen: "synced" | "atOnce"): Promise<void> {
    const body = encodeBody(operations);
    assert(body.length <= BODY_BYTES_MAX, "a commit fits in one frame");
    const start = this.#end;
    const frame = encodeFrame(this.#salt, start, body);
    await this.file.write(start, frame);
    this.#end += frame.length;
    if (seen === "synced") await this.file.sync();
    for (const operation of readBody(body, start + FRAME_HEAD_LENGTH)) this.index.apply(operation);
  }

  async use<Result>(work: (log: OpenLog) => Promise<Result>): Promise<Result> {
    this.#users += 1;
    try {
      return await work(this);
    } finally {
      await this.release();
    }
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users === 0) await this.file.close();
  }
}

class LogStore implements KeyValueStore {
  readonly #files: FileSystem;
  readonly #options: LogOptions;
  readonly #queue = new CommitQueue((operations) => this.#commit(operations));
  #log: OpenLog;
  #closing: Promise<void> | undefined;

  constructor(files: FileSystem, options: LogOptions, log: OpenLog) {
    this.#files = files;
    this.#options = options;
    this.#log = log;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#read(async ({ file, index }) => {
      const place = index.get(key);
      if (place === undefined) return undefined;
      return checkValue(key, place, await file.read(place.offset, place.length));
    });
  }

  entries(prefix: string): Promise<readonly Entry[]> {
    return this.#read(({ file, index }) => readEntries(file, index.under(prefix)));
  }

  commit(operations: readonly StoreOperation[]): Promise<void> {
    return this.#queue.commit(operations);
  }

  close(): Promise<void> {
    this.#closing ??= this.#queue.stop().then(() => this.#log.release());
    return this.#closing;
  }

  async #read<Result>(work: (log: OpenLog) => Promise<Result>): Promise<Result> {
    this.#queue.assertRunning();
    try {
      return await this.#log.use(work);
    } catch (error) {
      throw toDiskError(error);
    }
  }

  async #commit(operations: readonly StoreOperation[]): Promise<void> {
    const { end, index } = this.#log;
    const compactFrom = this.#options.compactFromBytes ?? COMPACT_FROM_BYTES;
    if (end > compactFrom && end > 2 * index.liveBytes) await this.#compact();
    await this.#log.append(operations, "synced");
  }

  async #compact(): Promise<void> {
    const old = this.#log;
    this.#log = await writeLog(this.#files, this.#options, this.#snapshot(old));
    await old.release();
  }

  async *#snapshot({ file, index }: OpenLog): AsyncGenerator<readonly StoreOperation[]> {
    const frameBytes = this.#options.snapshotFrameBytes ?? SNAPSHOT_FRAME_BYTES;
    let group: StoreOperation[] = [];
    let bytes = 0;
    for (const [key, place] of index.under("")) {
      const value = checkValue(key, place, await file.read(place.offset, place.length));
      group.push({ kind: "put", key, value });
      bytes += entryBytes(key, place);
      if (bytes < frameBytes) continue;
      yield group;
      group = [];
      bytes = 0;
    }
    if (group.length > 0) yield group;
  }
}

/** Read in the order of the file, for speed; answer in the order of the keys. */
async function readEntries(
  file: DiskFile,
  places: readonly (readonly [key: string, place: Place])[],
): Promise<Entry[]> {
  const window = new FileWindow(file);
  const values = new Map<string, Uint8Array>();
  const inFileOrder = places.toSorted(([, a], [, b]) => a.offset - b.offset);
  for (const [key, place] of inFileOrder) {
    const value = await window.read(place.offset, place.length);
    values.set(key, checkValue(key, place, value));
  }
  return places.map(([key]) => [key, values.get(key) as Uint8Array]);
}

/** A copy of the value, if it is what was written. */
function checkValue(key: string, place: Place, value: Buffer): Uint8Array {
  if (isIntactValue(place, value)) return Uint8Array.from(value);
  throw new DiskError("DAMAGED", `the value of ${key} is damaged`);
}
