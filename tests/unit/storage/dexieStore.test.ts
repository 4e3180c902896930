import "fake-indexeddb/auto";
import Dexie from "dexie";
import { afterEach, describe, expect, it } from "vitest";
import { StoreError } from "../../../src/client/ports.ts";
import { openDexieStore } from "../../../src/storage/dexieStore.ts";

const NAME = "wallet-test";
const value = (byte: number) => Uint8Array.of(byte);

afterEach(() => Dexie.delete(NAME));

describe("the wallet's store in IndexedDB", () => {
  it("keeps rows across a close, each under its table and key", async () => {
    const store = await openDexieStore(NAME);
    await store.commit([
      { kind: "put", table: "meta", key: "a", value: value(1) },
      { kind: "put", table: "states", key: "a", value: value(2) },
      { kind: "put", table: "states", key: "b", value: value(3) },
    ]);
    await store.commit([{ kind: "delete", table: "states", key: "a" }]);
    store.close();
    const again = await openDexieStore(NAME);
    expect((await again.rows("meta")).map(([key, bytes]) => [key, [...bytes]])).toEqual([
      ["a", [1]],
    ]);
    expect((await again.rows("states")).map(([key]) => key)).toEqual(["b"]);
    again.close();
  });

  it("takes commits in the order of their calls, though nobody waits between them", async () => {
    const store = await openDexieStore(NAME);
    const commits = Array.from({ length: 50 }, (_, index) =>
      store.commit([{ kind: "put", table: "signed", key: "x", value: value(index) }]),
    );
    await Promise.all(commits);
    expect((await store.rows("signed")).map(([, bytes]) => bytes[0])).toEqual([49]);
    store.close();
  });

  it("keeps all of a commit or nothing", async () => {
    const store = await openDexieStore(NAME);
    const broken = store.commit([
      { kind: "put", table: "meta", key: "a", value: value(1) },
      // No key of IndexedDB: the whole transaction fails.
      { kind: "put", table: "meta", key: {} as string, value: value(2) },
    ]);
    await expect(broken).rejects.toBeInstanceOf(StoreError);
    expect(await store.rows("meta")).toEqual([]);
    // A failed commit does not stop the next.
    await store.commit([{ kind: "put", table: "meta", key: "b", value: value(3) }]);
    expect(await store.rows("meta")).toHaveLength(1);
    store.close();
  });

  it("says so when it is closed", async () => {
    const store = await openDexieStore(NAME);
    store.close();
    await expect(
      store.commit([{ kind: "put", table: "meta", key: "a", value: value(1) }]),
    ).rejects.toMatchObject({ code: "CLOSED" });
  });
});
