import { randomBytes } from "node:crypto";
import { readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { lockDirectory } from "./directoryLock.ts";
import { DiskError, toDiskError } from "./diskError.ts";
import type { KeyValueStore } from "./keyValueStore.ts";
import { loadLevel, openLevelStore } from "./levelStore.ts";
import { openLogStore } from "./logStore.ts";
import { createNodeFileSystem, makeDirectory } from "./nodeFileSystem.ts";

/** LevelDB, or the log of our own where LevelDB's binary cannot be loaded. */
export type Engine = "level" | "log";

const ENGINES: readonly Engine[] = ["level", "log"];
const MARKER_NAME = "engine";

/**
 * Open the store in `directory`, made if there is none, for this process alone. A directory stays with the
 * engine that it began with; `engine` chooses one for a new directory.
 * Rejects with a `DiskError`: LOCKED while another process has it open.
 */
export async function openStore(directory: string, engine?: Engine): Promise<KeyValueStore> {
  try {
    await makeDirectory(directory);
    const path = await realpath(directory);
    const lock = await lockDirectory(path);
    try {
      const store = await openLocked(path, engine);
      return { ...bindStore(store), close: () => store.close().finally(() => lock.release()) };
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw toDiskError(error);
  }
}

function bindStore(store: KeyValueStore): Omit<KeyValueStore, "close"> {
  return {
    get: (key) => store.get(key),
    entries: (prefix) => store.entries(prefix),
    commit: (operations) => store.commit(operations),
  };
}

async function openLocked(directory: string, wanted: Engine | undefined): Promise<KeyValueStore> {
  const names = await readdir(directory);
  const isMarked = names.includes(MARKER_NAME);
  const level = await loadLevel();
  const engine = isMarked
    ? await readMarker(directory)
    : (ENGINES.find((name) => names.includes(name)) ?? wanted ?? (level ? "level" : "log"));

  const folder = join(directory, engine);
  if (isMarked) {
    if (!names.includes(engine)) throw new DiskError("DAMAGED", `${folder} is missing`);
    return openEngine();
  }
  await makeDirectory(folder);
  const store = await openEngine();
  // Only now, so that a marker without a store behind it is damage.
  try {
    await writeMarker(directory, engine);
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;

  async function openEngine(): Promise<KeyValueStore> {
    if (engine === "log") {
      return openLogStore(createNodeFileSystem(folder), { randomBytes, mayCreate: !isMarked });
    }
    if (level === undefined) {
      throw new DiskError(
        "FAILED",
        `${folder} needs LevelDB, and its binary cannot be loaded here`,
      );
    }
    return openLevelStore(level, folder, !isMarked);
  }
}

async function readMarker(directory: string): Promise<Engine> {
  const text = (await readFile(join(directory, MARKER_NAME), "utf8")).trim();
  const engine = ENGINES.find((name) => name === text);
  if (engine === undefined) throw new DiskError("DAMAGED", `no engine is called ${text}`);
  return engine;
}

async function writeMarker(directory: string, engine: Engine): Promise<void> {
  const files = createNodeFileSystem(directory);
  const draftName = `${MARKER_NAME}.new`;
  const file = await files.open(draftName);
  try {
    await file.write(0, Buffer.from(`${engine}\n`));
    await file.truncate(engine.length + 1);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(draftName, MARKER_NAME);
  await files.syncDirectory();
}
