import { describe, expect, it } from "vitest";
import type { ArchivedBlock } from "../../../src/client/ports.ts";
import { sha256 } from "../../../src/lib/hash.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { encodeUtf8 } from "../../../src/lib/utf8.ts";
import { openArchive } from "../../../src/mirror/archive.ts";
import { createMemoryKeyValueStore } from "../../story/localWorld.ts";

const CHAIN = sha256(encodeUtf8("chain"));
const OTHER = sha256(encodeUtf8("other chain"));
const ID = formatHex(CHAIN);

/** An archive takes bytes as they are: what they say was checked before. */
function block(height: number, words = "a"): ArchivedBlock {
  const bytes = encodeUtf8(`${words}:${height}`);
  return { height, hash: sha256(bytes), bytes };
}

const run = (from: number, to: number, words?: string) =>
  Array.from({ length: to - from + 1 }, (_, index) => block(from + index, words));

describe("an archive of blocks", () => {
  it("has what was kept by height and by hash, after it is opened again, too", async () => {
    const store = createMemoryKeyValueStore();
    const first = await openArchive(store);
    await first.keep(CHAIN, run(1, 3));
    await first.keep(OTHER, run(1, 1, "other"));
    await first.keep(CHAIN, run(2, 5));
    for (const archive of [first, await openArchive(store)]) {
      const blocks = archive.blocks(ID);
      expect(blocks.publishedHeight()).toBe(5);
      expect(archive.tip(ID)).toEqual({ height: 5, hash: block(5).hash });
      for (const { height, hash, bytes } of run(1, 5)) {
        expect(await blocks.block(height)).toEqual(bytes);
        expect(await archive.findBlock(hash)).toEqual(bytes);
      }
      expect(await blocks.block(6)).toBeUndefined();
      expect(await archive.findBlock(block(1, "other").hash)).toEqual(block(1, "other").bytes);
      expect(archive.blocks(formatHex(sha256(CHAIN))).publishedHeight()).toBe(0);
    }
  });

  it("serves no block by height above one that took another's place, and the old ones by their hashes", async () => {
    const archive = await openArchive(createMemoryKeyValueStore());
    await archive.keep(CHAIN, run(1, 5));
    await archive.keep(CHAIN, run(3, 3, "b"));
    const blocks = archive.blocks(ID);
    expect(blocks.publishedHeight()).toBe(3);
    expect(await blocks.block(3)).toEqual(block(3, "b").bytes);
    expect(await blocks.block(4)).toBeUndefined();
    expect(await archive.findBlock(block(5).hash)).toEqual(block(5).bytes);
    // The old branch once more, as after a reorg and back.
    await archive.keep(CHAIN, run(3, 5));
    expect(blocks.publishedHeight()).toBe(5);
    for (const { height, bytes } of run(1, 5)) expect(await blocks.block(height)).toEqual(bytes);
  });

  it("serves by hash alone what has a gap below it", async () => {
    const archive = await openArchive(createMemoryKeyValueStore());
    await archive.keep(CHAIN, run(4, 5));
    expect(archive.blocks(ID).publishedHeight()).toBe(0);
    expect(await archive.blocks(ID).block(5)).toBeUndefined();
    expect(await archive.findBlock(block(5).hash)).toEqual(block(5).bytes);
    await archive.keep(CHAIN, run(1, 5));
    expect(archive.blocks(ID).publishedHeight()).toBe(5);
  });

  it("tells of a block, and serves it, only once it is on disk", async () => {
    const store = createMemoryKeyValueStore();
    let write: () => void = () => undefined;
    const onDisk = new Promise<void>((resolve) => {
      write = resolve;
    });
    let isHeld = false;
    const archive = await openArchive({
      ...store,
      async commit(operations) {
        if (isHeld) await onDisk;
        await store.commit(operations);
      },
    });
    await archive.keep(CHAIN, run(1, 1));
    const told: number[] = [];
    archive.blocks(ID).onBlock((height) => told.push(height));
    isHeld = true;
    const keeping = archive.keep(CHAIN, run(2, 2));
    await new Promise((resolve) => setImmediate(resolve));
    expect(archive.blocks(ID).publishedHeight()).toBe(1);
    expect(told).toEqual([]);
    write();
    await keeping;
    expect(archive.blocks(ID).publishedHeight()).toBe(2);
    expect(told).toEqual([2]);
  });

  it("takes what two checks of a chain keep at once as if one came after the other", async () => {
    const archive = await openArchive(createMemoryKeyValueStore());
    await Promise.all([archive.keep(CHAIN, run(1, 3)), archive.keep(CHAIN, run(1, 6))]);
    expect(archive.blocks(ID).publishedHeight()).toBe(6);
    expect(await archive.blocks(ID).block(6)).toEqual(block(6).bytes);
  });
});
