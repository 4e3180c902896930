import { Stop } from "./budget.ts";
import { fixedImmediate, OP, SMALL_INT_MAX } from "./opcodes.ts";
import { binaryValue, readUint32, type Value } from "./value.ts";

/** What stands in `Code.ops` for bytes that are no working opcode of this version. */
export const BAD = {
  /** No opcode. */
  undefined: 1,
  /** An immediate that the end of the code cuts short: undefined too, but it also ends every scan. */
  cut: 5,
  /** An opcode that this version does not have, and crashes on. */
  gated: 6,
} as const;

/** A function of a run: its id, and its body with `recurse` replaced by a push of the id. */
export type ChalangFunction = { readonly id: Uint8Array; readonly code: Code };

/**
 * Code decoded once: an entry for each instruction. Chunks of it are ranges of instructions. All
 * integer literals are `OP.int4` with the number in `args`; `OP.binary` has its value there and a
 * definition the index of its end (-1 if there is none).
 */
export class Code {
  readonly bytes: Uint8Array;
  readonly ops: Uint8Array;
  readonly args: readonly Value[];
  /** Byte offset of each instruction, and of the end. */
  readonly offsets: Int32Array;
  /** By `if`: index of its `else` and `then` plus 1, 0 before it was looked for, -1 if missing. */
  readonly elses: Int32Array;
  readonly thens: Int32Array;
  /** By `call`: the value last called from there, and the function that it named. */
  readonly calledIds: (Value | undefined)[] = [];
  readonly called: (ChalangFunction | undefined)[] = [];

  constructor(bytes: Uint8Array, ops: Uint8Array, args: readonly Value[], offsets: Int32Array) {
    this.bytes = bytes;
    this.ops = ops;
    this.args = args;
    this.offsets = offsets;
    const hasIf = ops.includes(OP.if);
    this.elses = hasIf ? new Int32Array(ops.length) : NO_INDICES;
    this.thens = hasIf ? new Int32Array(ops.length) : NO_INDICES;
    if (ops.includes(OP.call)) {
      this.calledIds = new Array(ops.length).fill(undefined);
      this.called = new Array(ops.length).fill(undefined);
    }
  }

  /** Look for the `else` and `then` of the `if` at `index`, in all that follows, and keep them. */
  scanIf(index: number): void {
    const elseAt = this.#scan(index + 1, OP.else);
    const thenAt = elseAt < 0 ? -1 : this.#scan(elseAt + 1, OP.endIf);
    this.elses[index] = elseAt < 0 ? -1 : elseAt + 1;
    this.thens[index] = thenAt < 0 ? -1 : thenAt + 1;
  }

  /** The if scan of CHALANG.md section 3: an inner `if` reaches to its own `then`, whatever is between. */
  #scan(from: number, target: number): number {
    const ops = this.ops;
    let depth = 0;
    for (let i = from; i < ops.length; i++) {
      const op = ops[i];
      if (depth === 0 && op === target) return i;
      if (op === OP.if) depth++;
      else if (op === OP.endIf && depth > 0) depth--;
      else if (op === BAD.cut) return -1;
    }
    return -1;
  }
}

const NO_INDICES = new Int32Array(0);

/** The code of the chunk behind a called function: the return marker alone. */
export const RETURN_MARKER: Code = new Code(
  Uint8Array.of(OP.end),
  Uint8Array.of(OP.end),
  [0],
  Int32Array.of(0, 1),
);

const EQUAL_2 = 59;

/** By version 0, 1, 2 and byte: the byte itself, `OP.int4` for a small integer, or one of `BAD`. */
const OPS_BY_VERSION: readonly Uint8Array[] = [0, 1, 2].map((version) =>
  Uint8Array.from({ length: 256 }, (_, byte) => {
    if (byte >= OP.int0 && byte <= OP.int0 + SMALL_INT_MAX) {
      return version < 2 ? BAD.gated : OP.int4;
    }
    if (version < 2 && (byte === OP.int1 || byte === OP.int2 || byte === EQUAL_2)) return BAD.gated;
    if (version < 1 && byte === OP.defineAndPush) return BAD.gated;
    return byte === BAD.cut || byte === BAD.gated ? BAD.undefined : byte;
  }),
);

/**
 * Decode a script or a function's body for a version, with the balance scan of CHALANG.md section
 * 3: throws a crash where definitions are not balanced or a `binary` lacks data, anywhere in it.
 *
 * @param bytes - kept and shared with the literals: it must never change.
 */
export function decodeCode(bytes: Uint8Array, version: number): Code {
  const table = OPS_BY_VERSION[version] as Uint8Array;
  const total = bytes.length;
  const ops = new Uint8Array(total);
  const offsets = new Int32Array(total + 1);
  const args: Value[] = [];
  let count = 0;
  let isCut = false;
  let definition = -1;
  let isInside = false;
  for (let i = 0; i < total; ) {
    const at = i;
    const byte = bytes[i++] as number;
    let op = table[byte] as number;
    let arg: Value = 0;
    if (byte >= OP.int0) {
      arg = byte - OP.int0;
    } else if (byte <= OP.int2) {
      const fixed = fixedImmediate(byte);
      if (i + fixed > total) {
        op = BAD.cut;
      } else if (byte === OP.binary) {
        const end = i + 4 + readUint32(bytes, i);
        if (end > total) throw new Stop("crash", "a binary lacks data");
        arg = binaryValue(bytes.subarray(i + 4, end));
        i = end;
      } else if (fixed > 0) {
        if (byte === OP.int4) arg = readUint32(bytes, i);
        else if (byte === OP.int1) arg = bytes[i] as number;
        else arg = (bytes[i] as number) * 256 + (bytes[i + 1] as number);
        if (op !== BAD.gated) op = OP.int4;
        i += fixed;
      }
    } else if (byte === OP.define || byte === OP.defineAndPush) {
      if (isInside) throw new Stop("crash", "a definition inside a definition");
      isInside = true;
      definition = isCut ? -1 : count;
      arg = -1;
    } else if (byte === OP.end) {
      if (!isInside) throw new Stop("crash", "an end of no definition");
      isInside = false;
      if (!isCut) args[definition] = count;
    }
    // Nothing behind a cut immediate can run, but the balance scan goes on with its next byte.
    if (isCut) continue;
    ops[count] = op;
    offsets[count] = at;
    args.push(arg);
    count++;
    isCut = op === BAD.cut;
  }
  if (isInside) throw new Stop("crash", "a definition without an end");
  offsets[count] = total;
  return new Code(bytes, ops.subarray(0, count), args, offsets);
}

/**
 * The test on evidence: throws a crash where byte 11 (`return`) stands at an opcode's place,
 * reachable or not, or a `binary` lacks data. A cut immediate counts as a single byte.
 */
export function refuseReturn(bytes: Uint8Array): void {
  const total = bytes.length;
  for (let i = 0; i < total; ) {
    const byte = bytes[i++] as number;
    if (byte === OP.return) throw new Stop("crash", "the evidence contains return");
    const fixed = fixedImmediate(byte);
    if (fixed === 0 || i + fixed > total) continue;
    const data = byte === OP.binary ? readUint32(bytes, i) : 0;
    i += fixed + data;
    if (i > total) throw new Stop("crash", "a binary lacks data");
  }
}
