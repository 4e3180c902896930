import { StoreError, type StoreOperation, type WalletStore } from "../client/ports.ts";
import { DiskError } from "../disk/diskError.ts";
import type { KeyValueStore } from "../disk/keyValueStore.ts";

/** A wallet's tables in a server's key-value store: `table/key`. */
export function createDiskWalletStore(store: KeyValueStore): WalletStore {
  const name = ({ table, key }: StoreOperation) => `${table}/${key}`;
  return {
    async rows(table) {
      const prefix = `${table}/`;
      const entries = await store.entries(prefix);
      return entries.map(([key, value]) => [key.slice(prefix.length), value] as const);
    },

    async commit(operations) {
      try {
        await store.commit(
          operations.map((operation) =>
            operation.kind === "put"
              ? { kind: "put", key: name(operation), value: operation.value }
              : { kind: "delete", key: name(operation) },
          ),
        );
      } catch (error) {
        const code = error instanceof DiskError && error.code === "FULL" ? "FULL" : "FAILED";
        throw new StoreError(code, "the disk kept nothing", { cause: error });
      }
    },
  };
}
