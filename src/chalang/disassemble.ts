import { formatBase64 } from "../lib/base64.ts";
import { sha256 } from "../lib/hash.ts";
import { formatHex } from "../lib/hex.ts";
import { fixedImmediate, OP, OPCODES, SMALL_INT_MAX } from "./opcodes.ts";
import { readUint32 } from "./value.ts";

const WORDS = new Map(OPCODES.map(({ byte, words }) => [byte, words[0] as string]));
const INDENT = "  ";
const ID_BYTES = 32;

/**
 * Code as source in the assembly language: one function or branch to a line, functions named `f1`,
 * `f2`… in order. Assembling it gives the same bytes wherever the language can express them; what
 * it cannot (bytes that are no opcode, cut immediates, the empty binary) is shown as a word `0x…`, which
 * does not assemble.
 */
export function disassemble(code: Uint8Array): string {
  const lines: string[] = [];
  let line: string[] = [];
  let depth = 0;
  const breakLine = (): void => {
    if (line.length > 0) lines.push(INDENT.repeat(Math.min(depth, 16)) + line.join(" "));
    line = [];
  };
  for (const { op, word } of decodeWords(code)) {
    const isOpening = op === OP.define || op === OP.defineAndPush || op === OP.if;
    const isClosing = op === OP.end || op === OP.endIf;
    if (isOpening || isClosing || op === OP.else) breakLine();
    if (isClosing || op === OP.else) depth = Math.max(0, depth - 1);
    line.push(word);
    if (isOpening || isClosing || op === OP.else) breakLine();
    if (isOpening || op === OP.else) depth++;
  }
  breakLine();
  return lines.map((text) => `${text}\n`).join("");
}

type Word = { readonly op: number; readonly word: string };

function decodeWords(code: Uint8Array): readonly Word[] {
  const words: Word[] = [];
  const names = new Map<string, string>();
  let functionCount = 0;
  for (let at = 0; at < code.length; ) {
    const op = code[at] as number;
    const next = findNext(code, at);
    if (op === OP.define && next < code.length) {
      functionCount++;
      const name = `f${functionCount}`;
      const body = findBody(code, next);
      const id = body === undefined ? undefined : formatHex(sha256(body));
      // No body holds its own hash, so the name cannot be met before it is defined.
      if (id !== undefined && !names.has(id)) names.set(id, name);
      words.push({ op, word: `: ${name}` });
    } else {
      words.push({ op, word: formatInstruction(code.subarray(at, next), names) });
    }
    at = next;
  }
  return words;
}

/** Offset behind the instruction at `at`; the end of the code where its immediate is cut. */
function findNext(code: Uint8Array, at: number): number {
  const op = code[at] as number;
  const fixed = at + 1 + fixedImmediate(op);
  if (fixed > code.length) return code.length;
  return op === OP.binary ? Math.min(code.length, fixed + readUint32(code, at + 1)) : fixed;
}

/** The bytes from `at` up to the next `;`, if no other definition begins before. */
function findBody(code: Uint8Array, at: number): Uint8Array | undefined {
  for (let i = at; i < code.length; i = findNext(code, i)) {
    if (code[i] === OP.end) return code.subarray(at, i);
    if (code[i] === OP.define) return undefined;
  }
  return undefined;
}

function formatInstruction(bytes: Uint8Array, names: ReadonlyMap<string, string>): string {
  const op = bytes[0] as number;
  if (op >= OP.int0 && op <= OP.int0 + SMALL_INT_MAX) return `int ${op - OP.int0}`;
  const fixed = fixedImmediate(op);
  const word = WORDS.get(op);
  const raw = `0x${formatHex(bytes)}`;
  if (word === undefined) return raw;
  // Without its immediate an opcode is a word of its own, at the end of the source.
  if (fixed === 0 || bytes.length === 1) return word;
  if (bytes.length < 1 + fixed) return raw;
  if (op === OP.binary) return formatBinary(bytes.subarray(5), readUint32(bytes, 1), names) ?? raw;
  const number = bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  if (op === OP.int4) return `${number > 0xffff ? "int" : "int4"} ${number}`;
  if (op === OP.int2) return `${number > 0xff ? "int" : "int2"} ${number}`;
  return `${number > SMALL_INT_MAX ? "int" : "int1"} ${number}`;
}

/** Undefined where the language cannot express it. */
function formatBinary(
  data: Uint8Array,
  length: number,
  names: ReadonlyMap<string, string>,
): string | undefined {
  if (length === 0 || data.length !== length) return undefined;
  const name = data.length === ID_BYTES ? names.get(formatHex(data)) : undefined;
  return name ?? `binary ${length} ${formatBase64(data)}`;
}
