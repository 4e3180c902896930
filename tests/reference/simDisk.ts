import type { DiskFile, FileSystem } from "../../src/disk/fileSystem.ts";
import type { SeededRandom } from "./seededRandom.ts";

/**
 * A simulated disk. What is written stays in the "system's memory" until a sync; a power cut keeps any
 * prefix of what was not synced, tears the operation after it at 512 bytes, leaves zeros where the length
 * came before the bytes, and forgets names whose directory was not synced. Forks are cheap: contents are
 * never changed in place.
 */
export type FileOperation =
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly length: number };

type NameOperation =
  | { readonly kind: "link"; readonly name: string; readonly inode: number }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "remove"; readonly name: string };

type Pending = FileOperation & {
  /** A sync that failed has left it in memory, and no later sync will write it. */
  readonly forgotten: boolean;
};

type Inode = { durable: Buffer; pending: readonly Pending[]; current: Buffer };

/** What the disk is asked, told to the watcher before it happens. */
export type DiskStep = {
  readonly kind: "write" | "truncate" | "sync" | "rename" | "remove" | "link" | "syncDirectory";
  readonly name: string;
};

export type Fault = "EIO" | "ENOSPC";

const SECTOR = 512;

export class SimDisk {
  readonly #inodes = new Map<number, Inode>();
  #names: ReadonlyMap<string, number> = new Map();
  #durableNames: ReadonlyMap<string, number> = new Map();
  #pendingNames: readonly NameOperation[] = [];
  #inodeCount = 0;
  /** Steps done so far. */
  steps = 0;
  /** Files opened and not yet closed. */
  openFiles = 0;
  /** Called before each step; may fork the disk, or throw. */
  watch: (step: DiskStep) => void = () => {};
  /** Which fault the next step meets, if any. */
  fault: (step: DiskStep) => Fault | undefined = () => undefined;

  constructor(other?: SimDisk) {
    if (other === undefined) return;
    for (const [number, inode] of other.#inodes) this.#inodes.set(number, { ...inode });
    this.#names = other.#names;
    this.#durableNames = other.#durableNames;
    this.#pendingNames = other.#pendingNames;
    this.#inodeCount = other.#inodeCount;
  }

  fork(): SimDisk {
    return new SimDisk(this);
  }

  /** The power goes: what is left becomes the disk's contents. */
  cutPower(random: SeededRandom): void {
    const kept = random.below(this.#pendingNames.length + 1);
    const names = applyNames(this.#durableNames, this.#pendingNames.slice(0, kept));
    this.#names = names;
    this.#durableNames = names;
    this.#pendingNames = [];
    for (const inode of this.#inodes.values()) {
      const content = survive(inode, random);
      inode.durable = content;
      inode.current = content;
      inode.pending = [];
    }
    const alive = new Set(names.values());
    for (const number of [...this.#inodes.keys()]) {
      if (!alive.has(number)) this.#inodes.delete(number);
    }
  }

  /** Change bytes that are on disk. */
  damage(name: string, change: (content: Buffer) => Buffer): void {
    const inode = this.#inode(name);
    const content = change(Buffer.from(inode.current));
    Object.assign(inode, { durable: content, current: content, pending: [] });
  }

  content(name: string): Buffer {
    return Buffer.from(this.#inode(name).current);
  }

  files(): FileSystem {
    return {
      list: async () => [...this.#names.keys()],
      open: async (name) => this.#open(name),
      rename: async (from, to) => {
        this.#step({ kind: "rename", name: from });
        this.#changeNames({ kind: "rename", from, to });
      },
      remove: async (name) => {
        if (!this.#names.has(name)) return;
        this.#step({ kind: "remove", name });
        this.#changeNames({ kind: "remove", name });
      },
      syncDirectory: async () => {
        this.#step({ kind: "syncDirectory", name: "." });
        this.#durableNames = this.#names;
        this.#pendingNames = [];
      },
    };
  }

  #inode(name: string): Inode {
    const inode = this.#inodes.get(this.#names.get(name) ?? -1);
    if (inode === undefined) throw systemError("ENOENT");
    return inode;
  }

  #step(step: DiskStep): void {
    this.watch(step);
    this.steps += 1;
    const fault = this.fault(step);
    if (fault !== undefined) throw systemError(fault);
  }

  #changeNames(operation: NameOperation): void {
    this.#pendingNames = [...this.#pendingNames, operation];
    this.#names = applyNames(this.#names, [operation]);
  }

  #open(name: string): DiskFile {
    if (!this.#names.has(name)) {
      this.#step({ kind: "link", name });
      const number = this.#inodeCount++;
      const empty = Buffer.alloc(0);
      this.#inodes.set(number, { durable: empty, pending: [], current: empty });
      this.#changeNames({ kind: "link", name, inode: number });
    }
    const inode = this.#inode(name);
    this.openFiles += 1;
    const change = (operation: FileOperation): void => {
      inode.pending = [...inode.pending, { ...operation, forgotten: false }];
      inode.current = applyToContent(inode.current, operation);
    };
    return {
      read: async (offset, length) => Buffer.from(inode.current.subarray(offset, offset + length)),
      size: async () => inode.current.length,
      write: async (offset, bytes) => {
        try {
          this.#step({ kind: "write", name });
        } catch (error) {
          // A write that fails may have written its beginning.
          if (error instanceof Error && "code" in error) {
            change({
              kind: "write",
              offset,
              bytes: Buffer.from(bytes.subarray(0, bytes.length >> 1)),
            });
          }
          throw error;
        }
        change({ kind: "write", offset, bytes: Buffer.from(bytes) });
      },
      truncate: async (length) => {
        this.#step({ kind: "truncate", name });
        change({ kind: "truncate", length });
      },
      sync: async () => {
        try {
          this.#step({ kind: "sync", name });
        } catch (error) {
          inode.pending = inode.pending.map((operation) => ({ ...operation, forgotten: true }));
          throw error;
        }
        inode.durable = applyAll(inode.durable, inode.pending);
        inode.pending = inode.pending.filter(({ forgotten }) => forgotten);
        if (inode.pending.length === 0) inode.durable = inode.current;
      },
      close: async () => {
        this.openFiles -= 1;
      },
    };
  }
}

function applyAll(content: Buffer, operations: readonly Pending[]): Buffer {
  return operations
    .filter(({ forgotten }) => !forgotten)
    .reduce((before, operation) => applyToContent(before, operation), content);
}

/** What the power cut leaves of a file: a prefix of its operations, and perhaps a torn one. */
function survive(inode: Inode, random: SeededRandom): Buffer {
  const waiting = inode.pending.filter(({ forgotten }) => !forgotten);
  const kept = random.below(waiting.length + 1);
  const content = applyAll(inode.durable, waiting.slice(0, kept));
  const next = waiting[kept];
  return next === undefined || random.below(4) === 0 ? content : tear(content, next, random);
}

/** Each sector of a write comes or does not; where it does not, old bytes stay, or zeros beyond the old end. */
function tear(content: Buffer, operation: FileOperation, random: SeededRandom): Buffer {
  if (operation.kind === "truncate") return content;
  const whole = applyToContent(content, operation);
  const writtenEnd = operation.offset + operation.bytes.length;
  const cut =
    random.below(3) === 0
      ? writtenEnd
      : operation.offset + random.below(operation.bytes.length + 1);
  const length = Math.max(content.length, cut);
  const torn = Buffer.alloc(length);
  content.copy(torn);
  for (let at = operation.offset - (operation.offset % SECTOR); at < cut; at += SECTOR) {
    if (random.below(3) !== 0) whole.copy(torn, at, at, Math.min(at + SECTOR, length));
  }
  return torn;
}

function applyToContent(content: Buffer, operation: FileOperation): Buffer {
  if (operation.kind === "truncate") {
    const cut = Buffer.alloc(operation.length);
    content.copy(cut);
    return cut;
  }
  const end = Math.max(content.length, operation.offset + operation.bytes.length);
  const changed = Buffer.alloc(end);
  content.copy(changed);
  operation.bytes.copy(changed, operation.offset);
  return changed;
}

function applyNames(
  names: ReadonlyMap<string, number>,
  operations: readonly NameOperation[],
): ReadonlyMap<string, number> {
  const changed = new Map(names);
  for (const operation of operations) {
    if (operation.kind === "link") changed.set(operation.name, operation.inode);
    else if (operation.kind === "remove") changed.delete(operation.name);
    else {
      const inode = changed.get(operation.from);
      if (inode === undefined) continue;
      changed.delete(operation.from);
      changed.set(operation.to, inode);
    }
  }
  return changed;
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}
