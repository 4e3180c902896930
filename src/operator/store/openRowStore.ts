import { openStore } from "../../disk/openStore.ts";
import type { RowStore } from "./rowStore.ts";

/** Open the rows kept in `directory`, for this process alone. Rejects with a `DiskError`. */
export async function openRowStore(directory: string): Promise<RowStore> {
  const store = await openStore(directory);
  return {
    rows: () => store.entries(""),
    get: (key) => store.get(key),
    commit: (operations) => store.commit(operations),
    close: () => store.close(),
  };
}
