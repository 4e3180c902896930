import { describe, expect, it, onTestFinished } from "vitest";
import type { KeyValueStore, StoreOperation } from "../../../src/disk/keyValueStore.ts";
import { openStore } from "../../../src/disk/openStore.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";
import { createMemoryStore } from "./memoryStore.ts";
import { makeTemporaryDirectory } from "./temporaryDirectory.ts";

type Reopen = () => Promise<KeyValueStore>;

/** A fresh store, and how to open it once more; the memory's own does not outlive its closing. */
const engines: Record<string, () => { readonly open: Reopen; readonly lasts: boolean }> = {
  memory: () => {
    const store = createMemoryStore();
    return { open: async () => store, lasts: false };
  },
  level: () => {
    const directory = makeTemporaryDirectory();
    return { open: () => openStore(directory, "level"), lasts: true };
  },
  log: () => {
    const directory = makeTemporaryDirectory();
    return { open: () => openStore(directory, "log"), lasts: true };
  },
};

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const put = (key: string, ...values: number[]): StoreOperation => ({
  kind: "put",
  key,
  value: bytes(...values),
});
const remove = (key: string): StoreOperation => ({ kind: "delete", key });

describe.each(Object.entries(engines))("the %s store", (_, createEngine) => {
  async function openNew(): Promise<KeyValueStore> {
    const store = await createEngine().open();
    onTestFinished(() => store.close());
    return store;
  }

  it("gives back what was committed", async () => {
    const store = await openNew();
    await store.commit([put("a", 1, 2), put("empty")]);
    expect(await store.get("a")).toEqual(bytes(1, 2));
    expect(await store.get("empty")).toEqual(bytes());
    expect(await store.get("b")).toBeUndefined();
    expect(await store.entries("")).toEqual([
      ["a", bytes(1, 2)],
      ["empty", bytes()],
    ]);
  });

  it("gives the entries under a prefix in the order of their keys", async () => {
    const store = await openNew();
    await store.commit([put("b:2", 2), put("c", 9), put("b:~", 3), put("b:10", 1), put("a", 0)]);
    await store.commit([put("B:1", 7), put("b", 8)]);
    const keys = async (prefix: string) => (await store.entries(prefix)).map(([key]) => key);
    expect(await keys("b:")).toEqual(["b:10", "b:2", "b:~"]);
    expect(await keys("")).toEqual(["B:1", "a", "b", "b:10", "b:2", "b:~", "c"]);
    expect(await keys("d")).toEqual([]);
  });

  it("takes the last of several operations on one key", async () => {
    const store = await openNew();
    await store.commit([put("a", 1), remove("a"), put("b", 1), put("b", 2), remove("c")]);
    expect(await store.entries("")).toEqual([["b", bytes(2)]]);
  });

  it("lets concurrent commits take effect in the order of their calls", async () => {
    const store = await openNew();
    const calls = Array.from({ length: 300 }, (_unused, i) =>
      store.commit([
        put("last", i >> 8, i & 255),
        i % 2 === 0 ? put("even", i & 255) : remove("even"),
      ]),
    );
    await Promise.all(calls);
    expect(await store.get("last")).toEqual(bytes(1, 43));
    expect(await store.get("even")).toBeUndefined();
  });

  it("accepts a commit of nothing", async () => {
    const store = await openNew();
    await store.commit([]);
    expect(await store.entries("")).toEqual([]);
  });

  it("refuses keys that are no printable ASCII", async () => {
    const store = await openNew();
    for (const key of ["", "\n", "é", "\u{1f600}", "x".repeat(1025)]) {
      await expect(async () => store.commit([put(key, 1)])).rejects.toThrow("a key may be");
    }
  });

  it("waits for commits under way when it closes, and refuses everything afterwards", async () => {
    const engine = createEngine();
    const store = await engine.open();
    const commit = store.commit([put("a", 1)]);
    await store.close();
    await commit;
    const refused = { name: "DiskError", code: "FAILED" };
    await expect(store.get("a")).rejects.toMatchObject(refused);
    await expect(store.entries("")).rejects.toMatchObject(refused);
    await expect(store.commit([put("a", 1)])).rejects.toMatchObject(refused);
  });

  it("has everything when it is opened again, values of megabytes too", async () => {
    const engine = createEngine();
    if (!engine.lasts) return;
    const random = new SeededRandom(5);
    const model = new Map<string, Uint8Array>();
    for (let round = 0; round < 3; round++) {
      const store = await engine.open();
      for (let i = 0; i < 40; i++) {
        const key = `k${random.below(20)}`;
        const value = new Uint8Array(i === 0 ? 3_000_000 : random.below(200)).fill(i + round);
        model.set(key, value);
        await store.commit([{ kind: "put", key, value }]);
      }
      await store.close();
    }
    const store = await engine.open();
    const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
    const seen = await store.entries("");
    expect(seen.map(([key]) => key)).toEqual(expected.map(([key]) => key));
    for (const [i, [key, value]] of expected.entries()) {
      expect(Buffer.compare(seen[i]?.[1] ?? bytes(), value), key).toBe(0);
      expect(Buffer.compare((await store.get(key)) ?? bytes(), value), key).toBe(0);
    }
    await store.close();
  });
});
