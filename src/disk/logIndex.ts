import { entryBytes, type Place, type PlacedOperation } from "./logFormat.ts";

/** Which value every key has, and where. */
export class LogIndex {
  readonly #places = new Map<string, Place>();
  #sorted: string[] | undefined;
  #liveBytes = 0;

  /** About how long a snapshot would be. */
  get liveBytes(): number {
    return this.#liveBytes;
  }

  apply(operation: PlacedOperation): void {
    const { key } = operation;
    const old = this.#places.get(key);
    if (old !== undefined) this.#liveBytes -= entryBytes(key, old);
    if (operation.kind === "put") {
      this.#places.set(key, operation.place);
      this.#liveBytes += entryBytes(key, operation.place);
    } else {
      this.#places.delete(key);
    }
    if ((old !== undefined) !== (operation.kind === "put")) this.#sorted = undefined;
  }

  get(key: string): Place | undefined {
    return this.#places.get(key);
  }

  /** Keys that start with `prefix`, ascending, with their places. */
  under(prefix: string): (readonly [key: string, place: Place])[] {
    // Keys are ASCII: the order of `sort` is that of their bytes.
    this.#sorted ??= [...this.#places.keys()].sort();
    const found: (readonly [string, Place])[] = [];
    for (let i = firstNotBelow(this.#sorted, prefix); i < this.#sorted.length; i++) {
      const key = this.#sorted[i] as string;
      if (!key.startsWith(prefix)) break;
      found.push([key, this.#places.get(key) as Place]);
    }
    return found;
  }
}

function firstNotBelow(sorted: readonly string[], bound: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
