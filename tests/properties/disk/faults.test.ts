import { describe, expect, it } from "vitest";
import { DiskError } from "../../../src/disk/diskError.ts";
import type { KeyValueStore } from "../../../src/disk/keyValueStore.ts";
import { openLogStore } from "../../../src/disk/logStore.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { type Fault, SimDisk } from "../../reference/simDisk.ts";
import { apply, drawOperations, isSame, toContent } from "./crashRun.ts";

const STEPS = Number(process.env.FAULT_STEPS ?? 2000);

/** The first operations of a disk are tried one by one; then the next ones, on the disk as they left it. */
const STEPS_FROM_ONE_START = 50;

type Content = ReadonlyMap<string, string>;

function open(disk: SimDisk, random: SeededRandom, mayCreate: boolean): Promise<KeyValueStore> {
  return openLogStore(disk.files(), {
    randomBytes: (length) => random.bytes(length),
    mayCreate,
    compactFromBytes: 2500,
    snapshotFrameBytes: 400,
  });
}

/** Commit until a fault strikes; what may then be on disk, and whether the store was ever open. */
async function commitUntilFault(
  disk: SimDisk,
  random: SeededRandom,
  before: Content | undefined,
  expected: string,
): Promise<{ readonly possible: readonly Content[]; readonly wasOpen: boolean }> {
  let content = before ?? new Map();
  let store: KeyValueStore;
  try {
    store = await open(disk, random, before === undefined);
  } catch (error) {
    expect(error).toMatchObject({ name: "DiskError", code: expected });
    return { possible: [content], wasOpen: before !== undefined };
  }
  for (;;) {
    const operations = drawOperations(random);
    const next = apply(content, operations);
    try {
      await store.commit(operations);
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== expected) throw error;
      const refused = { name: "DiskError", code: expected };
      await expect(store.commit(operations)).rejects.toMatchObject(refused);
      await expect(store.get("k1")).rejects.toMatchObject(refused);
      return { possible: [content, next], wasOpen: true };
    }
    content = next;
  }
}

describe("the log store when an operation of the disk fails", () => {
  it.each<[Fault, string]>([
    ["EIO", "FAILED"],
    ["ENOSPC", "FULL"],
  ])(
    `stops at %s, at each of the first ${STEPS} operations, and loses nothing`,
    async (fault, code) => {
      const struck = new Map<string, number>();
      let start = new SimDisk();
      let before: Content | undefined;
      for (let done = 0; done < STEPS; done += STEPS_FROM_ONE_START) {
        for (let at = 1; at <= STEPS_FROM_ONE_START; at++) {
          const random = new SeededRandom(done + at);
          const disk = start.fork();
          disk.fault = (step) => {
            if (disk.steps !== at) return undefined;
            struck.set(step.kind, (struck.get(step.kind) ?? 0) + 1);
            return fault;
          };
          const { possible, wasOpen } = await commitUntilFault(disk, random, before, code);

          const again = await open(disk, random, !wasOpen);
          const seen = toContent(await again.entries(""));
          expect(
            possible.some((state) => isSame(state, seen)),
            `operation ${done + at}`,
          ).toBe(true);
          // After a sync that failed the system may believe that bytes are on disk which are not.
          const operations = drawOperations(random);
          await again.commit(operations);
          disk.cutPower(random);
          const last = toContent(await (await open(disk, random, false)).entries(""));
          expect(isSame(last, apply(seen, operations)), `operation ${done + at}`).toBe(true);
          if (at === STEPS_FROM_ONE_START) {
            start = disk.fork();
            before = last;
          }
        }
      }
      for (const kind of ["write", "sync", "rename", "syncDirectory", "link"]) {
        expect(struck.get(kind), kind).toBeGreaterThan(0);
      }
    },
  );
});
