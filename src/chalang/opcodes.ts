/** How many bytes follow an opcode as its immediate; `sized` is a 4-byte length and that many bytes. */
export type Immediate = 0 | 1 | 2 | 4 | "sized";

/** One opcode: its byte, the words the assembler knows for it, and its immediate. */
export type Opcode = {
  readonly byte: number;
  readonly words: readonly string[];
  readonly immediate: Immediate;
};

/** The opcodes that code outside the table needs by name. CHALANG.md section 6. */
export const OP = {
  int4: 0,
  binary: 2,
  int1: 3,
  int2: 4,
  return: 11,
  nop: 12,
  if: 70,
  else: 71,
  endIf: 72,
  define: 110,
  end: 111,
  recurse: 112,
  call: 113,
  defineAndPush: 114,
  int0: 140,
} as const;

/** Bytes `OP.int0` to `OP.int0 + SMALL_INT_MAX` are the integers 0 to `SMALL_INT_MAX`. */
export const SMALL_INT_MAX = 35;

/** Every opcode with a word, the first word being the one to print. CHALANG.md sections 3 and 9. */
export const OPCODES: readonly Opcode[] = [
  { byte: OP.int4, words: ["int"], immediate: 4 },
  { byte: OP.binary, words: ["binary"], immediate: "sized" },
  { byte: OP.int1, words: ["int1"], immediate: 1 },
  { byte: OP.int2, words: ["int2"], immediate: 2 },
  ...plain(10, "print", "return", "nop|int0", "fail"),
  ...plain(20, "drop", "dup", "swap", "tuck", "rot", "2dup|ddup", "tuckn", "pickn"),
  ...plain(30, ">r", "r>", "r@"),
  ...plain(40, "hash", "verify_sig", "verify_account_sig"),
  ...plain(50, "+", "-", "*", "/", ">", "<", "^", "rem", "==", "=2"),
  ...plain(70, "if", "else", "then"),
  ...plain(80, "not", "and", "or", "xor", "band", "bor", "bxor"),
  ...plain(90, "stack_size", "id2balance", "pub2addr", "total_coins", "height", "slash"),
  ...plain(96, "gas", "ram", "id2pub|id2addr", "oracle", "many_vars", "many_funs"),
  ...plain(110, ":", ";", "recurse", "call", "def"),
  ...plain(120, "!", "@"),
  ...plain(130, "cons", "car", "nil"),
  ...plain(134, "++", "split", "reverse", "is_list"),
];

function plain(first: number, ...words: readonly string[]): Opcode[] {
  return words.map((word, index) => ({
    byte: first + index,
    words: word.split("|"),
    immediate: 0,
  }));
}

/**
 * Bytes that the fixed part of an opcode's immediate takes, by opcode byte: the length field of
 * `binary`, the number of `int4`, `int2` and `int1`, 0 for all others.
 */
export function fixedImmediate(byte: number): number {
  if (byte > OP.int2) return 0;
  if (byte === OP.int4 || byte === OP.binary) return 4;
  if (byte === OP.int1) return 1;
  return byte === OP.int2 ? 2 : 0;
}
