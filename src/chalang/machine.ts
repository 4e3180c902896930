import { Budget } from "./budget.ts";
import type { Code } from "./code.ts";
import { FunctionTable } from "./functionTable.ts";
import { createNumbers, createValues, type Value } from "./value.ts";

/** The rules version of a run: 0 and 1 for old channel contracts, 2 for everything today. */
export type ChalangVersion = 0 | 1 | 2;

/** What a run is given beside its code. CHALANG.md section 2. */
export type MachineOptions = {
  /** Gas at the start; a safe integer. */
  readonly opGas: number;
  /** Most ram that may be used, by the original's own count; a safe integer. */
  readonly ramGas: number;
  /** Slots for variables, numbered from 1. */
  readonly vars: number;
  /** Most definitions that may be executed. */
  readonly funs: number;
  readonly version: ChalangVersion;
  /** Main-chain height; where it is not given, reading it is a crash. */
  readonly height?: number;
  /** Bytes of a hash, 32 unless given; ids of functions always have 32. */
  readonly hashSize?: number;
};

/** The state that the scripts of one run share. */
export class Machine {
  gas: number;
  ram: number;
  ramMost = 0;
  readonly ramLimit: number;
  /** The main stack is `stack[0]` to `stack[depth - 1]`, top last; what is beyond is stale. */
  readonly stack: Value[] = createValues();
  depth = 0;
  /** The alt stack, top last. */
  readonly alt: Value[] = createValues();
  /** Slot k at index k, as far as any was set. */
  readonly slots: Value[] = createValues();
  readonly vars: number;
  readonly functions = new FunctionTable();
  functionCount = 0;
  readonly functionLimit: number;
  readonly height: number | undefined;
  readonly hashSize: number;
  readonly budget = new Budget();

  /** @param codeBytes - bytes of all scripts, which count as ram. */
  constructor(options: MachineOptions, codeBytes: number) {
    this.gas = options.opGas;
    this.ram = codeBytes;
    this.ramLimit = options.ramGas;
    this.vars = options.vars;
    this.functionLimit = options.funs;
    this.height = options.height;
    this.hashSize = options.hashSize ?? 32;
  }
}

const NO_CODES: Code[] = [];

/** The chunks of code still to be run behind the present one, next one last. */
export class Chunks {
  readonly codes: Code[] = NO_CODES.slice();
  readonly starts: number[] = createNumbers();
  readonly ends: number[] = createNumbers();
  count = 0;

  push(code: Code, start: number, end: number): void {
    this.codes[this.count] = code;
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count++;
  }

  /**
   * Push what is left of a chunk. An empty chunk matters only as the one thing between a `call` and
   * a return marker, so none is kept at the end of all or before another empty one.
   */
  pushRest(code: Code, start: number, end: number): void {
    const next = this.count - 1;
    if (start === end && (next < 0 || this.starts[next] === this.ends[next])) return;
    this.push(code, start, end);
  }
}
