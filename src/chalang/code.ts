import { Stop } from "./budget.ts";
import { fixedImmediate, OP, SMALL_INT_MAX } from "./opcodes.ts";
import { binaryValue, createNumbers, createValues, readUint32, type Value } from "./value.ts";

/** What stands in `Code.ops` for bytes that are no working opcode of this version. */
export const BAD = {
  /** No opcode. */
  undefined: 1,
  /** An immediate that the end of the code cuts short: undefined too, but it also ends every scan. */
  cut: 5,
  /** An opcode that this version does not have, and crashes on. */
  gated: 6,
} as const;

const NOT_CALLED: (ChalangFunction | undefined)[] = [];

/**
 * Code decoded once: an entry for each instruction. Chunks of it are ranges of instructions. All
 * integer literals are `OP.int4` with the number in `args`; `OP.binary` has its value there, a
 * definition the index of its end (-1 if there is none), `if` and `call` their number among their kind.
 * Plain arrays, as code is mostly short and typed arrays are slow to make.
 */
export class Code {
  readonly ops: number[] = createNumbers();
  readonly args: Value[] = createValues();
  /** Byte offset of each instruction, and of the end. */
  readonly offsets: number[] = createNumbers();
  /** By number of the `if`: index behind its `else` and `then`, 0 before it was looked for, -1 if missing. */
  readonly elses: number[] = createNumbers();
  readonly thens: number[] = createNumbers();
  /** By number of the `call`: the value last called from there, and the function that it named. */
  readonly calledIds: (Value | undefined)[] = createValues();
  readonly called: (ChalangFunction | undefined)[] = NOT_CALLED.slice();

  /** Bytes of the code. */
  get size(): number {
    return this.offsets[this.ops.length] as number;
  }

  /** Add an instruction that begins at `offset`. */
  push(op: number, arg: Value, offset: number): void {
    this.offsets.push(offset);
    this.ops.push(op);
    if (op === OP.if) {
      this.args.push(this.elses.length);
      this.elses.push(0);
      this.thens.push(0);
    } else if (op === OP.call) {
      this.args.push(this.called.length);
      this.calledIds.push(undefined);
      this.called.push(undefined);
    } else this.args.push(arg);
  }

  /** Look for the `else` and `then` of the `if` at `index`, in all that follows, and keep them. */
  scanIf(index: number): void {
    const number = this.args[index] as number;
    const elseAt = this.#scan(index + 1, OP.else);
    const thenAt = elseAt < 0 ? -1 : this.#scan(elseAt + 1, OP.endIf);
    this.elses[number] = elseAt < 0 ? -1 : elseAt + 1;
    this.thens[number] = thenAt < 0 ? -1 : thenAt + 1;
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

const ID_BYTES = 32;
/** Bytes of the push of an id, which `recurse` stands for. */
const RECURSE_BYTES = 1 + 4 + ID_BYTES;

/** A function of a run: a body with each `recurse` replaced by a push of the id. */
export class ChalangFunction {
  /** 32 bytes: SHA-256 of the body as it was written. */
  readonly id: Uint8Array;
  /** Bytes of the body with `recurse` replaced. */
  readonly size: number;
  /** Another function whose id begins with the same 4 bytes. */
  readonly next: ChalangFunction | undefined;
  readonly #source: Code;
  readonly #from: number;
  readonly #to: number;
  #code: Code | undefined;

  /** The instructions from `from` up to `to` of `source`. */
  constructor(
    id: Uint8Array,
    source: Code,
    from: number,
    to: number,
    next: ChalangFunction | undefined,
  ) {
    this.id = id;
    this.next = next;
    this.#source = source;
    this.#from = from;
    this.#to = to;
    let size = (source.offsets[to] as number) - (source.offsets[from] as number);
    for (let i = from; i < to; i++) if (source.ops[i] === OP.recurse) size += RECURSE_BYTES - 1;
    this.size = size;
  }

  /** The body's code, made when it is first called. */
  get code(): Code {
    this.#code ??= this.#build();
    return this.#code;
  }

  #build(): Code {
    const { ops, args, offsets } = this.#source;
    const code = new Code();
    let offset = 0;
    for (let i = this.#from; i < this.#to; i++) {
      const isRecurse = ops[i] === OP.recurse;
      if (isRecurse) code.push(OP.binary, this.id, offset);
      else code.push(ops[i] as number, args[i] as Value, offset);
      offset += isRecurse ? RECURSE_BYTES : (offsets[i + 1] as number) - (offsets[i] as number);
    }
    code.offsets.push(offset);
    return code;
  }
}

/** The code of the chunk behind a called function: the return marker alone. */
export const RETURN_MARKER: Code = new Code();
RETURN_MARKER.push(OP.end, 0, 0);
RETURN_MARKER.offsets.push(1);

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
 * Decode a script for a version, with the balance scan of CHALANG.md section 3: throws a crash where
 * definitions are not balanced or a `binary` lacks data, anywhere in it.
 *
 * @param bytes - kept and shared with the literals: it must never change.
 */
export function decodeScript(bytes: Uint8Array, version: number): Code {
  const table = OPS_BY_VERSION[version] as Uint8Array;
  const total = bytes.length;
  const code = new Code();
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
      definition = code.ops.length;
      arg = -1;
    } else if (byte === OP.end) {
      if (!isInside) throw new Stop("crash", "an end of no definition");
      isInside = false;
      if (!isCut) code.args[definition] = code.ops.length;
    }
    // Nothing behind a cut immediate can run, but the balance scan goes on with its next byte.
    if (isCut) continue;
    code.push(op, arg, at);
    isCut = op === BAD.cut;
  }
  if (isInside) throw new Stop("crash", "a definition without an end");
  code.offsets.push(total);
  return code;
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
