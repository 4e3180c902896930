import { sha256 } from "../lib/hash.ts";
import { append, combineBits, power, remainderOf, reverseList } from "./binaryInstructions.ts";
import { CAPS, Stop, WORK } from "./budget.ts";
import { BAD, type Code, RETURN_MARKER } from "./code.ts";
import { equalValues } from "./equalValues.ts";
import { Chunks, type Machine } from "./machine.ts";
import { OP } from "./opcodes.ts";
import { serialise } from "./serialise.ts";
import { binaryValue, bytesOf, cons, EMPTY_LIST, List, memoryOf, type Value } from "./value.ts";
import { verifySignature } from "./verifySignature.ts";

/**
 * Run a script, given decoded as `program` too, to its end on the machine's state; throws a `Stop` where it fails. After a `Stop` the
 * state is of no use.
 *
 * This is the one hot loop of the room: the state that every opcode touches is kept in locals, an
 * integer is an unboxed number, and a chunk is a range of decoded code, so that no step copies code.
 *
 * @see CHALANG.md sections 4 to 6
 */
export function execute(machine: Machine, script: Uint8Array, program: Code): void {
  const { stack, alt, ramLimit, budget } = machine;
  const chunks = new Chunks();
  let gas = machine.gas;
  let ram = machine.ram;
  let ramMost = machine.ramMost;
  let sp = machine.depth;
  let code = program;
  let ops = code.ops;
  let pc = 0;
  let end = ops.length;

  for (;;) {
    if (gas < 0) throw new Stop("error", "out of time");
    if (ram > ramLimit) throw new Stop("error", "out of space");
    if (ram > ramMost) ramMost = ram;
    if (pc === end) {
      if (sp + alt.length > CAPS.stackValues) throw new Stop("limit", "too many values");
      while (pc === end && chunks.count > 0) {
        const next = --chunks.count;
        code = chunks.codes[next] as Code;
        pc = chunks.starts[next] as number;
        end = chunks.ends[next] as number;
      }
      if (pc === end) break;
      ops = code.ops;
    }
    switch (ops[pc++]) {
      case OP.int4: {
        stack[sp++] = code.args[pc - 1] as Value;
        gas -= 1;
        ram += 1;
        continue;
      }
      case OP.binary: {
        stack[sp++] = code.args[pc - 1] as Value;
        const { offsets } = code;
        gas -= (offsets[pc] as number) - (offsets[pc - 1] as number) - 5;
        ram += 1;
        continue;
      }
      case 10: // print
      case OP.nop:
        continue;
      case OP.return: {
        chunks.count = 0;
        pc = end;
        continue;
      }
      case 13:
        throw new Stop("error", "fail");
      case 20: {
        // drop
        if (sp < 1) throw underflow();
        const x = stack[--sp] as Value;
        gas -= 1;
        ram -= (typeof x === "number" ? 4 : memoryOf(x)) + 2;
        continue;
      }
      case 21: {
        // dup
        if (sp < 1) throw underflow();
        const x = stack[sp - 1] as Value;
        stack[sp++] = x;
        gas -= 1;
        ram += typeof x === "number" ? 4 : memoryOf(x);
        continue;
      }
      case 22: {
        // swap
        if (sp < 2) throw underflow();
        const top = stack[sp - 1] as Value;
        stack[sp - 1] = stack[sp - 2] as Value;
        stack[sp - 2] = top;
        gas -= 1;
        continue;
      }
      case 23: {
        // tuck
        if (sp < 3) throw underflow();
        const top = stack[sp - 1] as Value;
        stack[sp - 1] = stack[sp - 2] as Value;
        stack[sp - 2] = stack[sp - 3] as Value;
        stack[sp - 3] = top;
        gas -= 1;
        continue;
      }
      case 24: {
        // rot
        if (sp < 3) throw underflow();
        const third = stack[sp - 3] as Value;
        stack[sp - 3] = stack[sp - 2] as Value;
        stack[sp - 2] = stack[sp - 1] as Value;
        stack[sp - 1] = third;
        gas -= 1;
        continue;
      }
      case 25: {
        // 2dup
        if (sp < 2) throw underflow();
        const a = stack[sp - 2] as Value;
        const b = stack[sp - 1] as Value;
        stack[sp++] = a;
        stack[sp++] = b;
        gas -= 1;
        ram += memoryOf(a) + memoryOf(b);
        continue;
      }
      case 26: {
        // tuckn
        const n = stack[sp - 1];
        if (sp < 2 || typeof n !== "number") throw badOperand();
        const x = stack[sp - 2] as Value;
        sp -= 2;
        if (n > sp) throw underflow();
        budget.pay(n);
        for (let i = sp; i > sp - n; i--) stack[i] = stack[i - 1] as Value;
        stack[sp - n] = x;
        sp++;
        gas -= 1;
        continue;
      }
      case 27: {
        // pickn
        const n = stack[sp - 1];
        if (sp < 2 || typeof n !== "number") throw badOperand();
        sp--;
        if (n >= sp) throw underflow();
        budget.pay(n);
        const x = stack[sp - 1 - n] as Value;
        for (let i = sp - 1 - n; i < sp - 1; i++) stack[i] = stack[i + 1] as Value;
        stack[sp - 1] = x;
        gas -= 1;
        continue;
      }
      case 30: {
        // >r
        if (sp < 1) throw underflow();
        alt.push(stack[--sp] as Value);
        gas -= 1;
        continue;
      }
      case 31: {
        // r>
        const x = alt.pop();
        if (x === undefined) throw underflow();
        stack[sp++] = x;
        gas -= 1;
        continue;
      }
      case 32: {
        // r@
        const x = alt[alt.length - 1];
        if (x === undefined) throw underflow();
        stack[sp++] = x;
        gas -= 1;
        continue;
      }
      case 40: {
        // hash
        if (sp < 1) throw underflow();
        stack[sp - 1] = hashOf(machine, stack[sp - 1] as Value);
        gas -= 20;
        continue;
      }
      case 41: {
        // verify_sig
        if (sp < 3) throw underflow();
        const key = stack[sp - 1] as Value;
        const data = stack[sp - 2] as Value;
        const isValid = verifySignature(stack[sp - 3] as Value, data, key, budget);
        sp -= 2;
        stack[sp - 1] = isValid ? 1 : 0;
        gas -= 20;
        continue;
      }
      case 50: {
        // +
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || typeof x !== "number" || typeof y !== "number") throw badOperand();
        stack[--sp - 1] = (x + y) >>> 0;
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 51: {
        // -
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || typeof x !== "number" || typeof y !== "number") throw badOperand();
        stack[--sp - 1] = (x - y) >>> 0;
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 52: {
        // *
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || typeof x !== "number" || typeof y !== "number") throw badOperand();
        stack[--sp - 1] = Math.imul(x, y) >>> 0;
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 53: {
        // /
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || typeof x !== "number" || typeof y !== "number") throw badOperand();
        if (y === 0) throw new Stop("error", "division by zero");
        stack[--sp - 1] = ((x >>> 0) / (y >>> 0)) >>> 0;
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 54: {
        // >
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || typeof x !== "number" || typeof y !== "number") throw badOperand();
        stack[--sp - 1] = x > y ? 1 : 0;
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 55: {
        // <
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || typeof x !== "number" || typeof y !== "number") throw badOperand();
        stack[--sp - 1] = x < y ? 1 : 0;
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 56: {
        // ^
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || typeof x !== "number" || typeof y !== "number") throw badOperand();
        if (y > 31) throw new Stop("error", "an exponent above 31");
        stack[--sp - 1] = power(x, y);
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 57: {
        // rem
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || x === undefined || typeof y !== "number") throw badOperand();
        if (y === 0) throw new Stop("crash", "remainder by zero");
        if (typeof x === "number") {
          stack[--sp - 1] = (x >>> 0) % (y >>> 0);
        } else {
          if (x instanceof List) throw new Stop("crash", "remainder of a list");
          stack[--sp - 1] = remainderOf(x, y, budget);
        }
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 58: {
        // ==
        if (sp < 2) throw underflow();
        const y = stack[sp - 1] as Value;
        const x = stack[sp - 2] as Value;
        stack[sp++] = x === y || (typeof x !== "number" && equalValues(x, y, budget)) ? 1 : 0;
        gas -= 1;
        ram += 1;
        continue;
      }
      case 59: {
        // =2
        if (sp < 2) throw underflow();
        const y = stack[--sp] as Value;
        const x = stack[sp - 1] as Value;
        stack[sp - 1] = x === y || (typeof x !== "number" && equalValues(x, y, budget)) ? 1 : 0;
        gas -= 1;
        ram += 1;
        continue;
      }
      case OP.if: {
        const x = stack[sp - 1];
        if (sp < 1 || typeof x !== "number") throw new Stop("crash", "if without an integer");
        sp--;
        const number = code.args[pc - 1] as number;
        if (code.thens[number] === 0) code.scanIf(pc - 1);
        const bStart = code.elses[number] as number;
        const rest = code.thens[number] as number;
        if (rest < 0 || rest > end) throw new Stop("error", "if without else and then");
        const { offsets } = code;
        const aBytes = (offsets[bStart] as number) - (offsets[pc] as number) - 1;
        const bBytes = (offsets[rest] as number) - (offsets[bStart] as number) - 1;
        gas -= aBytes + bBytes;
        if (chunks.count >= CAPS.chunks) throw new Stop("limit", "too many chunks");
        chunks.pushRest(code, rest, end);
        if (x !== 0) {
          ram -= bBytes + 1;
          end = bStart - 1;
        } else {
          ram -= aBytes + 1;
          pc = bStart;
          end = rest - 1;
        }
        continue;
      }
      case 80: {
        // not
        const x = stack[sp - 1];
        if (sp < 1 || typeof x !== "number") throw badOperand();
        stack[sp - 1] = x === 0 ? 1 : 0;
        gas -= 1;
        continue;
      }
      case 81: {
        // and
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || typeof x !== "number" || typeof y !== "number") throw badOperand();
        stack[--sp - 1] = x !== 0 && y !== 0 ? 1 : 0;
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 82: {
        // or
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || typeof x !== "number" || typeof y !== "number") throw badOperand();
        stack[--sp - 1] = x !== 0 || y !== 0 ? 1 : 0;
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 83: {
        // xor
        const y = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || typeof x !== "number" || typeof y !== "number") throw badOperand();
        stack[--sp - 1] = (x !== 0) !== (y !== 0) ? 1 : 0;
        gas -= 1;
        ram -= 2;
        continue;
      }
      case 84: // band
      case 85: // bor
      case 86: {
        // bxor
        if (sp < 2) throw underflow();
        const b = stack[sp - 1] as Value;
        const a = stack[sp - 2] as Value;
        if (a instanceof List || b instanceof List) throw badOperand();
        stack[--sp - 1] = combineBits(ops[pc - 1] as number, a, b, budget);
        gas -= 8 * Math.max(memoryOf(a), memoryOf(b));
        // The original means the smaller operand here, but always takes the top one.
        ram -= 8 * memoryOf(b) + 1;
        continue;
      }
      case 90: {
        // stack_size
        stack[sp] = sp;
        sp++;
        gas -= 1;
        ram += 2;
        continue;
      }
      case 94: {
        // height
        if (machine.height === undefined) throw new Stop("crash", "no height is given");
        stack[sp++] = toUint32(machine.height);
        gas -= 1;
        ram += 2;
        continue;
      }
      case 96: {
        // gas
        stack[sp++] = toUint32(gas);
        gas -= 1;
        ram += 2;
        continue;
      }
      case 100: {
        // many_vars
        stack[sp++] = toUint32(machine.vars);
        gas -= 1;
        ram += 2;
        continue;
      }
      case 101: {
        // many_funs
        stack[sp++] = toUint32(machine.functionCount);
        gas -= 1;
        ram += 2;
        continue;
      }
      case OP.define:
      case OP.defineAndPush: {
        const close = code.args[pc - 1] as number;
        if (close < 0 || close >= end) throw new Stop("error", "a definition without an end");
        if (machine.functionCount >= machine.functionLimit) {
          throw new Stop("error", "too many functions");
        }
        machine.functionCount++;
        const defined = machine.functions.define(script, program, pc, close, budget);
        const size = defined.size + 32;
        if (ops[pc - 1] === OP.defineAndPush) stack[sp++] = defined.id;
        gas -= size + 30;
        ram += 2 * size;
        pc = close + 1;
        continue;
      }
      case OP.end: {
        gas -= 1;
        continue;
      }
      case OP.call: {
        const site = code.args[pc - 1] as number;
        // The tail rule: return markers right behind a call go, as long as there are any.
        while (pc < end && ops[pc] === OP.end) pc++;
        if (pc === end) {
          while (chunks.count > 0 && isMarker(chunks)) chunks.count--;
        }
        if (sp < 1) throw underflow();
        const id = stack[--sp] as Value;
        if (code.calledIds[site] !== id) {
          code.called[site] = machine.functions.find(id);
          code.calledIds[site] = id;
        }
        const called = code.called[site];
        if (called === undefined) throw new Stop("error", "a call of no function");
        gas -= called.size + 10;
        ram += called.size + 2;
        if (sp + alt.length > CAPS.stackValues) throw new Stop("limit", "too many values");
        if (chunks.count >= CAPS.chunks) throw new Stop("limit", "too many chunks");
        chunks.pushRest(code, pc, end);
        chunks.push(RETURN_MARKER, 0, 1);
        code = called.code;
        ops = code.ops;
        pc = 0;
        end = ops.length;
        continue;
      }
      case 120: {
        // !
        const k = stack[sp - 1];
        if (sp < 2 || typeof k !== "number") throw badOperand();
        if (k === 0) throw new Stop("crash", "variable 0");
        if (k > machine.vars) throw new Stop("error", "no such variable");
        storeSlot(machine, k, stack[sp - 2] as Value);
        sp -= 2;
        gas -= 1;
        continue;
      }
      case 121: {
        // @
        const k = stack[sp - 1];
        if (sp < 1 || typeof k !== "number") throw badOperand();
        if (k === 0) throw new Stop("crash", "variable 0");
        if (k > machine.vars) throw new Stop("error", "no such variable");
        const x = machine.slots[k] ?? EMPTY_LIST;
        stack[sp - 1] = x;
        gas -= 1;
        ram += memoryOf(x) + 1;
        continue;
      }
      case 130: {
        // cons
        const list = stack[sp - 1];
        if (sp < 2 || !(list instanceof List)) throw badOperand();
        budget.pay(WORK.cell);
        sp--;
        stack[sp - 1] = cons(stack[sp - 1] as Value, list);
        gas -= 1;
        ram += 1;
        continue;
      }
      case 131: {
        // car
        const list = stack[sp - 1];
        if (sp < 1 || !(list instanceof List) || list.tail === undefined) throw badOperand();
        stack[sp - 1] = list.head;
        stack[sp++] = list.tail;
        gas -= 1;
        ram -= 1;
        continue;
      }
      case 132: {
        // nil
        stack[sp++] = EMPTY_LIST;
        gas -= 1;
        ram += 1;
        continue;
      }
      case 134: {
        // ++
        if (sp < 2) throw underflow();
        sp--;
        stack[sp - 1] = append(stack[sp - 1] as Value, stack[sp] as Value, budget);
        gas -= 1;
        ram += 1;
        continue;
      }
      case 135: {
        // split
        const n = stack[sp - 1];
        const x = stack[sp - 2];
        if (sp < 2 || x === undefined || typeof n !== "number") throw badOperand();
        if (x instanceof List) throw new Stop("error", "a list to split");
        const bytes = bytesOf(x);
        if (n > bytes.length) throw new Stop("error", "a split behind the end");
        budget.pay(2 * WORK.binary);
        stack[sp - 2] = binaryValue(bytes.subarray(n));
        stack[sp - 1] = binaryValue(bytes.subarray(0, n));
        gas -= 1;
        ram -= 1;
        continue;
      }
      case 136: {
        // reverse
        const list = stack[sp - 1];
        if (sp < 1 || !(list instanceof List)) throw badOperand();
        stack[sp - 1] = reverseList(list, budget);
        gas -= list.length;
        continue;
      }
      case 137: {
        // is_list
        if (sp < 1) throw underflow();
        stack[sp] = stack[sp - 1] instanceof List ? 1 : 0;
        sp++;
        gas -= 1;
        ram -= 1;
        continue;
      }
      case BAD.gated:
        throw new Stop("crash", "not an opcode of this version");
      default:
        throw new Stop("error", "not an opcode");
    }
  }
  machine.gas = gas;
  machine.ram = ram;
  machine.ramMost = ramMost;
  machine.depth = sp;
}

function underflow(): Stop {
  return new Stop("error", "too few values");
}

function badOperand(): Stop {
  return new Stop("error", "too few values, or one of the wrong kind");
}

/** Modulo 2^32, for any safe integer. */
function toUint32(number: number): number {
  const rest = number % 2 ** 32;
  return rest < 0 ? rest + 2 ** 32 : rest;
}

/** Whether the next chunk is exactly the single byte 111, a return marker or not. */
function isMarker(chunks: Chunks): boolean {
  const next = chunks.count - 1;
  const start = chunks.starts[next] as number;
  if ((chunks.ends[next] as number) - start !== 1) return false;
  return (chunks.codes[next] as Code).ops[start] === OP.end;
}

function storeSlot(machine: Machine, k: number, value: Value): void {
  const { slots } = machine;
  // Filled up to k, so that the array stays dense.
  if (k >= slots.length) machine.budget.pay((k - slots.length) * WORK.cell);
  while (slots.length <= k) slots.push(EMPTY_LIST);
  slots[k] = value;
}

function hashOf(machine: Machine, value: Value): Value {
  if (machine.hashSize > 32) throw new Stop("crash", "a hash longer than SHA-256");
  const isList = value instanceof List;
  const bytes = isList ? serialise(value, machine.budget) : bytesOf(value);
  machine.budget.pay(WORK.binary + bytes.length);
  const digest = sha256(bytes);
  return binaryValue(machine.hashSize === 32 ? digest : digest.subarray(0, machine.hashSize));
}
