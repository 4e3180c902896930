import type { ArchivedBlock, BlockArchive } from "../client/ports.ts";
import type { KeyValueStore, StoreOperation } from "../disk/keyValueStore.ts";
import type { BlockShelf, ServedBlocks } from "../http/blockRoutes.ts";
import { equalBytes } from "../lib/bytes.ts";
import { decode, encode } from "../lib/codec.ts";
import { formatHex } from "../lib/hex.ts";
import { insist } from "../lib/verdict.ts";

/** The newest block of a chain up to which all are kept. */
export type ArchiveTip = { readonly height: number; readonly hash: Uint8Array };

/** Blocks on disk, by hash, and as far as all before them are there, by height. */
export type Archive = BlockArchive & {
  /** By hex id of the chain; undefined while its first block is not kept. */
  tip(chainId: string): ArchiveTip | undefined;
  /** The blocks of a chain, by its hex id; there may be none yet. */
  blocks(chainId: string): ServedBlocks & BlockShelf;
  /** The bytes of the block of a hash, whatever chain it is of. */
  findBlock(hash: Uint8Array): Promise<Uint8Array | undefined>;
};

type Listener = (height: number, bytes: Uint8Array) => void;

const HEIGHT_DIGITS = 10;
const key = {
  block: (hash: Uint8Array) => `block:${formatHex(hash)}`,
  at: (chainId: string, height: number) =>
    `at:${chainId}:${String(height).padStart(HEIGHT_DIGITS, "0")}`,
  tip: (chainId: string) => `${TIP}${chainId}`,
};
const TIP = "tip:";

/** Tip: height u32, hash 32. */
function encodeTip({ height, hash }: ArchiveTip): Uint8Array {
  return encode((writer) => writer.u32(height).fixed(hash, 32));
}

/** Open the archive that is kept in a store of its own. */
export async function openArchive(store: KeyValueStore): Promise<Archive> {
  const tips = new Map<string, ArchiveTip>();
  const shelves = new Map<string, ServedBlocks & BlockShelf>();
  const listeners = new Map<string, Set<Listener>>();
  let keeping: Promise<void> = Promise.resolve();
  for (const [name, value] of await store.entries(TIP)) {
    const tip = decode(value, (reader) => ({ height: reader.u32(), hash: reader.fixed(32) }));
    tips.set(name.slice(TIP.length), insist(tip));
  }

  const findBlock = (hash: Uint8Array) => store.get(key.block(hash));

  async function keep(chainId: string, blocks: readonly ArchivedBlock[]): Promise<void> {
    const operations: StoreOperation[] = [];
    const added: ArchivedBlock[] = [];
    let tip = tips.get(chainId);
    for (const block of blocks) {
      const { height, hash, bytes } = block;
      const top = tip?.height ?? 0;
      const known = height > top + 1 ? undefined : await store.get(key.at(chainId, height));
      if (known !== undefined && equalBytes(known, hash)) {
        if (height <= top) continue;
        tip = { height, hash };
        added.push(block);
        continue;
      }
      operations.push({ kind: "put", key: key.block(hash), value: bytes });
      // Where those before it were taken before there was an archive, it is served by its hash alone.
      if (height > top + 1) continue;
      operations.push({ kind: "put", key: key.at(chainId, height), value: hash });
      // Another block for a height that was there: what stood above stands on the old one, and is served no more.
      tip = { height, hash };
      added.push(block);
    }
    if (tip !== undefined && tip !== tips.get(chainId)) {
      operations.push({ kind: "put", key: key.tip(chainId), value: encodeTip(tip) });
    }
    if (operations.length === 0) return;
    await store.commit(operations);
    if (tip !== undefined) tips.set(chainId, tip);
    for (const { height, bytes } of added) {
      for (const listener of listeners.get(chainId) ?? []) listener(height, bytes);
    }
  }

  function createShelf(chainId: string): ServedBlocks & BlockShelf {
    const publishedHeight = () => tips.get(chainId)?.height ?? 0;
    return {
      findBlock,
      publishedHeight,
      async block(height) {
        if (height > publishedHeight()) return undefined;
        const hash = await store.get(key.at(chainId, height));
        return hash && findBlock(hash);
      },
      onBlock(listener) {
        const all = listeners.get(chainId) ?? new Set();
        listeners.set(chainId, all.add(listener));
        return () => all.delete(listener);
      },
    };
  }

  return {
    findBlock,
    tip: (chainId) => tips.get(chainId),

    blocks(chainId) {
      const shelf = shelves.get(chainId) ?? createShelf(chainId);
      shelves.set(chainId, shelf);
      return shelf;
    },

    keep(chainId, blocks) {
      // One after another: what the next is held against is on disk by then.
      const kept = keeping.then(() => keep(formatHex(chainId), blocks));
      keeping = kept.catch(() => undefined);
      return kept;
    },
  };
}
