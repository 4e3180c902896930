/**
 * Our own hard caps. The original machine has none: a few units of gas can make it build 128 MiB or
 * walk a shared list for ever. A hit is the outcome `limit`, never a vm error. All are far above
 * what the gas of consensus pays for in any honest script. CHALANG.md section 7, item 17.
 */
export const CAPS = {
  /** Bytes of one binary, of one script, and of what is serialised for a hash or a signature. */
  binaryBytes: 4 * 1024 * 1024,
  /** Cells of one list counted as a tree, each shared part as often as it is met. */
  listCells: 4 * 1024 * 1024,
  /** Values on the two stacks together, looked at whenever a chunk of code is left. */
  stackValues: 4 * 1024 * 1024,
  /** Chunks of code waiting to be run. */
  chunks: 4 * 1024 * 1024,
  /** Units of work that gas does not pay for: one for each byte or value moved, compared or hashed. */
  work: 64 * 1024 * 1024,
} as const;

/** What steps whose time or memory is not told by the bytes they touch take from `CAPS.work`. */
export const WORK = {
  /** A new list cell or slot of a variable, for its memory: two million of them in one run at most. */
  cell: 32,
  /** A new binary, for its memory. */
  binary: 64,
  /** A byte of a function's body, for the memory of its decoded form. */
  codeByte: 4,
  /** One verification of a signature, about a millisecond: a thousand of them in one run at most. */
  signature: 64 * 1024,
} as const;

/** Why a run ended early: the original's two kinds of failure, or one of our own caps. */
export type StopKind = "error" | "crash" | "limit";

/** An early end on its way out of an instruction; the machine's public door turns it into data. */
export class Stop extends Error {
  readonly kind: StopKind;

  constructor(kind: StopKind, reason: string) {
    super(reason);
    this.name = "Stop";
    this.kind = kind;
  }
}

/** What is left of `CAPS.work` in one run of evidence and script. */
export class Budget {
  #left: number = CAPS.work;

  /** Units paid for so far. */
  get paid(): number {
    return CAPS.work - this.#left;
  }

  /** Pay for `units` of work before they are done; throws a `Stop` when they are not left. */
  pay(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new Stop("limit", `more than ${CAPS.work} units of unpaid work`);
  }
}
