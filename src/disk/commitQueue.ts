import { DiskError, toDiskError } from "./diskError.ts";
import type { StoreOperation } from "./keyValueStore.ts";
import { assertKey } from "./storeKey.ts";

type Waiting = {
  readonly operations: readonly StoreOperation[];
  readonly resolve: () => void;
  readonly reject: (error: DiskError) => void;
};

const GROUP_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Commits in the order of their calls, one write at a time; those that come during a write share the
 * next one. After one write has failed, nothing is written any more.
 */
export class CommitQueue {
  readonly #write: (operations: readonly StoreOperation[]) => Promise<void>;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #stopped: DiskError | undefined;

  /** `write` puts one group on disk, whole or not at all. */
  constructor(write: (operations: readonly StoreOperation[]) => Promise<void>) {
    this.#write = write;
  }

  commit(operations: readonly StoreOperation[]): Promise<void> {
    for (const operation of operations) assertKey(operation.key);
    return new Promise((resolve, reject) => {
      if (this.#stopped !== undefined) return reject(this.#stopped);
      this.#waiting.push({ operations, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Throws if a write has failed, or after `stop`. */
  assertRunning(): void {
    if (this.#stopped !== undefined) throw this.#stopped;
  }

  /** Take no more commits; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#stopped ??= new DiskError("FAILED", "the store is closed");
    await this.#running;
  }

  async #run(): Promise<void> {
    // Calls of the same turn join the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeGroup(this.#takeGroup());
    this.#running = undefined;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { operations } of this.#waiting) {
      for (const operation of operations) {
        if (operation.kind === "put") bytes += operation.value.length;
      }
      if (count > 0 && bytes > GROUP_BYTES_MAX) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#write(group.flatMap(({ operations }) => operations));
    } catch (error) {
      const failure = toDiskError(error);
      this.#stopped = failure;
      for (const { reject } of [...group, ...this.#waiting.splice(0)]) reject(failure);
      return;
    }
    for (const { resolve } of group) resolve();
  }
}
