export type StoreOperation =
  | { readonly kind: "put"; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly key: string };

export type Entry = readonly [key: string, value: Uint8Array];

/**
 * A durable map from keys to byte strings, for one process. Keys are 1 to 1,024 characters of printable
 * ASCII. Reads see what has been committed, never what is on its way to disk. Everything rejects with a
 * `DiskError`; once a commit was rejected, so is every later call: what is on disk is then unknown until
 * the store is opened again.
 */
export type KeyValueStore = {
  get(key: string): Promise<Uint8Array | undefined>;
  /** All entries whose key starts with `prefix`, ascending by key. */
  entries(prefix: string): Promise<readonly Entry[]>;
  /**
   * Atomic; resolves only when it is on disk. Commits take effect in the order of their calls, and
   * those called meanwhile share one write. The values must not be changed before it resolves.
   */
  commit(operations: readonly StoreOperation[]): Promise<void>;
  /** Waits for the commits under way. */
  close(): Promise<void>;
};
