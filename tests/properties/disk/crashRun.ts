import { DiskError } from "../../../src/disk/diskError.ts";
import type { FileSystem } from "../../../src/disk/fileSystem.ts";
import type { Entry, KeyValueStore, StoreOperation } from "../../../src/disk/keyValueStore.ts";
import { openLogStore } from "../../../src/disk/logStore.ts";
import type { SeededRandom } from "../../reference/seededRandom.ts";
import { type DiskStep, SimDisk } from "../../reference/simDisk.ts";

/** What the system under test sees of the disk; a planted bug is a change of it. */
export type Plant = (files: FileSystem) => FileSystem;

export type CrashCounts = {
  points: number;
  duringAppend: number;
  duringSync: number;
  duringCompaction: number;
  duringRecovery: number;
  tornTailsCut: number;
};

export function createCounts(): CrashCounts {
  return {
    points: 0,
    duringAppend: 0,
    duringSync: 0,
    duringCompaction: 0,
    duringRecovery: 0,
    tornTailsCut: 0,
  };
}

/** A crash point that went wrong. */
export class Loss extends Error {}

type Content = ReadonlyMap<string, string>;
type Snapshot = { readonly disk: SimDisk; readonly acknowledged: number; readonly called: number };

const ROUNDS = 3;
const COMMITS_A_ROUND = 14;
const CRASHES_A_STEP = 2;

/**
 * One history from a seed: rounds of commits, some at the same time; before every step of the disk the
 * power is cut on copies of it, and every copy must open with all that was acknowledged, nothing half done.
 */
export async function runCrashes(
  random: SeededRandom,
  counts: CrashCounts,
  plant: Plant = (files) => files,
): Promise<void> {
  let disk = new SimDisk();
  let content: Content = new Map();
  let isNew = true;
  for (let round = 0; round < ROUNDS; round++) {
    const states: Content[] = [content];
    const snapshots: Snapshot[] = [];
    let acknowledged = isNew ? -1 : 0;
    let isOpen = false;
    disk.watch = (step) => {
      if (isOpen) countStep(counts, step);
      snapshots.push({ disk: disk.fork(), acknowledged, called: states.length - 1 });
    };
    const store = await open(disk, random, isNew, plant);
    acknowledged = 0;
    isOpen = true;
    isNew = false;
    compare(await store.entries(""), [content]);
    while (states.length <= COMMITS_A_ROUND) {
      const calls = Array.from({ length: 1 + random.below(3) }, async () => {
        const operations = drawOperations(random);
        states.push(apply(states.at(-1) as Content, operations));
        const own = states.length - 1;
        await store.commit(operations);
        acknowledged = Math.max(acknowledged, own);
      });
      await Promise.all(calls);
    }
    disk.watch = () => {};
    for (const snapshot of snapshots) {
      for (let i = 0; i < CRASHES_A_STEP; i++) {
        counts.points += 1;
        await crash(snapshot, states, random, counts, plant);
      }
    }
    // Go on from a crash in the middle of the round's last steps.
    const last = snapshots.at(-1 - random.below(3)) as Snapshot;
    disk = last.disk.fork();
    disk.cutPower(random);
    const reopened = await open(disk, random, false, plant);
    content = toContent(await reopened.entries(""));
    await reopened.close();
  }
}

/** Cut the power, perhaps again while it recovers, and compare what comes back. */
async function crash(
  { disk: before, acknowledged, called }: Snapshot,
  states: readonly Content[],
  random: SeededRandom,
  counts: CrashCounts,
  plant: Plant,
): Promise<void> {
  let disk = before.fork();
  // Every fourth crash is of the process alone: what was written stays in the system's memory.
  if (random.below(4) !== 0) disk.cutPower(random);
  const mayBeNew = acknowledged === -1;
  if (random.below(2) === 0) {
    const fatal = random.below(4);
    let recovering: SimDisk | undefined;
    disk.watch = (step) => {
      if (step.kind === "truncate") counts.tornTailsCut += 1;
      if (disk.steps === fatal) recovering = disk.fork();
    };
    await open(disk, random, mayBeNew, plant);
    if (recovering !== undefined) {
      counts.duringRecovery += 1;
      disk = recovering;
      disk.cutPower(random);
    }
    disk.watch = () => {};
  }
  const store = await open(disk, random, mayBeNew, plant);
  const possible = states.slice(Math.max(0, acknowledged), called + 1);
  const seen = await store.entries("");
  compare(seen, possible);
  if (random.below(4) !== 0) return;
  // What has been read must not vanish with another crash, nor what is committed next.
  const operations = random.below(2) === 0 ? [] : drawOperations(random);
  if (operations.length > 0) await store.commit(operations);
  disk.cutPower(random);
  const next = apply(toContent(seen), operations);
  compare(await (await open(disk, random, false, plant)).entries(""), [next]);
}

function countStep(counts: CrashCounts, step: DiskStep): void {
  if (step.name === "log.new" || step.kind === "syncDirectory") counts.duringCompaction += 1;
  else if (step.kind === "write") counts.duringAppend += 1;
  else if (step.kind === "sync") counts.duringSync += 1;
}

async function open(
  disk: SimDisk,
  random: SeededRandom,
  mayCreate: boolean,
  plant: Plant,
): Promise<KeyValueStore> {
  try {
    return await openLogStore(plant(disk.files()), {
      randomBytes: (length) => random.bytes(length),
      mayCreate,
      compactFromBytes: 2500,
      snapshotFrameBytes: 400,
    });
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    throw new Loss(`the store does not open: ${error.message}`, { cause: error });
  }
}

export function drawOperations(random: SeededRandom): StoreOperation[] {
  return Array.from({ length: 1 + random.below(3) }, () => {
    const key = `k${random.below(8)}`;
    if (random.below(5) === 0) return { kind: "delete", key };
    const length = random.below(6) === 0 ? random.below(1200) : random.below(60);
    // Zeros look like what a crash leaves; cheap to draw, too.
    const value = new Uint8Array(length).fill(random.below(3));
    return { kind: "put", key, value };
  });
}

export function apply(content: Content, operations: readonly StoreOperation[]): Content {
  const changed = new Map(content);
  for (const operation of operations) {
    if (operation.kind === "put") changed.set(operation.key, describe(operation.value));
    else changed.delete(operation.key);
  }
  return changed;
}

export function toContent(entries: readonly Entry[]): Content {
  return new Map(entries.map(([key, value]) => [key, describe(value)]));
}

export function isSame(a: Content, b: Content): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (b.get(key) !== value) return false;
  return true;
}

function describe(value: Uint8Array): string {
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString("latin1");
}

function compare(entries: readonly Entry[], possible: readonly Content[]): void {
  const content = toContent(entries);
  if (!possible.some((state) => isSame(state, content))) {
    throw new Loss("what came back is none of the states that it may be");
  }
}
