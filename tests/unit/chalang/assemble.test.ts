import { expect, test } from "vitest";
import { assemble } from "../../../src/chalang/assemble.ts";
import { disassemble } from "../../../src/chalang/disassemble.ts";
import { OPCODES } from "../../../src/chalang/opcodes.ts";
import { formatHex } from "../../../src/lib/hex.ts";
import { SeededRandom } from "../../reference/seededRandom.ts";

function code(source: string): Uint8Array {
  const assembled = assemble(source);
  if (!assembled.ok) throw new Error(assembled.message);
  return assembled.value;
}

test("the examples of the description assemble as written", () => {
  expect(formatHex(code("int 5 int 7 +"))).toBe("919332");
  expect(formatHex(code(": sq dup * ; int 5 sq call"))).toBe(
    "6e15346f910200000020ef180781deb38d944af51162eabffa8c9adc56c7d795953582f1189a6ea3d3a671",
  );
});

test("bytes and a text of the same bytes are the same source", () => {
  const source = '." caf\u00e9" dup';
  const bytes = Uint8Array.from(source, (char) => char.charCodeAt(0));
  expect(assemble(bytes)).toEqual(assemble(source));
});

test.each([
  ["dup (", "COMMENT"],
  ['." open', "STRING"],
  [": f dup", "NO_END"],
  ["macro f dup", "NO_END"],
  ["macro a dup ; macro a drop ;", "NAME_TWICE"],
  [": f ; : f dup ;", "NAME_TWICE"],
  ["int -1", "NUMBER"],
  ["binary 2 AQID", "BINARY_LENGTH"],
  ["binary 3 AQ-_", "BASE64"],
  ["7", "WORD"],
])("%s is refused as %s", (source, reason) => {
  expect(assemble(source)).toMatchObject({ ok: false, code: reason });
});

test("a program is laid out by function and branch, and names what it calls", () => {
  const source = ": f1\n  dup *\n;\nint 5 f1 call int 300\nif\n  int 0\nelse\n  int4 7\nthen\n";
  expect(disassemble(code(source))).toBe(source);
});

test("what the language cannot express is shown, and does not assemble", () => {
  const text = disassemble(Uint8Array.of(21, 5, 2, 0, 0, 0, 0, 0, 1));
  expect(text).toBe("dup 0x05 0x0200000000 0x0001\n");
  expect(assemble(text).ok).toBe(false);
});

/** Code that the language can express: known words, whole immediates, definitions that end. */
function randomCode(random: SeededRandom, length: number): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < length; i++) {
    const opcode = OPCODES[random.below(OPCODES.length)];
    const byte = opcode?.byte ?? 12;
    if (byte === 110 || byte === 111 || byte === 114) {
      bytes.push(random.below(2) === 0 ? 110 : 114);
      for (let left = random.below(5); left > 0; left--) bytes.push(140 + random.below(36));
      bytes.push(111);
    } else if (opcode?.immediate === "sized") {
      const data = random.bytes(1 + random.below(40));
      bytes.push(2, 0, 0, 0, data.length, ...data);
    } else bytes.push(byte, ...random.bytes((opcode?.immediate as number) ?? 0));
  }
  return bytes;
}

test("assembling what was disassembled gives the same bytes", () => {
  const random = new SeededRandom(11);
  for (let i = 0; i < 10_000; i++) {
    const bytes = Uint8Array.from(randomCode(random, random.below(30)));
    expect(formatHex(code(disassemble(bytes)))).toBe(formatHex(bytes));
  }
});

test("any bytes disassemble, and to nothing that assembles to other bytes", () => {
  const random = new SeededRandom(12);
  for (let i = 0; i < 100_000; i++) {
    const bytes = random.bytes(random.below(20));
    const again = assemble(disassemble(bytes));
    if (again.ok) expect(formatHex(again.value)).toBe(formatHex(bytes));
  }
});

test("random source gives a verdict", () => {
  const random = new SeededRandom(13);
  const words = OPCODES.flatMap((opcode) => opcode.words);
  const pieces = [...words, "macro", "f", "X", "7", "-1", "AQID", '." ', '"', "(", ")", "%", "\n"];
  for (let i = 0; i < 100_000; i++) {
    const source =
      i % 2 === 0
        ? random.bytes(random.below(60))
        : Array.from({ length: random.below(16) }, () => pieces[random.below(pieces.length)]).join(
            " ",
          );
    expect(typeof assemble(source).ok).toBe("boolean");
  }
});
