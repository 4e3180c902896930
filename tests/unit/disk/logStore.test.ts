import { describe, expect, it } from "vitest";
import type { KeyValueStore } from "../../../src/disk/keyValueStore.ts";
import { type LogOptions, openLogStore } from "../../../src/disk/logStore.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { SimDisk } from "../../reference/simDisk.ts";

function open(disk: SimDisk, options: Partial<LogOptions> = {}): Promise<KeyValueStore> {
  const random = new SeededRandom(9);
  return openLogStore(disk.files(), {
    randomBytes: (length) => random.bytes(length),
    mayCreate: true,
    ...options,
  });
}

async function writeRows(disk: SimDisk, count: number): Promise<void> {
  const store = await open(disk);
  for (let i = 0; i < count; i++) {
    await store.commit([{ kind: "put", key: `k${i}`, value: new Uint8Array(20).fill(i) }]);
  }
  await store.close();
}

const damaged = { name: "DiskError", code: "DAMAGED" };

describe("the log store", () => {
  it("cuts a last record that is not whole, wherever it ends", async () => {
    const whole = new SimDisk();
    await writeRows(whole, 2);
    const before = whole.content("log").length;
    await writeRows(whole, 3);
    const after = whole.content("log").length;
    for (let length = before; length < after; length++) {
      const disk = whole.fork();
      disk.damage("log", (content) => content.subarray(0, length));
      const entries = await (await open(disk)).entries("");
      expect(entries.map(([key]) => key)).toEqual(["k0", "k1"]);
      expect(disk.content("log").length).toBeLessThanOrEqual(length);
    }
  });

  it("refuses a log in which any bit before the last record is wrong", async () => {
    const whole = new SimDisk();
    await writeRows(whole, 3);
    const lastLength = 20 + 3 + 2 + 4 + 20;
    const length = whole.content("log").length - lastLength;
    for (let bit = 0; bit < 8 * length; bit += 3) {
      const disk = whole.fork();
      disk.damage("log", (content) => {
        content[bit >> 3] = (content[bit >> 3] as number) ^ (1 << (bit & 7));
        return content;
      });
      await expect(open(disk), `bit ${bit}`).rejects.toMatchObject(damaged);
    }
  });

  it("refuses a snapshot that is not whole, even at its end", async () => {
    const disk = new SimDisk();
    const store = await open(disk, { compactFromBytes: 600 });
    const names = () => disk.content("log").length;
    let longest = 0;
    for (let i = 0; names() >= longest; i++) {
      longest = names();
      await store.commit([{ kind: "put", key: "k", value: new Uint8Array(50).fill(i) }]);
    }
    // The snapshot's frame, and the frame of the commit that asked for it.
    const commitLength = 20 + 3 + 1 + 4 + 50;
    disk.damage("log", (content) => content.subarray(0, content.length - commitLength - 1));
    await expect(open(disk)).rejects.toMatchObject(damaged);
  });

  it("refuses to begin anew where there has been a log", async () => {
    await expect(open(new SimDisk(), { mayCreate: false })).rejects.toMatchObject(damaged);
  });

  it("refuses a value that was damaged after it was opened", async () => {
    const disk = new SimDisk();
    const store = await open(disk);
    await store.commit([{ kind: "put", key: "k", value: new Uint8Array(20).fill(7) }]);
    disk.damage("log", (content) => content.fill(0, content.length - 1));
    await expect(store.get("k")).rejects.toMatchObject(damaged);
    await expect(store.entries("")).rejects.toMatchObject(damaged);
  });

  it("takes a value for a value, though it looks like a record of the log", async () => {
    const disk = new SimDisk();
    await writeRows(disk, 2);
    const value = Uint8Array.from(disk.content("log"));
    const store = await open(disk);
    const before = disk.content("log").length;
    await store.commit([{ kind: "put", key: "quote", value }]);
    // Torn at the front, with what looks like records behind.
    disk.damage("log", (content) => content.fill(0, before, before + 10));
    const entries = await (await open(disk)).entries("");
    expect(entries.map(([key]) => key)).toEqual(["k0", "k1"]);
  });

  it("writes itself anew when most of it is out of date, and reads meanwhile", async () => {
    const disk = new SimDisk();
    const options = { compactFromBytes: 10_000, snapshotFrameBytes: 500 };
    const store = await open(disk, options);
    const value = new Uint8Array(100);
    for (let i = 0; i < 20; i++) await store.commit([{ kind: "put", key: `old${i}`, value }]);
    let read = 0;
    for (let i = 0; i < 1000; i++) {
      const commit = store.commit([{ kind: "put", key: "k", value: value.fill(i & 255) }]);
      read += (await store.entries("old")).length;
      await commit;
      expect(disk.content("log").length).toBeLessThan(12_000);
    }
    expect(read).toBe(20_000);
    expect(disk.openFiles).toBe(1);
    await store.close();
    expect(disk.openFiles).toBe(0);
    const again = await open(disk, { ...options, mayCreate: false });
    expect((await again.entries("")).length).toBe(21);
    expect((await again.get("k"))?.[0]).toBe(999 & 255);
  });

  it("removes a new log that a crash left unfinished", async () => {
    const disk = new SimDisk();
    await writeRows(disk, 1);
    await (await disk.files().open("log.new")).write(0, new Uint8Array(1000).fill(1));
    await open(disk);
    expect(await disk.files().list()).toEqual(["log"]);
  });

  it("shares one sync among commits that are called together", async () => {
    const disk = new SimDisk();
    const store = await open(disk);
    let syncs = 0;
    disk.watch = (step) => {
      if (step.kind === "sync") syncs += 1;
    };
    await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        store.commit([{ kind: "put", key: `k${i}`, value: new Uint8Array(1) }]),
      ),
    );
    expect(syncs).toBe(1);
  });
});
