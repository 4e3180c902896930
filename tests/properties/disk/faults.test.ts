import { describe, expect, it } from "vitest";
import { DiskError } from "../../../src/disk/diskError.ts";
import type { KeyValueStore } from "../../../src/disk/keyValueStore.ts";
import { openLogStore } from "../../../src/disk/logStore.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { type Fault, SimDisk } from "../../reference/simDisk.ts";
import { apply, drawOperations, isSame, toContent } from "./crashRun.ts";

const STEPS = Number(process.env.FAULT_STEPS ?? 2000);

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
async function commitUntilFault(disk: SimDisk, random: SeededRandom, expected: string) {
  let content: Content = new Map();
  let store: KeyValueStore;
  try {
    store = await open(disk, random, true);
  } catch (error) {
    expect(error).toMatchObject({ name: "DiskError", code: expected });
    return { possible: [content], wasOpen: false };
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
  ])(`stops at %s, at each of the first ${STEPS} operations, and loses nothing`, async (fault, code) => {
    const struck = new Map<string, number>();
    for (let at = 1; at <= STEPS; at++) {
      const random = new SeededRandom(at);
      const disk = new SimDisk();
      disk.fault = (step) => {
        if (disk.steps !== at) return undefined;
        struck.set(step.kind, (struck.get(step.kind) ?? 0) + 1);
        return fault;
      };
      const { possible, wasOpen } = await commitUntilFault(disk, random, code);

      const again = await open(disk, random, !wasOpen);
      const seen = toContent(await again.entries(""));
      expect(possible.some((state) => isSame(state, seen)), `operation ${at}`).toBe(true);
      // After a sync that failed the system may believe that bytes are on disk which are not.
      const operations = drawOperations(random);
      await again.commit(operations);
      disk.cutPower(random);
      const last = toContent(await (await open(disk, random, false)).entries(""));
      expect(isSame(last, apply(seen, operations)), `operation ${at}`).toBe(true);
    }
    for (const kind of ["write", "sync", "rename", "syncDirectory", "link"]) {
      expect(struck.get(kind), kind).toBeGreaterThan(0);
    }
  });
});
