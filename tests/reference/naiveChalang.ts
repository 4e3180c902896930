import { createHash, createPublicKey, verify } from "node:crypto";

/**
 * A second, plain and slow chalang machine, written from CHALANG.md sections 1 to 6 alone: binaries
 * are hex texts, lists are arrays, and the code is a list of byte strings, as the text has it.
 */
export type NaiveValue = string | readonly NaiveValue[];

type NaiveOptions = {
  scriptSig: Uint8Array;
  script: Uint8Array;
  opGas: number;
  ramGas: number;
  vars: number;
  funs: number;
  height: number;
  version: number;
};

export type NaiveResult =
  | {
      kind: "ok";
      stack: readonly NaiveValue[];
      alt: readonly NaiveValue[];
      opGas: number;
      ramCurrent: number;
      ramMost: number;
      manyFuns: number;
      /** Opcodes dispatched, return markers included. */
      opcodes: number;
    }
  | { kind: "error" | "crash"; stage: "noneOf" | "scriptSig" | "script" };

class VmError extends Error {}
class Crash extends Error {}

/** State of a run; stacks are top first. */
type State = NaiveOptions & {
  stack: NaiveValue[];
  alt: NaiveValue[];
  ram: number;
  ramMost: number;
  slots: Map<number, NaiveValue>;
  functions: Map<string, number[]>;
  manyFuns: number;
  opcodes: number;
};

export function runNaively(options: NaiveOptions): NaiveResult {
  let stage: "noneOf" | "scriptSig" | "script" = "noneOf";
  const sig = [...options.scriptSig];
  const script = [...options.script];
  const state: State = {
    ...options,
    stack: [],
    alt: [],
    ram: sig.length + script.length,
    ramMost: 0,
    slots: new Map(),
    functions: new Map(),
    manyFuns: 0,
    opcodes: 0,
  };
  try {
    for (const [op] of walk(sig)) if (op === 11) throw new Crash("return in evidence");
    stage = "scriptSig";
    run5(sig, state);
    stage = "script";
    run5(script, state);
  } catch (error) {
    if (error instanceof VmError) return { kind: "error", stage };
    if (error instanceof Crash) return { kind: "crash", stage };
    throw error;
  }
  const { stack, alt, opGas, ram, ramMost, manyFuns, opcodes } = state;
  return { kind: "ok", stack, alt, opGas, ramCurrent: ram, ramMost, manyFuns, opcodes };
}

const FIXED: Record<number, number> = { 0: 4, 2: 4, 3: 1, 4: 2 };

function u32(bytes: readonly number[], at: number): number {
  return bytes.slice(at, at + 4).reduce((sum, byte) => sum * 256 + byte, 0);
}

/** The lenient scanners: opcode and offset; a cut immediate counts as a single byte. */
function* walk(code: readonly number[]): Generator<[number, number]> {
  for (let i = 0; i < code.length; ) {
    const op = code[i] as number;
    yield [op, i];
    const fixed = FIXED[op] ?? 0;
    if (i + 1 + fixed > code.length) i += 1;
    else i += 1 + fixed + (op === 2 ? u32(code, i + 1) : 0);
    if (i > code.length) throw new Crash("data cut");
  }
}

/** The strict scanners: the length of the instruction at `at`. */
function strictLength(code: readonly number[], at: number): number {
  const op = code[at] as number;
  const fixed = FIXED[op] ?? 0;
  const length = 1 + fixed + (op === 2 ? u32(code, at + 1) : 0);
  if (at + 1 + fixed > code.length || at + length > code.length) throw new VmError("scan");
  return length;
}

function ifScan(target: number, code: readonly number[], from: number): number {
  let i = from;
  while (i < code.length) {
    if (code[i] === target) return i;
    i = code[i] === 70 ? ifScan(72, code, i + 1) + 1 : i + strictLength(code, i);
  }
  throw new VmError("if scan");
}

function endScan(code: readonly number[]): number {
  for (let i = 0; i < code.length; i += strictLength(code, i)) if (code[i] === 111) return i;
  throw new VmError("function scan");
}

function run5(script: number[], state: State): void {
  let isInside = false;
  for (const [op] of walk(script)) {
    if (op !== 110 && op !== 111 && op !== 114) continue;
    if (isInside !== (op === 111)) throw new Crash("unbalanced");
    isInside = op !== 111;
  }
  if (isInside) throw new Crash("unbalanced");
  let chunks: number[][] = [script];
  for (;;) {
    if (state.opGas < 0) throw new VmError("time");
    if (state.ram > state.ramGas) throw new VmError("space");
    state.ramMost = Math.max(state.ramMost, state.ram);
    const [first, ...others] = chunks;
    if (first === undefined) return;
    if (first.length === 0) chunks = others;
    else chunks = step(first[0] as number, first.slice(1), others, state);
  }
}

function step(op: number, rest: number[], others: number[][], state: State): number[][] {
  const { stack } = state;
  if (op === 113) {
    if (rest[0] === 111) return [[113, ...rest.slice(1)], ...others];
    if (rest.length === 0 && others[0]?.length === 1 && others[0][0] === 111) {
      return [[113], ...others.slice(1)];
    }
  }
  state.opcodes++;
  if (op in FIXED && rest.length < (FIXED[op] as number)) throw new VmError("cut");
  if (state.version < 2 && (op === 3 || op === 4 || op === 59 || (op >= 140 && op <= 175))) {
    throw new Crash("version");
  }
  const push = (hex: NaiveValue, gas: number, ram: number): void => {
    stack.unshift(hex);
    state.opGas -= gas;
    state.ram += ram;
  };
  if (op === 2) {
    const length = u32(rest, 0);
    push(hexOf(rest.slice(4, 4 + length)), length, 1);
    return [rest.slice(4 + length), ...others];
  }
  const fixed = FIXED[op];
  if (fixed !== undefined) {
    push(hexOf(rest.slice(0, fixed)).padStart(8, "0"), 1, 1);
    return [rest.slice(fixed), ...others];
  }
  if (op >= 140 && op <= 175) {
    push(int(op - 140), 1, 1);
    return [rest, ...others];
  }
  if (op === 11) return [];
  if (op === 70) {
    const top = stack[0];
    if (!isInt(top)) throw new Crash("if");
    const elseAt = ifScan(71, rest, 0);
    const thenAt = ifScan(72, rest, elseAt + 1);
    const a = rest.slice(0, elseAt);
    const b = rest.slice(elseAt + 1, thenAt);
    stack.shift();
    const [taken, other] = numberOf(top) === 0 ? [b, a] : [a, b];
    state.opGas -= a.length + b.length;
    state.ram -= other.length + 1;
    return [taken, rest.slice(thenAt + 1), ...others];
  }
  if (op === 110 || op === 114) {
    if (op === 114 && state.version === 0) throw new Crash("version");
    const close = endScan(rest);
    const body = rest.slice(0, close);
    const id = sha(Uint8Array.from(body));
    const stored: number[] = [];
    for (let i = 0; i < body.length; i += strictLength(body, i)) {
      if (body[i] === 112) stored.push(2, 0, 0, 0, 32, ...Buffer.from(id, "hex"));
      else stored.push(...body.slice(i, i + strictLength(body, i)));
    }
    if (state.manyFuns + 1 > state.funs) throw new VmError("funs");
    state.manyFuns++;
    state.functions.set(id, stored);
    state.opGas -= stored.length + 32 + 30;
    state.ram += 2 * (stored.length + 32);
    if (op === 114) stack.unshift(id);
    return [rest.slice(close + 1), ...others];
  }
  if (op === 113) {
    const id = stack[0];
    const body = typeof id === "string" ? state.functions.get(id) : undefined;
    if (body === undefined) throw new VmError("call");
    stack.shift();
    state.opGas -= body.length + 10;
    state.ram += body.length + 2;
    return [body, [111], rest, ...others];
  }
  const [gas, ram] = plain(op, state);
  state.opGas -= gas;
  state.ram += ram;
  return [rest, ...others];
}

/** Carry out an opcode that touches no code; gives what it takes from gas and adds to ram. */
function plain(op: number, state: State): [number, number] {
  const { stack, alt } = state;
  const need = (count: number): void => {
    if (stack.length < count) throw new VmError("underflow");
  };
  const pop = (): NaiveValue => {
    need(1);
    return stack.shift() as NaiveValue;
  };
  const popInt = (): number => numberOf(check(pop(), isInt));
  if (op >= 50 && op <= 57) {
    need(2);
    const [y, x] = [pop(), pop()];
    stack.unshift(int(arithmetic(op, x, y)));
    return [1, -2];
  }
  if (op >= 81 && op <= 83) {
    need(2);
    const [y, x] = [popInt() !== 0, popInt() !== 0];
    stack.unshift(int((op === 81 ? x && y : op === 82 ? x || y : x !== y) ? 1 : 0));
    return [1, -2];
  }
  if (op >= 84 && op <= 86) {
    need(2);
    const [b, a] = [check(pop(), isBinary), check(pop(), isBinary)];
    const length = Math.max(a.length, b.length);
    const [x, y] = [BigInt(`0x0${a}`), BigInt(`0x0${b}`)];
    const result = op === 84 ? x & y : op === 85 ? x | y : x ^ y;
    stack.unshift(length === 0 ? "" : result.toString(16).padStart(length, "0"));
    return [4 * length, -4 * b.length - 1];
  }
  switch (op) {
    case 10:
    case 12:
      return [0, 0];
    case 20: {
      const x = pop();
      return [1, -memory(x) - 2];
    }
    case 21: {
      const x = pop();
      stack.unshift(x, x);
      return [1, memory(x)];
    }
    case 22: {
      need(2);
      const [b, a] = [pop(), pop()];
      stack.unshift(a, b);
      return [1, 0];
    }
    case 23:
    case 24: {
      need(3);
      const [c, b, a] = [pop(), pop(), pop()];
      if (op === 23) stack.unshift(b, a, c);
      else stack.unshift(a, c, b);
      return [1, 0];
    }
    case 25: {
      need(2);
      const [b, a] = [pop(), pop()];
      stack.unshift(b, a, b, a);
      return [1, memory(a) + memory(b)];
    }
    case 26: {
      need(2);
      const n = popInt();
      const x = pop();
      need(n);
      stack.splice(n, 0, x);
      return [1, 0];
    }
    case 27: {
      const n = popInt();
      need(n + 1);
      stack.unshift(...stack.splice(n, 1));
      return [1, 0];
    }
    case 30:
      alt.unshift(pop());
      return [1, 0];
    case 31:
    case 32: {
      const x = op === 31 ? alt.shift() : alt[0];
      if (x === undefined) throw new VmError("alt");
      stack.unshift(x);
      return [1, 0];
    }
    case 40: {
      const x = pop();
      stack.unshift(sha(Buffer.from(isBinary(x) ? x : serialise(x), "hex")));
      return [20, 0];
    }
    case 41: {
      need(3);
      const [key, data, signature] = [pop(), pop(), pop()];
      stack.unshift(int(isValid(signature, data, key) ? 1 : 0));
      return [20, 0];
    }
    case 58:
    case 59: {
      need(2);
      const isEqual = JSON.stringify(stack[0]) === JSON.stringify(stack[1]);
      if (op === 59) stack.splice(0, 2);
      stack.unshift(int(isEqual ? 1 : 0));
      return [1, 1];
    }
    case 80:
      stack.unshift(int(popInt() === 0 ? 1 : 0));
      return [1, 0];
    case 90:
      stack.unshift(int(stack.length));
      return [1, 2];
    case 94:
      stack.unshift(int(state.height));
      return [1, 2];
    case 96:
      stack.unshift(int(state.opGas));
      return [1, 2];
    case 100:
      stack.unshift(int(state.vars));
      return [1, 2];
    case 101:
      stack.unshift(int(state.manyFuns));
      return [1, 2];
    case 111:
      return [1, 0];
    case 120: {
      need(2);
      const k = popInt();
      if (k === 0) throw new Crash("variable 0");
      if (k > state.vars) throw new VmError("variable");
      state.slots.set(k, pop());
      return [1, 0];
    }
    case 121: {
      const k = popInt();
      if (k === 0) throw new Crash("variable 0");
      if (k > state.vars) throw new VmError("variable");
      const x = state.slots.get(k) ?? [];
      stack.unshift(x);
      return [1, memory(x) + 1];
    }
    case 130: {
      need(2);
      const list = check(pop(), isList);
      stack.unshift([pop(), ...list]);
      return [1, 1];
    }
    case 131: {
      const [head, ...tail] = check(pop(), isList);
      if (head === undefined) throw new VmError("car");
      stack.unshift(tail, head);
      return [1, -1];
    }
    case 132:
      stack.unshift([]);
      return [1, 1];
    case 134: {
      need(2);
      const [b, a] = [pop(), pop()];
      if (isBinary(a) && isBinary(b)) stack.unshift(a + b);
      else stack.unshift([...check(a, isList), ...check(b, isList)]);
      return [1, 1];
    }
    case 135: {
      need(2);
      const n = popInt();
      const x = check(pop(), isBinary);
      if (2 * n > x.length) throw new VmError("split");
      stack.unshift(x.slice(0, 2 * n), x.slice(2 * n));
      return [1, -1];
    }
    case 136: {
      const list = check(pop(), isList);
      stack.unshift([...list].reverse());
      return [list.length, 0];
    }
    case 137:
      need(1);
      stack.unshift(int(isList(stack[0] as NaiveValue) ? 1 : 0));
      return [1, -1];
    default:
      throw new VmError("undefined");
  }
}

function arithmetic(op: number, x: NaiveValue, y: NaiveValue): bigint {
  const b = BigInt(numberOf(check(y, isInt)));
  if (op === 57) {
    if (b === 0n || isList(x)) throw new Crash("rem");
    return BigInt(`0x0${x}`) % b;
  }
  const a = BigInt(numberOf(check(x, isInt)));
  if (op === 50) return a + b;
  if (op === 51) return a - b;
  if (op === 52) return a * b;
  if (op === 54) return a > b ? 1n : 0n;
  if (op === 55) return a < b ? 1n : 0n;
  if (op === 53 ? b === 0n : b > 31n) throw new VmError("operand");
  if (op === 53) return a / b;
  return b === 0n ? 0n : a ** b;
}

function isValid(signature: NaiveValue, data: NaiveValue, key: NaiveValue): boolean {
  if (isList(signature) || isList(key)) throw new Crash("list");
  if (key === "00") return false;
  const raw = Buffer.from(key, "hex");
  const spki = Buffer.concat([
    Buffer.from([0x30, 0, 0x30, 0x10]),
    Buffer.from("06072a8648ce3d020106052b8104000a", "hex"),
    Buffer.from([0x03, raw.length + 1, 0]),
    raw,
  ]);
  spki[1] = spki.length - 2;
  let publicKey: ReturnType<typeof createPublicKey>;
  try {
    if (raw.length > 65) throw new Crash("key");
    publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  } catch (cause) {
    throw new Crash("key", { cause });
  }
  const message = Buffer.from(serialise(data), "hex");
  return verify("sha256", message, publicKey, Buffer.from(signature, "hex"));
}

function check<Kind extends NaiveValue>(
  value: NaiveValue,
  is: (value: NaiveValue | undefined) => value is Kind,
): Kind {
  if (!is(value)) throw new VmError("kind");
  return value;
}

function isBinary(value: NaiveValue | undefined): value is string {
  return typeof value === "string";
}

function isInt(value: NaiveValue | undefined): value is string {
  return typeof value === "string" && value.length === 8;
}

function isList(value: NaiveValue | undefined): value is readonly NaiveValue[] {
  return Array.isArray(value);
}

function numberOf(hex: string): number {
  return Number.parseInt(hex, 16);
}

function int(number: number | bigint): string {
  return BigInt.asUintN(32, BigInt(number)).toString(16).padStart(8, "0");
}

function hexOf(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString("hex");
}

function sha(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function memory(value: NaiveValue): number {
  if (isBinary(value)) return value.length / 2;
  return value.reduce<number>((sum, element) => sum + 1 + memory(element), 1);
}

function serialise(value: NaiveValue): string {
  if (isBinary(value)) return `00${int(value.length / 2)}${value}`;
  const parts = value.map(serialise).join("");
  return `01${int(parts.length / 2)}${parts}`;
}
