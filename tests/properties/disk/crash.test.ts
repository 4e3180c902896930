import { describe, expect, it } from "vitest";
import type { FileSystem } from "../../../src/disk/fileSystem.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { createCounts, Loss, type Plant, runCrashes } from "./crashRun.ts";

const POINTS = Number(process.env.CRASH_POINTS ?? 100_000);
const FIRST_SEED = Number(process.env.CRASH_SEED ?? 1);

/** Change the files that a file system opens. */
function changeFiles(
  change: (file: Awaited<ReturnType<FileSystem["open"]>>) => typeof file,
): Plant {
  return (files) => ({ ...files, open: async (name) => change(await files.open(name)) });
}

const plants: Record<string, Plant> = {
  "nothing is ever synced": changeFiles((file) => ({ ...file, sync: async () => {} })),
  "a commit is acknowledged before its sync": changeFiles((file) => {
    let owed = false;
    const pay = async (): Promise<void> => {
      if (owed) await file.sync();
      owed = false;
    };
    return {
      ...file,
      write: async (offset, bytes) => {
        await pay();
        await file.write(offset, bytes);
      },
      sync: async () => {
        owed = true;
      },
    };
  }),
  "the directory is not synced after a rename": (files) => ({
    ...files,
    syncDirectory: async () => {},
  }),
  "recovery drops the last whole record": changeFiles((file) => ({
    ...file,
    size: async () => Math.max(0, (await file.size()) - 1),
  })),
};

describe("the log store on a simulated disk", () => {
  it(`loses nothing at ${POINTS} crash points`, { timeout: 3_600_000 }, async () => {
    const counts = createCounts();
    for (let seed = FIRST_SEED; counts.points < POINTS; seed++) {
      await runCrashes(new SeededRandom(seed), counts).catch((error: unknown) => {
        throw new Error(`CRASH_SEED=${seed}`, { cause: error });
      });
    }
    console.log(counts);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
  });

  it.each(Object.entries(plants))("finds within 10 seeds that %s", async (_, plant) => {
    let caught = 0;
    for (let seed = 1; seed <= 10 && caught === 0; seed++) {
      await runCrashes(new SeededRandom(seed), createCounts(), plant).catch((error: unknown) => {
        if (!(error instanceof Loss)) throw error;
        caught = seed;
      });
    }
    expect(caught).toBeGreaterThan(0);
  });
});
