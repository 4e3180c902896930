import Dexie, { type Table as DexieTable } from "dexie";
import {
  StoreError,
  type StoreOperation,
  TABLES,
  type Table,
  type WalletStore,
} from "../client/ports.ts";

/** Tables that a later layout has brought. A change adds a version here and the step to it; it never edits an old one. */
const ADDED: Readonly<Partial<Record<Table, number>>> = {
  breaches: 2,
  books: 3,
  orders: 4,
  sentOrders: 4,
  disputes: 5,
  closes: 5,
  towers: 6,
  moves: 6,
};
/** Tables that a later layout has dropped. */
const DROPPED: Readonly<Record<string, number>> = { blocks: 3, posts: 3 };
const VERSION = 6;

/**
 * A wallet's store in IndexedDB. Every commit is one transaction with strict durability: it resolves when
 * the rows are on disk, not when the browser has promised to write them.
 */
export async function openDexieStore(name: string): Promise<WalletStore & { close(): void }> {
  const database = new Dexie(name, { chromeTransactionDurability: "strict" });
  // Rows have no index but their key, which is given from outside.
  for (let version = 1; version <= VERSION; version++) {
    const tables = TABLES.filter((table) => (ADDED[table] ?? 1) <= version);
    const old = Object.entries(DROPPED).map(([table, at]) => [table, version < at ? "" : null]);
    const layout = [...tables.map((table) => [table, ""]), ...old];
    database.version(version).stores(Object.fromEntries(layout));
  }
  let isClosed = false;
  // Another tab wants a newer layout: let go at once, or it waits for ever.
  database.on("versionchange", () => {
    isClosed = true;
    database.close();
  });
  await translate(() => database.open());

  const table = (each: string): DexieTable<Uint8Array, string> => database.table(each);
  let queue: Promise<unknown> = Promise.resolve();

  async function write(operations: readonly StoreOperation[]): Promise<void> {
    if (isClosed) throw new StoreError("CLOSED", "the store is closed");
    const names = [...new Set(operations.map((operation) => operation.table))];
    await translate(() =>
      database.transaction("rw", names, async () => {
        for (const operation of operations) {
          if (operation.kind === "put") {
            await table(operation.table).put(operation.value, operation.key);
          } else await table(operation.table).delete(operation.key);
        }
      }),
    );
  }

  return {
    async rows(each) {
      const rows: (readonly [string, Uint8Array])[] = [];
      await translate(() =>
        table(each)
          .toCollection()
          .each((value, { primaryKey }) => rows.push([primaryKey, value])),
      );
      return rows;
    },

    commit(operations) {
      if (operations.length === 0) return Promise.resolve();
      // One after another, so that commits take effect in the order of their calls.
      const done = queue.then(() => write(operations));
      queue = done.catch(() => undefined);
      return done;
    },

    close() {
      isClosed = true;
      database.close();
    },
  };
}

async function translate<Value>(work: () => PromiseLike<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const names = [error, (error as { inner?: unknown }).inner].map((each) =>
      each instanceof Error || each instanceof DOMException ? each.name : "",
    );
    if (names.includes("QuotaExceededError")) {
      throw new StoreError("FULL", "the browser has no room left for this site", { cause: error });
    }
    if (names.some((each) => each === "DatabaseClosedError" || each === "InvalidStateError")) {
      throw new StoreError("CLOSED", "the browser closed the store", { cause: error });
    }
    throw new StoreError("FAILED", "the browser kept nothing", { cause: error });
  }
}
