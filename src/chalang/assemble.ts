import { parseBase64 } from "../lib/base64.ts";
import { concatBytes, joinBytes } from "../lib/bytes.ts";
import { sha256 } from "../lib/hash.ts";
import { demand, judge, Refusal, type Verdict } from "../lib/verdict.ts";
import { CAPS } from "./budget.ts";
import { OP, OPCODES, SMALL_INT_MAX } from "./opcodes.ts";
import { indexOfEnd, readSourceWords } from "./sourceWords.ts";
import { bytesOf } from "./value.ts";

const BYTES_BY_WORD = new Map(
  OPCODES.flatMap(({ byte, words }) => words.map((word) => [word, Uint8Array.of(byte)] as const)),
);

/**
 * The code of a source in the original's assembly language, byte for byte as its own assembler
 * gives it. A source that it crashes on is refused.
 *
 * @param source - bytes, or a text whose characters are one byte each (code points 0 to 255).
 * @see CHALANG.md section 9
 */
export function assemble(source: Uint8Array | string): Verdict<Uint8Array> {
  return judge(() => {
    demand(source.length <= CAPS.binaryBytes, "TOO_LONG", `${source.length} bytes of source`);
    const text = typeof source === "string" ? source : toText(source);
    for (let i = 0; i < text.length; i++) {
      demand(text.charCodeAt(i) < 256, "NOT_BYTES", `the character at ${i} is not a byte`);
    }
    return assembleWords(readSourceWords(text));
  });
}

function toText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function assembleWords(words: readonly string[]): Uint8Array {
  const assembler = new Assembler();
  for (let i = 0; i < words.length; i++) {
    const name = words[i + 1];
    if (words[i] !== ":" || name === undefined) continue;
    const end = indexOfEnd(words, i + 2);
    assembler.nameFunction(name, words.slice(i + 2, end));
    i = end;
  }
  return assembler.assemble(removeFunctionNames(words));
}

/** Drop one word behind every `:`, wherever it stands. */
function removeFunctionNames(words: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    kept.push(words[i] as string);
    if (words[i] === ":") i++;
  }
  return kept;
}

/** Assembles words, knowing the functions named and the variables numbered so far. */
class Assembler {
  readonly #functions = new Map<string, Uint8Array>();
  readonly #variables = new Map<string, number>();

  /** Know `name` as the id of the body, which was assembled knowing only earlier functions. */
  nameFunction(name: string, body: readonly string[]): void {
    const id = sha256(this.assemble(body));
    if (this.#functions.has(name)) {
      throw new Refusal("NAME_TWICE", `the function ${name} is defined twice`);
    }
    this.#functions.set(name, pushBinary(id));
  }

  assemble(words: readonly string[]): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as string;
      const first = words[i + 1];
      const second = words[i + 2];
      const integer = INTEGERS.get(word);
      if (integer !== undefined && first !== undefined) {
        parts.push(integer(first));
        i += 1;
      } else if (word === "binary" && first !== undefined && second !== undefined) {
        parts.push(readBinary(first, second));
        i += 2;
      } else {
        parts.push(this.#readWord(word));
      }
    }
    return joinBytes(parts);
  }

  #readWord(word: string): Uint8Array {
    const known = BYTES_BY_WORD.get(word) ?? this.#functions.get(word);
    if (known !== undefined) return known;
    if (!/^[A-Ya-y]/.test(word)) throw new Refusal("WORD", `no such word: ${word}`);
    const number = this.#variables.get(word) ?? this.#variables.size + 1;
    this.#variables.set(word, number);
    if (number <= SMALL_INT_MAX) return Uint8Array.of(OP.int0 + number);
    return number < 256 ? Uint8Array.of(OP.int1, number) : pushInt4(number);
  }
}

/** The words that take a number, with what they make of it. */
const INTEGERS: ReadonlyMap<string, (text: string) => Uint8Array> = new Map([
  ["int", (text) => pushShortest(text)],
  ["int4", (text) => pushInt4(readModulo(text, 2 ** 32))],
  [
    "int2",
    (text) => {
      const number = readModulo(text, 2 ** 16);
      return Uint8Array.of(OP.int2, number >>> 8, number & 0xff);
    },
  ],
  ["int1", (text) => Uint8Array.of(OP.int1, readModulo(text, 2 ** 8))],
  [
    "int0",
    (text) => {
      const number = readNumber(text);
      demand(number >= 0 && number <= SMALL_INT_MAX, "NUMBER", `int0 takes 0 to 35, got ${text}`);
      return Uint8Array.of(OP.int0 + number);
    },
  ],
]);

function pushShortest(text: string): Uint8Array {
  const number = readNumber(text);
  demand(number >= 0 && number < 2 ** 32, "NUMBER", `int takes 0 to 2^32 - 1, got ${text}`);
  if (number <= SMALL_INT_MAX) return Uint8Array.of(OP.int0 + number);
  if (number < 2 ** 8) return Uint8Array.of(OP.int1, number);
  if (number < 2 ** 16) return Uint8Array.of(OP.int2, number >>> 8, number & 0xff);
  return pushInt4(number);
}

function pushInt4(number: number): Uint8Array {
  return concatBytes(Uint8Array.of(OP.int4), bytesOf(number));
}

function pushBinary(bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(OP.binary), bytesOf(bytes.length), bytes);
}

/** `binary N BASE64`: N is the decoded length. Bits of the last letter beyond it are ignored. */
function readBinary(length: string, text: string): Uint8Array {
  const padding = /={0,2}$/.exec(text)?.[0].length ?? 0;
  const last = text.length - padding - 1;
  const canonical =
    text.slice(0, last) + clearUnusedBits(text[last] ?? "", padding) + text.slice(last + 1);
  const bytes = parseBase64(padding === 0 ? text : canonical);
  if (bytes === undefined) throw new Refusal("BASE64", "a binary is not base64");
  demand(readNumber(length) === bytes.length, "BINARY_LENGTH", `a binary's length is ${length}`);
  return pushBinary(bytes);
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function clearUnusedBits(letter: string, padding: number): string {
  const value = LETTERS.indexOf(letter);
  return letter === "" || value < 0 ? letter : (LETTERS[value & (padding === 2 ? 48 : 60)] ?? "");
}

/** A decimal number; as a double, which is exact as far as any caller takes it. */
function readNumber(text: string): number {
  demand(/^[+-]?\d+$/.test(text), "NUMBER", `not a decimal number: ${text}`);
  return Number(text);
}

/** A decimal number of any length modulo `modulus`, at most 2^32. */
function readModulo(text: string, modulus: number): number {
  demand(/^[+-]?\d+$/.test(text), "NUMBER", `not a decimal number: ${text}`);
  let rest = 0;
  for (const digit of text.replace(/^[+-]/, "")) rest = (rest * 10 + Number(digit)) % modulus;
  return text.startsWith("-") ? (modulus - rest) % modulus : rest;
}
