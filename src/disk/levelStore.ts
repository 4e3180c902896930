import { createHash } from "node:crypto";
import type { ClassicLevel } from "classic-level";
import { CommitQueue } from "./commitQueue.ts";
import { DiskError, toDiskError } from "./diskError.ts";
import type { Entry, KeyValueStore, StoreOperation } from "./keyValueStore.ts";
import { createNodeFileSystem } from "./nodeFileSystem.ts";
import { AFTER_EVERY_KEY } from "./storeKey.ts";

type Level = ClassicLevel<string, Uint8Array>;
export type LevelConstructor = typeof ClassicLevel<string, Uint8Array>;

const ENTRY_PREFIX = "e";
const COMMIT_PREFIX = "c";
const CHECKSUM_LENGTH = 8;

/**
 * How many commits back a lost one is noticed: more than two of LevelDB's logs can hold, each of the
 * write buffer's size, for those are all that it reads again when it opens.
 */
const COMMITS_REMEMBERED = 2 ** 18;
const WRITE_BUFFER_BYTES = 4 * 1024 * 1024;

/** The binary's constructor, or undefined where there is no binary for this machine. */
export async function loadLevel(): Promise<LevelConstructor | undefined> {
  try {
    return (await import("classic-level")).ClassicLevel<string, Uint8Array>;
  } catch {
    return undefined;
  }
}

/**
 * A store in LevelDB, every write synced. LevelDB on its own opens a log that is damaged in the middle
 * and silently leaves out what it cannot read. So every commit also writes its number, and opening throws
 * DAMAGED if one is missing; every value carries a checksum of itself and its key.
 */
export async function openLevelStore(
  LevelDb: LevelConstructor,
  directory: string,
  mayCreate: boolean,
): Promise<KeyValueStore> {
  const db: Level = new LevelDb(directory, {
    keyEncoding: "utf8",
    valueEncoding: "view",
    createIfMissing: mayCreate,
    writeBufferSize: WRITE_BUFFER_BYTES,
  });
  try {
    await db.open();
  } catch (error) {
    throw toLevelError(error);
  }
  try {
    let commits = await countCommits(db);
    if (commits === 0) {
      if (!mayCreate) throw new DiskError("DAMAGED", "the database is empty");
      commits = 1;
      await db.batch([encodeCommit(commits)], { sync: true });
    }
    await createNodeFileSystem(directory).syncDirectory();
    return new LevelStore(db, commits);
  } catch (error) {
    await db.close();
    throw toLevelError(error);
  }
}

class LevelStore implements KeyValueStore {
  readonly #db: Level;
  readonly #queue = new CommitQueue((operations) => this.#commit(operations));
  #commits: number;
  #closing: Promise<void> | undefined;

  constructor(db: Level, commits: number) {
    this.#db = db;
    this.#commits = commits;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#read(async () => {
      const value = await this.#db.get(ENTRY_PREFIX + key);
      return value === undefined ? undefined : decodeValue(key, value);
    });
  }

  entries(prefix: string): Promise<readonly Entry[]> {
    return this.#read(async () => {
      const from = ENTRY_PREFIX + prefix;
      const rows = await this.#db.iterator({ gte: from, lt: from + AFTER_EVERY_KEY }).all();
      return rows.map(([row, value]): Entry => {
        const key = row.slice(ENTRY_PREFIX.length);
        return [key, decodeValue(key, value)];
      });
    });
  }

  commit(operations: readonly StoreOperation[]): Promise<void> {
    return this.#queue.commit(operations);
  }

  close(): Promise<void> {
    this.#closing ??= this.#queue.stop().then(() => this.#db.close());
    return this.#closing;
  }

  async #read<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#queue.assertRunning();
    try {
      return await work();
    } catch (error) {
      throw toLevelError(error);
    }
  }

  async #commit(operations: readonly StoreOperation[]): Promise<void> {
    const batch = operations.map((operation) => encodeOperation(operation));
    this.#commits += 1;
    try {
      await this.#db.batch([...batch, encodeCommit(this.#commits)], { sync: true });
    } catch (error) {
      throw toLevelError(error);
    }
  }
}

/** The number of the last commit, 0 if there is none. Throws DAMAGED if one before it is missing. */
async function countCommits(db: Level): Promise<number> {
  const range = { gte: COMMIT_PREFIX, lt: COMMIT_PREFIX + AFTER_EVERY_KEY };
  const numbers = (await db.values(range).all()).map(readCommit).sort((a, b) => a - b);
  const last = numbers.at(-1) ?? 0;
  const first = Math.max(1, last - COMMITS_REMEMBERED + 1);
  if (numbers.length !== last - first + 1 || (numbers[0] ?? first) !== first) {
    throw new DiskError("DAMAGED", "the database has lost commits");
  }
  return last;
}

/** The row that a commit leaves, in the place of one long ago. */
function encodeCommit(number: number): { type: "put"; key: string; value: Uint8Array } {
  const value = Buffer.alloc(8);
  value.writeBigUInt64BE(BigInt(number));
  return { type: "put", key: `${COMMIT_PREFIX}${number % COMMITS_REMEMBERED}`, value };
}

function readCommit(value: Uint8Array): number {
  return Number(Buffer.from(value).readBigUInt64BE());
}

function encodeOperation(operation: StoreOperation) {
  const key = ENTRY_PREFIX + operation.key;
  if (operation.kind === "delete") return { type: "del" as const, key };
  const value = Buffer.concat([checksum(operation.key, operation.value), operation.value]);
  return { type: "put" as const, key, value };
}

function decodeValue(key: string, bytes: Uint8Array): Uint8Array {
  const value = Uint8Array.from(bytes.subarray(CHECKSUM_LENGTH));
  if (!checksum(key, value).equals(bytes.subarray(0, CHECKSUM_LENGTH))) {
    throw new DiskError("DAMAGED", `the value of ${key} is damaged`);
  }
  return value;
}

function checksum(key: string, value: Uint8Array): Buffer {
  const hash = createHash("sha256").update(key).update("\0").update(value);
  return hash.digest().subarray(0, CHECKSUM_LENGTH);
}

/** LevelDB tells what is wrong by a code, or in words only, and often one error inside another. */
function toLevelError(error: unknown): DiskError {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof DiskError) return at;
    const code = "code" in at ? at.code : undefined;
    const fail = (kind: "FULL" | "LOCKED" | "DAMAGED"): DiskError =>
      new DiskError(kind, (at as Error).message, { cause: error });
    if (code === "LEVEL_LOCKED") return fail("LOCKED");
    if (code === "LEVEL_CORRUPTION" || /corrupt|does not exist|missing file/i.test(at.message)) {
      return fail("DAMAGED");
    }
    if (/no space left|quota exceeded/i.test(at.message)) return fail("FULL");
  }
  return toDiskError(error);
}
