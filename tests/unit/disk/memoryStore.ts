import { CommitQueue } from "../../../src/disk/commitQueue.ts";
import type { KeyValueStore } from "../../../src/disk/keyValueStore.ts";

/** The same behaviour without a disk. */
export function createMemoryStore(): KeyValueStore {
  const rows = new Map<string, Uint8Array>();
  const queue = new CommitQueue(async (operations) => {
    for (const operation of operations) {
      if (operation.kind === "put") rows.set(operation.key, Uint8Array.from(operation.value));
      else rows.delete(operation.key);
    }
  });
  return {
    async get(key) {
      queue.assertRunning();
      return rows.get(key);
    },
    async entries(prefix) {
      queue.assertRunning();
      const found = [...rows].filter(([key]) => key.startsWith(prefix));
      return found.sort(([a], [b]) => (a < b ? -1 : 1));
    },
    commit: (operations) => queue.commit(operations),
    close: () => queue.stop(),
  };
}
